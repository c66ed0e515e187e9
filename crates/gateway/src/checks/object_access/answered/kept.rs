//! What an answer changes of what is kept from one request to the next: lists, names, and who made what.

use std::sync::Arc;

use policy::bindings::{Action, Resource};
use policy::decide::Subject;
use policy::{Facts, Origin};
use tape::Node;

use super::super::super::subject::identity_of;
use super::super::{ObjectAccess, ids};
use crate::exchange::Exchange;
use crate::learned::Owner;
use crate::objects::ObjectName;

/// What the caller's own lists said before counts no more, and what is gone is nobody's.
pub(super) fn changed(check: &ObjectAccess, exchange: &Exchange) {
    if let Some(own) = check.key_of_own(exchange.caller.as_ref().and_then(identity_of)) {
        check.shared.evidence.changed(own);
    }
    for known in &exchange.objects {
        let key = check.key(ObjectName { kind: &known.resource, id: &known.id });
        check.shared.evidence.changed(key);
        if check.plan.action == Action::Delete {
            check.shared.learned.forget(key);
        }
    }
}

/// Nothing that was known by this name counts any more.
pub(super) fn forget(check: &ObjectAccess, object: ObjectName<'_>) {
    let key = check.key(object);
    check.shared.learned.forget(key);
    check.shared.evidence.changed(key);
}

/// Ids of objects of a type that the request writes.
pub(in crate::checks::object_access) fn wrote(
    check: &ObjectAccess,
    exchange: &Exchange,
    resource: &Resource,
) -> Vec<Arc<str>> {
    let takes = check.plan.takes.as_ref().filter(|takes| takes.kind == resource.name);
    let Some((takes, body)) = takes.zip(exchange.body.as_ref()) else { return Vec::new() };
    let Ok(tape) = body.json() else { return Vec::new() };
    let declared = policy::Declared::new(Some(&check.plan.operation), &[]);
    let written = policy::shown::written_objects(tape.root(), &takes.at, &declared).unwrap_or_default();
    written.into_iter().filter_map(|object| resource.id_in(object)).collect()
}

/// What was made is the maker's.
pub(super) fn learn(check: &ObjectAccess, exchange: &Exchange, root: Node<'_>) {
    let (Some(subject), Some(response)) = (&exchange.subject, &exchange.response) else { return };
    if !response.status.is_success() {
        return;
    }
    for shows in &check.plan.shows {
        let Some(resource) = check.service.authorization.bindings.resources.get(&shows.kind) else {
            continue;
        };
        // The type that is made; what else the answer shows was there before.
        let is_made = check.plan.takes.as_ref().is_none_or(|takes| takes.kind == shows.kind);
        for node in policy::shown::objects(root, &shows.at).unwrap_or_default() {
            let Some(id) = resource.id_in(node).filter(|_| is_made) else { continue };
            let object = ObjectName { kind: &shows.kind, id: &id };
            if !ids::was_there(&check.plan.objects, exchange, object) {
                // An operator may make what will be another's.
                let shown = resource.facts_in(node, subject, Origin::Response);
                remember(check, subject, object, &shown);
            }
        }
    }
}

/// As far as the maker has a name, and the answer does not say that it is nobody's.
pub(super) fn remember(check: &ObjectAccess, subject: &Subject, object: ObjectName<'_>, shown: &Facts) {
    let owner = Owner {
        space: check.service.authorization.bindings.principals.space(subject),
        subject: Arc::clone(shown.owner().unwrap_or(&subject.subject)),
        tenant: Arc::clone(shown.tenant().unwrap_or(&subject.tenant)),
    };
    let is_named = |text: &Arc<str>| !text.is_empty();
    if [&subject.subject, &subject.tenant, &owner.subject, &owner.tenant].into_iter().all(is_named) {
        let key = check.key(object);
        check.shared.learned.learn(key, owner);
        check.shared.evidence.changed(key);
    }
}
