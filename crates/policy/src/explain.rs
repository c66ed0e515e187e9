//! Why a decision came out as it did: which policies were looked at, which of them decided, where the facts came from,
//! and what would have allowed it. Values of facts are not told, only their names and origins.

use std::sync::Arc;

use model::Place;

use crate::decide::{Decider, Decision, Query, Target};
use crate::facts::Origin;

/// An explained decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub decision: Decision,
    /// Policies that can apply to such a principal, operation and object, in the order of their files.
    pub considered: Vec<Considered>,
    /// What was known of the object.
    pub evidence: Vec<Evidence>,
    /// Single changes after which the answer would be yes; none where it is yes.
    pub would_allow: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    pub id: Arc<str>,
    /// A `permit`; else a `forbid`.
    pub permits: bool,
    pub place: Place,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    /// The first of its conditions that was not true, as the policy writes it.
    Unmet(String),
    /// It could not be evaluated, which refuses.
    Faulty(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub name: Arc<str>,
    pub origin: Origin,
    /// Whether the value is the principal's own subject (for `owner`) or tenant (for `tenant`).
    pub is_principals: bool,
}

/// What would have to be different. Names of policies only, no values of requests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The object's owner were the principal.
    Owner,
    /// The object were of the principal's tenant.
    Tenant,
    OwnerAndTenant,
    Role(Arc<str>),
    Scope(Arc<str>),
    Acr(Arc<str>),
    /// The person had authenticated just now.
    RecentAuthentication,
    /// An attribute of the object had this value, which a policy names.
    Attribute(Arc<str>, Arc<str>),
}

/// Explains what `decider` says. A decider without policies of its own tells only the decision and the evidence.
pub fn explain(decider: &dyn Decider, query: &Query<'_>) -> Explanation {
    decider.explain(query)
}

impl Explanation {
    /// Without policies: the decision, and where the facts came from.
    pub fn bare(decision: Decision, query: &Query<'_>) -> Self {
        Self { decision, considered: Vec::new(), evidence: evidence(query), would_allow: Vec::new() }
    }

    /// For people, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.verdict()];
        for considered in &self.considered {
            let kind = if considered.permits { "permit" } else { "forbid" };
            lines.push(format!("{kind} `{}` ({}): {}", considered.id, considered.place, considered.outcome));
        }
        for evidence in &self.evidence {
            let whose = match (&*evidence.name, evidence.is_principals) {
                (crate::OWNER | crate::TENANT, true) => ", the principal's",
                (crate::OWNER | crate::TENANT, false) => ", not the principal's",
                _ => "",
            };
            lines.push(format!("{} known from {}{whose}", evidence.name, evidence.origin.word()));
        }
        lines.extend(self.would_allow.iter().map(|change| format!("would be allowed if {change}")));
        lines
    }

    /// The verdict and what would have changed it.
    pub fn summary(&self) -> Vec<String> {
        let changes = self.would_allow.iter().map(|change| format!("would be allowed if {change}"));
        std::iter::once(self.verdict()).chain(changes).collect()
    }

    fn verdict(&self) -> String {
        let Decision { allowed, policies, faults } = &self.decision;
        let by = policies.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        match (allowed, faults.first(), policies.is_empty()) {
            (true, ..) => format!("allowed by {by}"),
            (false, Some(fault), _) => format!("refused: {fault}"),
            (false, None, true) => "refused: no policy permits it".to_owned(),
            (false, None, false) => format!("refused by {by}"),
        }
    }
}

pub(crate) fn evidence(query: &Query<'_>) -> Vec<Evidence> {
    let Target::Object { facts, .. } = query.target else { return Vec::new() };
    let known = facts.iter().map(|fact| Evidence {
        name: Arc::clone(&fact.name),
        origin: fact.origin,
        is_principals: match &*fact.name {
            crate::OWNER => fact.value == query.subject.subject,
            crate::TENANT => fact.value == query.subject.tenant,
            _ => false,
        },
    });
    known.collect()
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Applied => f.write_str("applied"),
            Self::Unmet(condition) => write!(f, "not applied: `{condition}` is not true"),
            Self::Faulty(why) => write!(f, "refused: {why}"),
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Owner => f.write_str("the principal owned the object"),
            Self::Tenant => f.write_str("the object were of the principal's tenant"),
            Self::OwnerAndTenant => f.write_str("the object were the principal's own, of the same tenant"),
            Self::Role(role) => write!(f, "the principal had the role `{role}`"),
            Self::Scope(scope) => write!(f, "the token had the scope `{scope}`"),
            Self::Acr(acr) => write!(f, "the authentication were of class `{acr}`"),
            Self::RecentAuthentication => f.write_str("the person had authenticated just now"),
            Self::Attribute(name, value) => write!(f, "`{name}` were `{value}`"),
        }
    }
}
