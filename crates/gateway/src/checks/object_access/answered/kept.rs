//! What an answer changes of what is kept from one request to the next: lists, names, and who made what.

use std::sync::Arc;

use model::{Code, Refusal};
use policy::bindings::Resource;
use policy::{Declared, Facts, Origin};
use tape::Node;

use super::super::super::subject::identity_of;
use super::super::super::writes::{Named, Writes, writes};
use super::super::{ObjectAccess, ids};
use crate::exchange::Exchange;
use crate::learned::Owner;
use crate::objects::ObjectName;

/// What the caller's own lists said before counts no more.
pub(super) fn changed(check: &ObjectAccess, exchange: &Exchange) {
    if let Some(own) = check.key_of_own(exchange.caller.as_ref().and_then(identity_of)) {
        check.shared.evidence.changed(own);
    }
    for known in &exchange.objects {
        let key = check.key(ObjectName { kind: &known.resource, id: &known.id });
        check.shared.evidence.changed(key);
    }
}

/// Nothing that was known by this name counts any more.
pub(super) fn forget(check: &ObjectAccess, object: ObjectName<'_>) {
    let key = check.key(object);
    check.shared.learned.forget(key, check.shared.clock.monotonic_ns());
    check.shared.evidence.changed(key);
}

/// Ids of objects of a type that the request writes, in whatever form.
///
/// # Errors
/// What is written cannot be told.
pub(in crate::checks::object_access) fn wrote(
    check: &ObjectAccess,
    exchange: &Exchange,
    resource: &Resource,
) -> Result<Vec<Arc<str>>, Box<Refusal>> {
    let takes = check.plan.takes.as_ref().filter(|takes| takes.kind == resource.name);
    let body = exchange.body.as_ref().filter(|body| !body.bytes.is_empty());
    let Some((takes, body)) = takes.zip(body) else { return Ok(Vec::new()) };
    let declared = Declared::new(Some(&check.plan.operation), takes.at.steps());
    let unreadable = || {
        let detail = "the id that is written cannot be read";
        Box::new(Refusal::new(Code::MediaTypeUnsupported).detail(detail))
    };
    let mut ids = Vec::new();
    match writes(&takes.at, &check.plan.operation, exchange, body)? {
        Writes::Objects(objects) => {
            for object in objects {
                let says_which = object.members().filter(|member| resource.says_which(member.key, &declared));
                let (id, said) = (resource.id_in(object), says_which.count());
                // Some service takes another spelling for it.
                if said != usize::from(id.is_some()) {
                    return Err(unreadable());
                }
                ids.extend(id);
            }
        }
        Writes::Named(named) => {
            let is_id = |named: &&Named| !named.tests && resource.says_which(&named.first, &declared);
            for named in named.iter().filter(is_id) {
                let id = named.object.as_ref().and_then(|object| resource.id_in(object.root()));
                ids.push(id.ok_or_else(unreadable)?);
            }
        }
    }
    Ok(ids)
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
                remember(check, exchange, object, &shown);
            }
        }
    }
}

/// As far as the maker has a name, and the answer does not say that it is nobody's.
pub(super) fn remember(check: &ObjectAccess, exchange: &Exchange, object: ObjectName<'_>, shown: &Facts) {
    let Some(subject) = &exchange.subject else { return };
    let owner = Owner {
        space: check.service.authorization.bindings.principals.space(subject),
        subject: Arc::clone(shown.owner().unwrap_or(&subject.subject)),
        tenant: Arc::clone(shown.tenant().unwrap_or(&subject.tenant)),
    };
    let is_named = |text: &Arc<str>| !text.is_empty();
    if [&subject.subject, &subject.tenant, &owner.subject, &owner.tenant].into_iter().all(is_named) {
        let key = check.key(object);
        check.shared.learned.learn(key, owner, exchange.received_ns);
        check.shared.evidence.changed(key);
    }
}
