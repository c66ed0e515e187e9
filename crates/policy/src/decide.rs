//! The decision: may this principal do this to this object? Cedar behind a trait of our own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;

use crate::explain::Explanation;
use crate::facts::Facts;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    User,
    Client,
    Operator,
    Anonymous,
}

/// The principal of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub kind: SubjectKind,
    /// Who verified it: the `iss` of its token; empty for API keys, and where nobody says.
    pub issuer: Arc<str>,
    /// What the credential calls it: the subject there, or the client.
    pub name: Arc<str>,
    /// What owner values are compared with, see [`crate::bindings::Principals::confine`]. Empty: it owns nothing.
    pub subject: Arc<str>,
    /// Empty where there is none: it then equals no object's.
    pub tenant: Arc<str>,
    pub roles: BTreeSet<Arc<str>>,
    pub scopes: BTreeSet<Arc<str>>,
    /// Authentication context class (OpenID Connect Core section 2); empty where the token says none.
    pub acr: Arc<str>,
    /// Seconds since the person authenticated (`auth_time`).
    pub auth_age_s: Option<u64>,
    pub attributes: BTreeMap<Arc<str>, Arc<str>>,
}

impl Subject {
    /// Without roles, scopes and attributes; nothing is known of how it authenticated.
    pub fn new(kind: SubjectKind, subject: impl Into<Arc<str>>, tenant: impl Into<Arc<str>>) -> Self {
        let subject = subject.into();
        Self {
            kind,
            issuer: "".into(),
            name: Arc::clone(&subject),
            subject,
            tenant: tenant.into(),
            roles: BTreeSet::new(),
            scopes: BTreeSet::new(),
            acr: "".into(),
            auth_age_s: None,
            attributes: BTreeMap::new(),
        }
    }

    /// Whether the value of an owner names this principal.
    pub fn is(&self, owner: &str) -> bool {
        !owner.is_empty() && *self.subject == *owner
    }

    #[must_use]
    pub fn holding(mut self, roles: &[&str], scopes: &[&str]) -> Self {
        self.roles.extend(roles.iter().map(|role| Arc::from(*role)));
        self.scopes.extend(scopes.iter().map(|scope| Arc::from(*scope)));
        self
    }
}

/// The object of a decision.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// The operation as such; it concerns no object, or none that is known yet.
    Api,
    Object {
        kind: &'a str,
        id: &'a str,
        facts: &'a Facts,
    },
}

/// Circumstances that policies may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub method: &'a str,
    pub now_unix_s: u64,
    pub address: std::net::IpAddr,
    /// Names of properties that the request writes.
    pub written: &'a [Arc<str>],
}

/// One question.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    pub subject: &'a Subject,
    /// The operation's id.
    pub operation: &'a str,
    pub target: Target<'a>,
    pub circumstances: Circumstances<'a>,
}

/// The answer. Whatever went wrong in evaluating is a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    /// Ids of the policies that decided: the permits of a yes; the forbids of a no, none where nothing permitted.
    pub policies: Vec<Arc<str>>,
    /// What went wrong, without values; not empty means refused.
    pub faults: Vec<String>,
}

impl Decision {
    pub fn fault(what: impl Into<String>) -> Self {
        Self { allowed: false, policies: Vec::new(), faults: vec![what.into()] }
    }
}

/// What can be said of a set of policies about tenants.
#[derive(Debug, Clone, Default)]
pub struct Isolation {
    /// The guards that were found: kind of principal, policy, place.
    pub guards: Vec<(SubjectKind, Arc<str>, model::Place)>,
    /// Operations, each with a kind of guarded principal and a type of object, in whose own policies the guard was found.
    pub guarded: u64,
    /// Operations in whose own policies it was not found.
    pub unguarded: Vec<Arc<str>>,
    /// Questions over two tenants that were tried.
    pub questions: u64,
    /// A question whose answer crosses tenants.
    pub crossing: Option<Crossing>,
}

/// A counterexample: who gets at what of another tenant.
#[derive(Debug, Clone)]
pub struct Crossing {
    pub subject: Subject,
    pub operation: Arc<str>,
    pub kind: Arc<str>,
    pub facts: Facts,
    pub method: &'static str,
    pub now_unix_s: u64,
    pub address: std::net::IpAddr,
    pub written: Vec<Arc<str>>,
    pub policies: Vec<Arc<str>>,
}

