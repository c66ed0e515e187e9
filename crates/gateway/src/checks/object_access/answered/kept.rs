//! What an answer changes of what is kept from one request to the next: lists, names, and who made what.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::Caller;
use policy::bindings::{Action, Resource};
use policy::decide::Subject;
use policy::{Facts, Origin};
use tape::Node;

use super::super::super::subject::{identity_of, key_of_self};
use super::super::{ObjectAccess, ids};
use crate::exchange::Exchange;
use crate::learned::Owner;
use crate::objects::ObjectName;

/// What the caller's own lists said before counts no more, and what is gone is nobody's.
pub(super) fn changed(check: &ObjectAccess, exchange: &Exchange) {
    let caller = exchange.caller.as_ref();
    if let Some(own) = check.key_of_own(caller.and_then(identity_of)) {
        check.shared.evidence.changed(own);
    }
    if let Some(caller) = caller.filter(|_| check.plan.renames) {
        forget_who(check, exchange, caller);
    }
    for known in &exchange.objects {
        let key = check.key(ObjectName { kind: &known.resource, id: &known.id });
        check.shared.evidence.changed(key);
        if check.plan.action == Action::Delete {
            check.shared.learned.forget(key);
        }
    }
    if check.plan.renames && exchange.response.as_ref().is_some_and(|response| response.status.is_success()) {
        renamed(check, exchange);
    }
}

/// Whatever the answer says of the change, and with whichever credential they come next: who they are is asked again.
fn forget_who(check: &ObjectAccess, exchange: &Exchange, caller: &Caller) {
    if let Some(myself) = key_of_self(&check.shared, &check.service, caller) {
        check.shared.evidence.changed(myself);
    }
    let Some(takes) = &check.plan.takes else { return };
    let resources = &check.service.authorization.bindings.resources;
    if !resources.get(&takes.kind).is_some_and(Resource::is_its_own_owner) {
        return;
    }
    let named = exchange.objects.iter().filter(|known| known.resource == takes.kind).map(|known| &known.id);
    let principal = caller.principal.as_ref().map(|principal| &principal.subject);
    let subject = exchange.subject.as_ref().map(|subject| &subject.subject);
    let names: BTreeSet<&Arc<str>> = named.chain(principal).chain(subject).collect();
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        check.shared.tokens.forget_answers(name);
    }
}

/// Whoever takes an old id has another object, whoever takes an old name of a user is another one, and what was known by
/// the new id was of another.
fn renamed(check: &ObjectAccess, exchange: &Exchange) {
    let Some(takes) = &check.plan.takes else { return };
    let Some(resource) = check.service.authorization.bindings.resources.get(&takes.kind) else { return };
    let named = exchange.objects.iter().filter(|known| known.resource == takes.kind);
    let old: Vec<_> = named.map(|known| Arc::clone(&known.id)).collect();
    if resource.is_its_own_owner()
        && let Some(subject) = &exchange.subject
    {
        for name in old.iter().chain([&subject.subject]) {
            check.shared.learned.forget_owner(&Owner {
                space: check.service.authorization.bindings.principals.space(subject),
                subject: Arc::clone(name),
                tenant: Arc::clone(&subject.tenant),
            });
        }
    }
    for id in old.iter().chain(&wrote(check, exchange, resource)) {
        forget(check, ObjectName { kind: &takes.kind, id });
    }
}

/// Nothing that was known by this name counts any more.
pub(super) fn forget(check: &ObjectAccess, object: ObjectName<'_>) {
    let key = check.key(object);
    check.shared.learned.forget(key);
    check.shared.evidence.changed(key);
}

/// Ids of objects of a type that the request writes.
pub(super) fn wrote(check: &ObjectAccess, exchange: &Exchange, resource: &Resource) -> Vec<Arc<str>> {
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
