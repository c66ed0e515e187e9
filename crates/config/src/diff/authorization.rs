//! Bindings of objects: what may be called, about which objects somebody is asked, which properties pass.

mod operation;
mod properties;
mod resource;
mod sources;

use std::cmp::Reverse;
use std::sync::Arc;

use gateway::settings::{Api, AuthorizationLimits};
use policy::Authorization;
use policy::bindings::{Principals, Tenants, Whoami};
use policy::cedar::Bearing;

use super::edge::duration;
use super::{Changes, Direction};

pub(super) fn compare(changes: &mut Changes, old: &Api, new: &Api) {
    changes.place = None;
    let both = changes.guard(
        old.authorization.as_deref(),
        new.authorization.as_deref(),
        "nobody asks any more whose objects a caller touches (authorization is gone)",
        "objects, operations and properties are now authorized",
    );
    if let Some((old, new)) = both {
        bindings(changes, old, new);
    }
    let asked = |api: &Api| api.decision_point.as_ref().map(|point| point.endpoint.clone());
    if asked(old) != asked(new) {
        changes.unknown("another external decision point is asked about objects");
    }
    let both = old.decision_point.as_ref().zip(new.decision_point.as_ref());
    if both.is_some_and(|(old, new)| old.token.is_some() != new.token.is_some()) {
        changes.neutral("the external decision point begins or ends to be shown a token");
    }
    sealing(changes, old, new);
    limits(changes, &old.authorization_limits, &new.authorization_limits);
    changes.place = None;
}

fn sealing(changes: &mut Changes, old: &Api, new: &Api) {
    match (&old.sealing, &new.sealing) {
        (Some(old), Some(new)) if !new.opens(old) => {
            changes.neutral(
                "ids that were sealed before no longer open (a key of `sealing` is gone or another)",
            );
        }
        (Some(old), Some(new)) if !new.seals_like(old) => {
            changes.neutral("ids are sealed with another key; those of before still open");
        }
        (Some(old), Some(new)) if !old.opens(new) => changes.neutral("another key of sealed ids opens"),
        _ => {}
    }
}

fn limits(changes: &mut Changes, old: &AuthorizationLimits, new: &AuthorizationLimits) {
    changes.more("lock_wait", old.lock_wait, new.lock_wait, duration);
    changes.more("evidence_timeout", old.evidence_timeout, new.evidence_timeout, duration);
    changes.more("evidence_calls_max", old.evidence_calls_max, new.evidence_calls_max, u32::to_string);
    let (a, b) = (Reverse(old.answer_grid), Reverse(new.answer_grid));
    changes.more("answer_grid", a, b, |grid| duration(&grid.0));
}

fn bindings(changes: &mut Changes, old: &Authorization, new: &Authorization) {
    let single = |one: &Authorization| one.bindings.tenants == Tenants::Single;
    changes.danger(
        single(old),
        single(new),
        "all callers are now of one tenant (tenants claim -> single)",
        "tenants are now told apart (tenants single -> claim)",
    );
    principals(changes, &old.bindings.principals, &new.bindings.principals);
    operations(changes, old, new);
    for (name, resource) in &new.bindings.resources {
        if let Some(before) = old.bindings.resources.get(name) {
            changes.place = Some(resource.place.clone());
            resource::compare(changes, before, resource);
        }
    }
    changes.place = None;
    properties::compare(changes, &old.bindings.properties, &new.bindings.properties);
    policies(changes, old, new);
}

fn policies(changes: &mut Changes, old: &Authorization, new: &Authorization) {
    for change in policy::cedar::changes(old.decider.written(), new.decider.written()) {
        changes.place = Some(change.place);
        let direction = match change.bearing {
            Bearing::Widens => Direction::Weaker,
            Bearing::Narrows => Direction::Stronger,
            Bearing::Open => Direction::Unknown,
        };
        changes.add(direction, change.sentence);
    }
    changes.place = None;
}

/// Who callers are, who of them crosses tenants, and whose names owners are.
fn principals(changes: &mut Changes, old: &Principals, new: &Principals) {
    names(changes, "role of operators across tenants", &old.operators, &new.operators);
    any_of(changes, "issuer whose people own objects", &old.issuers, &new.issuers);
    changes.danger(
        old.clients_own,
        new.clients_own,
        "clients without a user now own what names them",
        "clients without a user no longer own anything",
    );
    if old.subject != new.subject {
        changes.unknown("owners are compared with another claim");
    }
    if (&old.roles, &old.role_of) != (&new.roles, &new.role_of) {
        changes.unknown("the roles of callers come from other claims");
    }
    if old.attributes != new.attributes {
        changes.unknown("the attributes of callers come from other claims");
    }
    if old.whoami.as_ref().map(asked) != new.whoami.as_ref().map(asked) {
        changes
            .unknown("who a caller is, is asked of the service in another way, begins or ends to be asked");
    }
}

/// What is asked of the service, wherever it is written.
fn asked(whoami: &Whoami) -> String {
    let Whoami { place: _, operation, subject, tenant, roles, role_of, attributes, cache } = whoami;
    format!("{:?}", (operation, subject, tenant, roles, role_of, attributes, cache))
}

fn operations(changes: &mut Changes, old: &Authorization, new: &Authorization) {
    for plan in new.plans() {
        let id = &plan.operation.id;
        changes.place = new.bindings.operations.get(id).map(|binding| binding.place.clone());
        match old.plan(id) {
            None if plan.deny => {}
            None => changes.weaker(format!("{id} is now bound; it was refused")),
            Some(before) => operation::compare(changes, before, plan),
        }
    }
    changes.place = None;
    for plan in old.plans().filter(|plan| !plan.deny && new.plan(&plan.operation.id).is_none()) {
        changes.stronger(format!("{} is no longer bound, and refused", plan.operation.id));
    }
}

/// Names that each let more through.
fn names(changes: &mut Changes, what: &str, old: &[Arc<str>], new: &[Arc<str>]) {
    changes.each_lets(
        old,
        new,
        |name| format!("{what}: `{name}` is new"),
        |name| format!("{what}: `{name}` is gone"),
    );
}

/// One of them is needed, and where there are none nothing is.
fn any_of(changes: &mut Changes, what: &str, old: &[Arc<str>], new: &[Arc<str>]) {
    match (old.is_empty(), new.is_empty()) {
        (false, true) => changes.weaker(format!("{what}: none is needed any more")),
        (true, false) => changes.stronger(format!("{what}: one is now needed")),
        _ => names(changes, what, old, new),
    }
}
