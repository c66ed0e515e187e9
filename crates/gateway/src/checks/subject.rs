//! Finds out whom policies see: the verified caller, by the claims that the bindings name, or as the API itself says.

mod asked;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{AuthorizationTrace, Caller, Code, EvidenceTrace, Judgement, Mode, Owasp, Phase, Refusal};
use policy::bindings::{Class, Principals, Tenants};
use policy::decide::{Subject as Seen, SubjectKind};
use serde_json::Value;

pub(super) use asked::{Outcome, identity_of, is_outdated, key_of, key_of_self, look, word};

use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::evidence::{Ask, Holder, Says, Service, What};
use crate::exchange::Exchange;
use crate::question::{Answers, Question};
use crate::settings::Importance;
use crate::shared::Shared;

/// The tenant of everyone where there is one.
pub(super) const SINGLE_TENANT: &str = "single";
/// Bytes of a claim that is taken over.
const CLAIM_BYTES_MAX: usize = 256;
/// Roles of one principal.
const ROLES_MAX: usize = 256;

pub struct Subject {
    service: Arc<Service>,
    shared: Arc<Shared>,
    /// Whether the API has to be asked: not for what is refused anyway, or open to everyone.
    asks: bool,
}

impl Build for Subject {
    const ABOUT: About = About {
        name: "subject",
        phase: Phase::Identify,
        owasp: &[Owasp::Api1, Owasp::Api5],
        summary: "Refuses callers of whom it cannot be found out who they are to the API.",
        default_mode: Mode::Enforce,
        may_watch: false,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let (Some(service), Some(operation)) = (preparation.service, preparation.operation) else {
            return Ok(None);
        };
        let plan = service.authorization.plan(&operation.id);
        let asks = plan.is_some_and(|plan| {
            let is_open = plan.class == Class::Public && plan.objects.is_empty() && plan.list.is_none();
            !plan.deny && !is_open
        });
        Ok(Some(Self { service: Arc::clone(service), shared: Arc::clone(preparation.shared), asks }))
    }
}

impl Check for Subject {
    fn step(&self, exchange: &Exchange, answers: &Answers) -> Step {
        let Some(caller) = &exchange.caller else { return Step::Fail("nobody was identified".to_owned()) };
        let bindings = &self.service.authorization.bindings;
        let mut seen =
            by_claims(caller, &bindings.principals, bindings.tenants, exchange.received_unix_ms / 1_000);
        let asking =
            self.service.authorization.whoami.as_ref().filter(|_| self.asks && !caller.is_anonymous());
        let Some(asking) = asking else {
            settle(&mut seen, &bindings.principals);
            return Step::Continue(vec![Edit::Subject(Arc::new(seen))]);
        };
        let ask = Ask {
            service: Arc::clone(&self.service),
            what: What::Whoami(Arc::clone(asking)),
            id: Arc::from(""),
            object: None,
            whose: key_of_self(&self.shared, &self.service, caller),
            parameters: Vec::new(),
            subject: Arc::new(seen.clone()),
            identity: identity_of(caller),
            fresh: None,
            headers: None,
            importance: Importance::default(),
        };
        let found = match look(&self.shared, &ask, answers) {
            Outcome::Found(found) => found,
            Outcome::Ask => return Step::Ask(vec![Question::Evidence(Box::new(ask))]),
        };
        let mut trace = AuthorizationTrace::new(Judgement::Unknown);
        trace.upstream_calls = found.calls;
        trace.evidence.push(EvidenceTrace {
            source: "whoami".to_owned(),
            operation: Some(asking.call.operation.id.to_string()),
            outcome: word(&found).to_owned(),
            calls: found.calls,
        });
        match &found.says {
            Says::Holder(holder) => {
                take_over(&mut seen, holder);
                settle(&mut seen, &bindings.principals);
                Step::Continue(vec![Edit::Decided(Box::new(trace)), Edit::Subject(Arc::new(seen))])
            }
            Says::Failed(words) => {
                trace.faults.push(format!("whoami: {words}"));
                refuse(trace)
            }
            Says::Absent | Says::Object { .. } | Says::Page(_) => {
                trace.faults.push("whoami: the service does not know the holder".to_owned());
                refuse(trace)
            }
        }
    }
}

