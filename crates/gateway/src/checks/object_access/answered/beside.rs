//! Objects that an answer shows although the request named none of their kind: by what they say of themselves they may be
//! somebody else's, as where a service makes nothing but finds what is there already, or shows the latest of all.

use std::sync::Arc;

use policy::bindings::{From, Resource};
use policy::decide::{Query, SubjectKind, Target};
use policy::plan::Plan;
use policy::{Authorization, Origin};
use tape::Node;

use super::super::super::circumstances;
use super::super::Standpoint;

/// Whether answers of the operation may show such objects.
pub(in crate::checks::object_access) fn shows_any(authorization: &Authorization, plan: &Plan) -> bool {
    kinds(authorization, plan).next().is_some()
}

/// Types that say whose their objects are, with where the answer shows them.
fn kinds<'a>(
    authorization: &'a Authorization,
    plan: &'a Plan,
) -> impl Iterator<Item = (&'a Resource, &'a policy::Path)> {
    let says = |resource: &Resource| {
        [&resource.owner, &resource.tenant].into_iter().any(|from| matches!(from, From::Property(_)))
    };
    plan.shows.iter().filter_map(move |shows| {
        let resource = authorization.bindings.resources.get(&shows.kind)?;
        let is_named = plan.objects.iter().any(|bound| bound.resource.name == shows.kind);
        // The new name of a person is not the one by which the caller is known.
        let is_renamed = plan.renames && resource.is_its_own_owner();
        (!is_named && !is_renamed && says(resource)).then_some((resource, &shows.at))
    })
}

/// Whether an object of the answer is, by its own word, one that the caller may not see.
pub(super) fn is_foreign(at: &Standpoint<'_>, root: Node<'_>) -> bool {
    kinds(&at.check.service.authorization, &at.check.plan).any(|(resource, path)| {
        let objects = policy::shown::objects(root, path).unwrap_or_default();
        objects.into_iter().any(|object| is_denied(at, resource, object))
    })
}

fn is_denied(at: &Standpoint<'_>, resource: &Resource, object: Node<'_>) -> bool {
    let subject = at.subject;
    let mut facts = resource.facts_in(object, subject, Origin::Response);
    let is_guarded = matches!(subject.kind, SubjectKind::User | SubjectKind::Client);
    let is_of_others = facts.tenant().is_some_and(|tenant| *tenant != subject.tenant);
    match facts.owner() {
        Some(owner) if !owner.is_empty() && !subject.is(owner) => {}
        _ => return is_guarded && is_of_others,
    }
    if facts.tenant().is_none() {
        // What it does not say is the caller's own, so that it does not decide.
        facts.set(policy::TENANT, Arc::clone(&subject.tenant), Origin::Response);
    }
    let id = resource.id_in(object).unwrap_or_default();
    let decision = at.check.service.authorization.decider.decide(&Query {
        subject,
        operation: &at.check.plan.operation.id,
        target: Target::Object { kind: &resource.name, id: &id, facts: &facts },
        circumstances: circumstances(at.exchange, &at.written),
    });
    !decision.allowed
}
