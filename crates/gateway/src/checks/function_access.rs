//! Refuses calls of operations that nothing authorizes: undeclared, denied, or beyond the caller's roles, scopes and
//! assurance, or what the policies say of the operation as such.

use std::sync::Arc;

use http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, RANGE};
use model::{AuthorizationTrace, Challenge, Code, Judgement, Mode, Owasp, Phase, Refusal};
use policy::Authorization;
use policy::bindings::{Assurance, Class};
use policy::decide::{Decision, Query, Subject, Target};
use policy::function::Denied;
use policy::plan::Plan;

use super::circumstances;
use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

pub struct FunctionAccess {
    authorization: Arc<Authorization>,
    /// `None`: nothing says who may call it.
    plan: Option<Arc<Plan>>,
    realm: Arc<str>,
}

impl Build for FunctionAccess {
    const ABOUT: About = About {
        name: "function_access",
        phase: Phase::Permit,
        owasp: &[Owasp::Api5],
        summary: "Refuses callers whom nothing allows to call the operation.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(authorization) = &preparation.api.authorization else { return Ok(None) };
        let plan =
            preparation.operation.and_then(|operation| authorization.plan(&operation.id)).map(Arc::clone);
        Ok(Some(Self {
            authorization: Arc::clone(authorization),
            plan,
            realm: Arc::clone(&preparation.api.name),
        }))
    }
}

impl Check for FunctionAccess {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(plan) = &self.plan else {
            return refuse(Refusal::new(Code::AuthorizationUndeclared), "nothing is bound to the operation");
        };
        let Some(subject) = &exchange.subject else {
            return Step::Fail("it is not known who calls".to_owned());
        };
        if let Some(why) = policy::function::denied(plan, subject) {
            let refusal = match (why, &plan.assurance) {
                (Denied::Assurance, Some(assurance)) => {
                    Refusal::new(Code::StepUpRequired).challenge(challenge(&self.realm, assurance))
                }
                _ => Refusal::new(Code::FunctionDenied),
            };
            return refuse(refusal, &why.to_string());
        }
        let mut edits = edits(plan, exchange);
        if plan.objects.is_empty() && plan.list.is_none() {
            let decision = decide(&self.authorization, plan, subject, exchange, &[]);
            // Policies that ask what is written are asked again when that is known.
            let asks = || self.authorization.decider.asks_what_is_written(&plan.operation.id);
            let is_open = plan.takes.is_some() || (exchange.head.has_body && asks());
            let trace = trace(&decision);
            if !decision.allowed && !is_open {
                let refusal = Box::new(Refusal::new(Code::FunctionDenied));
                return Step::RefuseWith(vec![Edit::Decided(Box::new(trace))], refusal);
            }
            if !is_open {
                edits.push(Edit::Decided(Box::new(trace)));
            }
        }
        Step::Continue(edits)
    }
}

/// Answers that are not everybody's.
fn is_private(plan: &Plan) -> bool {
    plan.class != Class::Public || concerns(plan)
}

fn concerns(plan: &Plan) -> bool {
    plan.list.is_some() || !plan.shows.is_empty() || !plan.objects.is_empty()
}

/// The policies' word on the operation as such.
pub(super) fn decide(
    authorization: &Authorization,
    plan: &Plan,
    subject: &Subject,
    exchange: &Exchange,
    written: &[Arc<str>],
) -> Decision {
    authorization.decider.decide(&Query {
        subject,
        operation: &plan.operation.id,
        target: Target::Api,
        circumstances: circumstances(exchange, written),
    })
}

pub(super) fn trace(decision: &Decision) -> AuthorizationTrace {
    let judged = if decision.allowed { Judgement::Allowed } else { Judgement::Denied };
    let mut trace = AuthorizationTrace::new(judged);
    trace.policies = decision.policies.iter().map(ToString::to_string).collect();
    trace.faults.clone_from(&decision.faults);
    trace
}

/// Why is for the record: which role would have done is not the caller's to know.
fn refuse(refusal: Refusal, why: &str) -> Step {
    let mut trace = AuthorizationTrace::new(Judgement::Denied);
    trace.faults.push(why.to_owned());
    Step::RefuseWith(vec![Edit::Decided(Box::new(trace))], Box::new(refusal))
}

/// Answers to one caller are not for the next (RFC 9111 section 5.2.2), and what is filtered or checked has to come
/// whole: parts of it, or that nothing has changed, cannot be.
fn edits(plan: &Plan, exchange: &Exchange) -> Vec<Edit> {
    let mut edits = Vec::new();
    if is_private(plan) {
        edits.push(Edit::Private);
    }
    if concerns(plan) {
        for name in [RANGE, IF_RANGE, IF_NONE_MATCH, IF_MODIFIED_SINCE] {
            if exchange.head.headers.contains_key(&name) {
                edits.push(Edit::RemoveRequestHeader(name));
            }
        }
    }
    edits
}

/// RFC 9470 section 3.
fn challenge(realm: &Arc<str>, assurance: &Assurance) -> Challenge {
    let mut parameters = vec![
        ("realm", realm.to_string()),
        ("error", "insufficient_user_authentication".to_owned()),
        ("error_description", Code::StepUpRequired.title().to_owned()),
    ];
    if !assurance.acr.is_empty() {
        parameters.push(("acr_values", assurance.acr.join(" ")));
    }
    if let Some(max_age) = assurance.max_age {
        parameters.push(("max_age", max_age.as_secs().to_string()));
    }
    Challenge { scheme: "Bearer", parameters }
}