fn refuse(trace: AuthorizationTrace) -> Step {
    Step::RefuseWith(
        vec![Edit::Decided(Box::new(trace))],
        Box::new(Refusal::new(Code::EvidenceUnavailable).retry_after_s(1)),
    )
}

/// The principal as the credential alone tells it; see [`settle`].
fn by_claims(caller: &Caller, principals: &Principals, tenants: Tenants, now_unix_s: u64) -> Seen {
    let claim = |name: &str| policy::claim(&caller.claims, name);
    let kind = match (&caller.principal, &caller.client) {
        (Some(_), _) => SubjectKind::User,
        (None, Some(_)) => SubjectKind::Client,
        (None, None) => SubjectKind::Anonymous,
    };
    let verified = || caller.principal.as_ref().map(|principal| Arc::clone(&principal.subject));
    let subject = match (&principals.subject, kind) {
        (Some(name), SubjectKind::User) => claim(name).and_then(scalar),
        (_, SubjectKind::Client) => caller.client.clone(),
        _ => verified(),
    };
    let mut roles: BTreeSet<Arc<str>> = BTreeSet::new();
    roles.extend(principals.roles.as_deref().and_then(claim).map(texts).unwrap_or_default());
    let holds = |(_, name): &(&Arc<str>, &Arc<str>)| claim(name) == Some(&Value::Bool(true));
    roles.extend(principals.role_of.iter().filter(holds).map(|(role, _)| Arc::clone(role)));
    let attribute =
        |(name, of): (&Arc<str>, &Arc<str>)| Some((Arc::clone(name), claim(of).and_then(scalar)?));
    let since = claim("auth_time").and_then(Value::as_u64);
    let token = || caller.credentials.iter().find_map(|credential| credential.token.as_ref());
    let issuer = match &caller.principal {
        Some(principal) => Some(Arc::clone(&principal.issuer)),
        None => token().map(|token| Arc::clone(&token.issuer)),
    };
    let mut seen = Seen {
        kind,
        issuer: issuer.unwrap_or_default(),
        name: verified().or_else(|| caller.client.clone()).unwrap_or_default(),
        subject: subject.unwrap_or_default(),
        tenant: match tenants {
            Tenants::Single => SINGLE_TENANT.into(),
            Tenants::Claim => caller.tenant.clone().unwrap_or_default(),
        },
        roles,
        scopes: caller.scopes.clone(),
        acr: claim("acr").and_then(scalar).unwrap_or_default(),
        auth_age_s: since.map(|since| now_unix_s.saturating_sub(since)),
        attributes: principals.attributes.iter().filter_map(attribute).collect::<BTreeMap<_, _>>(),
    };
    principals.confine(&mut seen);
    seen
}

/// What the API says goes before what the credential says.
fn take_over(seen: &mut Seen, holder: &Holder) {
    if let Some(subject) = &holder.subject {
        seen.subject = Arc::clone(subject);
    }
    if let Some(tenant) = &holder.tenant {
        seen.tenant = Arc::clone(tenant);
    }
    if let Some(roles) = &holder.roles {
        seen.roles = roles.iter().take(ROLES_MAX).map(Arc::clone).collect();
    }
    seen.roles.extend(holder.roles_of.iter().map(Arc::clone));
    seen.attributes
        .extend(holder.attributes.iter().map(|(name, value)| (Arc::clone(name), Arc::clone(value))));
}

/// Who is an operator is known when all roles are.
fn settle(seen: &mut Seen, principals: &Principals) {
    let is_known = seen.kind != SubjectKind::Anonymous;
    if is_known && principals.operators.iter().any(|role| seen.roles.contains(role)) {
        seen.kind = SubjectKind::Operator;
    }
}

fn scalar(value: &Value) -> Option<Arc<str>> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        Value::Bool(said) => said.to_string(),
        _ => return None,
    };
    (text.len() <= CLAIM_BYTES_MAX).then(|| text.into())
}

/// The texts of an array, or the words of a text.
fn texts(value: &Value) -> Vec<Arc<str>> {
    let texts: Vec<Arc<str>> = match value {
        Value::String(text) => text.split_ascii_whitespace().map(Arc::from).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(Arc::from).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().filter(|text| text.len() <= CLAIM_BYTES_MAX).take(ROLES_MAX).collect()
}
