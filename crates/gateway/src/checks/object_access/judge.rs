//! From what is known of an object to a judgement, and to its line in the record.

use model::{AuthorizationTrace, FactTrace, Judgement, OBJECTS_MAX, ObjectTrace, object_id};
use policy::Facts;
use policy::decide::{Decision, Query, SubjectKind, Target};

use super::super::{circumstances, unheard};
use super::Standpoint;
use super::gather::Gathered;
use super::ids::Named;

/// The policies' word on one object.
pub(super) fn object(at: &Standpoint<'_>, named: &Named<'_>, facts: &Facts) -> Decision {
    if facts.disputed {
        return Decision::fault("the sources contradict each other");
    }
    // What says nothing must not equal a caller who is nothing.
    if facts.iter().any(|fact| fact.value.is_empty()) {
        return Decision::fault("a fact is empty");
    }
    let is_guarded = matches!(at.subject.kind, SubjectKind::User | SubjectKind::Client);
    if is_guarded && facts.tenant().is_none() {
        return Decision::fault("its tenant is not known");
    }
    at.check.service.authorization.decider.decide(&Query {
        subject: at.subject,
        operation: &at.check.plan.operation.id,
        target: Target::Object { kind: &named.bound.resource.name, id: &named.id, facts },
        circumstances: circumstances(at.exchange, &at.written),
    })
}

pub(super) fn gathered(
    at: &Standpoint<'_>,
    named: &Named<'_>,
    gathered: Gathered,
    trace: &mut AuthorizationTrace,
) -> (Judgement, Facts) {
    match gathered {
        Gathered::Known(facts) => (known(at, named, &facts, trace), facts),
        Gathered::Absent(facts) => (Judgement::Absent, facts),
        Gathered::Awaiting(facts) => (Judgement::Awaiting, facts),
        Gathered::Failed(facts, words) => {
            trace.faults.push(words.to_owned());
            (Judgement::Unknown, facts)
        }
        Gathered::Pending => (Judgement::Unknown, Facts::default()),
    }
}

pub(super) fn known(
    at: &Standpoint<'_>,
    named: &Named<'_>,
    facts: &Facts,
    trace: &mut AuthorizationTrace,
) -> Judgement {
    let decision = object(at, named, facts);
    for policy in &decision.policies {
        if !trace.policies.iter().any(|known| **known == **policy) {
            trace.policies.push(policy.to_string());
        }
    }
    let is_allowed = decision.allowed && decision.faults.is_empty();
    trace.faults.extend(decision.faults);
    if !is_allowed {
        return Judgement::Denied;
    }
    let plan = &at.check.plan;
    let authorization = &at.check.service.authorization;
    match unheard(authorization, &plan.operation.id, &named.bound.resource, facts) {
        None => Judgement::Allowed,
        Some(name) => {
            let kind = &named.bound.resource.name;
            trace.faults.push(format!("the policies ask for `{name}` of {kind}, which no source told"));
            Judgement::Unknown
        }
    }
}

/// One object's line.
pub(super) fn tell(trace: &mut AuthorizationTrace, named: &Named<'_>, decision: Judgement, facts: &Facts) {
    if trace.objects.len() >= OBJECTS_MAX {
        return;
    }
    let fact = |fact: &policy::Fact| FactTrace {
        name: fact.name.to_string(),
        origin: fact.origin.word().to_owned(),
    };
    trace.objects.push(ObjectTrace {
        kind: named.bound.resource.name.to_string(),
        id: object_id(&named.id),
        decision,
        facts: facts.iter().map(fact).collect(),
    });
}

/// Of all objects together: what refuses goes before what allows.
pub(super) fn worse(one: Judgement, other: Judgement) -> Judgement {
    let rank = |judged: Judgement| match judged {
        Judgement::Denied => 4,
        Judgement::Absent => 3,
        Judgement::Unknown => 2,
        Judgement::Awaiting => 1,
        Judgement::Allowed => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}