impl Crossing {
    /// As a case of a table of expected decisions, which shows it happen: JSON, and so YAML as well.
    pub fn case(&self) -> serde_json::Value {
        let subject = &self.subject;
        let kind = if subject.kind == SubjectKind::Client { "client" } else { "user" };
        let own = subject.attributes.iter().map(|(name, value)| (name.to_string(), (**value).into()));
        let mut principal = object([
            ("type", kind.into()),
            ("subject", (*subject.subject).into()),
            ("tenant", (*subject.tenant).into()),
            ("roles", texts(subject.roles.iter()).into()),
            ("scopes", texts(subject.scopes.iter()).into()),
            ("acr", (*subject.acr).into()),
            ("attributes", own.collect::<serde_json::Map<_, serde_json::Value>>().into()),
        ]);
        principal.extend(subject.auth_age_s.map(|age| ("auth_age_s".to_owned(), age.into())));
        let mut touched = object([("type", (*self.kind).into()), ("id", "1".into())]);
        let mut attributes = serde_json::Map::new();
        for fact in self.facts.iter() {
            let is_own = [crate::TENANT, crate::OWNER, crate::PARENT].contains(&&*fact.name);
            let place = if is_own { &mut touched } else { &mut attributes };
            place.insert(fact.name.to_string(), (*fact.value).into());
        }
        touched.insert("attributes".to_owned(), attributes.into());
        serde_json::json!({
            "name": "crosses tenants", "principal": principal, "operation": *self.operation, "object": touched,
            "context": {
                "method": self.method, "now_s": self.now_unix_s, "address": self.address.to_string(),
                "written": texts(self.written.iter()),
            },
            "expect": "deny",
        })
    }
}

fn object<const N: usize>(
    members: [(&str, serde_json::Value); N],
) -> serde_json::Map<String, serde_json::Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn texts<'a>(words: impl Iterator<Item = &'a Arc<str>>) -> Vec<&'a str> {
    words.map(|word| &**word).collect()
}

impl std::fmt::Display for Crossing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |words: &mut dyn Iterator<Item = &Arc<str>>| -> String {
            words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        };
        write!(f, "{:?} `{}` of tenant `{}`", self.subject.kind, self.subject.subject, self.subject.tenant)?;
        if !self.subject.roles.is_empty() {
            write!(f, " with the roles and scopes {}", list(&mut self.subject.roles.iter()))?;
        }
        write!(f, " may call {} on the {} of ", self.operation, self.kind)?;
        write!(f, "tenant `{}`", self.facts.tenant().map_or("", |said| &**said))?;
        if let Some(owner) = self.facts.owner().filter(|owner| !owner.is_empty()) {
            write!(f, " that `{owner}` owns")?;
        }
        write!(f, ", permitted by {}", list(&mut self.policies.iter()))
    }
}

/// Decides; a function of its inputs.
pub trait Decider: Send + Sync + std::fmt::Debug {
    fn decide(&self, query: &Query<'_>) -> Decision;

    /// Attributes of objects that the policies of an operation ask for, `owner` and `tenant` among them.
    fn asks_for(&self, operation: &str) -> &BTreeSet<Arc<str>>;

    /// Those of them that a policy asks for which forbids: where nobody knows them, it says nothing.
    fn forbids_by(&self, operation: &str) -> &BTreeSet<Arc<str>> {
        self.asks_for(operation)
    }

    /// Whether the policies of an operation ask which properties the request writes.
    fn asks_what_is_written(&self, _operation: &str) -> bool {
        true
    }

    /// Texts that the policies of an operation hold, names of properties among them.
    fn words_of(&self, _operation: &str) -> BTreeSet<Arc<str>> {
        BTreeSet::new()
    }

    /// The policies as they are written, by the name of their file.
    fn written(&self) -> &[(Arc<str>, Bytes)] {
        &[]
    }

    /// How many policies there are.
    fn policies(&self) -> usize {
        0
    }

    /// Why nobody crosses tenants, or how. `None`: nothing is known of it.
    fn isolation(&self) -> Option<Isolation> {
        None
    }

    /// The decision with its reasons.
    fn explain(&self, query: &Query<'_>) -> Explanation {
        Explanation::bare(self.decide(query), query)
    }
}
