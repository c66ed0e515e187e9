//! What a request may rename or delete, found when it is decided on: it is too late when the answer is not seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::Refusal;
use policy::bindings::Action;
use policy::decide::Subject;
use tape::Node;

use super::super::subject::{identity_of, key_of_self};
use super::answered::kept::wrote;
use super::{OBJECTS_MAX, ObjectAccess, ids};
use crate::check::{Edit, Step};
use crate::exchange::Exchange;
use crate::learned::Owner;
use crate::objects::{ObjectKey, ObjectName};
use crate::renaming::Renaming;

/// The step, with what the request renames or deletes if it leaves. It may leave in spite of a refusal where the check is
/// watched. New names that cannot be read could be anybody's.
pub(super) fn noted(check: &ObjectAccess, exchange: &Exchange, step: Step) -> Step {
    let deletes = check.plan.action == Action::Delete;
    if (!check.plan.renames && !deletes) || matches!(step, Step::Ask(_) | Step::Fail(_)) {
        return step;
    }
    let mut unreadable = None;
    let renaming = if check.plan.renames {
        renaming(check, exchange, &mut unreadable)
    } else {
        deletion(check, exchange)
    };
    let edit = renaming.map(|renaming| Edit::Rename(Box::new(renaming)));
    match (step, unreadable) {
        (Step::Continue(mut edits), None) => {
            edits.extend(edit);
            Step::Continue(edits)
        }
        (Step::Continue(mut edits), Some(refusal)) | (Step::RefuseWith(mut edits, refusal), _) => {
            edits.extend(edit);
            Step::RefuseWith(edits, refusal)
        }
        (Step::Refuse(refusal), _) => Step::RefuseWith(edit.into_iter().collect(), refusal),
        (step, _) => step,
    }
}

fn deletion(check: &ObjectAccess, exchange: &Exchange) -> Option<Renaming> {
    let named = ids::named(&check.plan.objects, exchange).ok()?;
    let objects = named.iter().map(|one| check.key(one.name())).collect();
    Some(Renaming {
        shared: Arc::clone(&check.shared),
        names: BTreeSet::new(),
        given_up: BTreeSet::new(),
        deletes: true,
        owners: Vec::new(),
        objects,
        asked_again: Vec::new(),
        is_under_way: false,
    })
}

/// Whoever takes an old id has another object, whoever takes an old name of a user is another one, and what was known by
/// the new ones was of others: of those who gave them up, if that was not seen.
fn renaming(
    check: &ObjectAccess,
    exchange: &Exchange,
    unreadable: &mut Option<Box<Refusal>>,
) -> Option<Renaming> {
    let takes = check.plan.takes.as_ref()?;
    let resource = check.service.authorization.bindings.resources.get(&takes.kind)?;
    let named = ids::named(&check.plan.objects, exchange).unwrap_or_default();
    let held: BTreeSet<Arc<str>> =
        named.into_iter().filter(|one| one.bound.resource.name == takes.kind).map(|one| one.id).collect();
    let mut given = held.clone();
    let is_own = |id: &Arc<str>| exchange.subject.as_ref().is_some_and(|subject| subject.is(id));
    // Who writes something else, or the name that is there, gives up nothing.
    let gives_up = match wrote(check, exchange, resource) {
        Ok(ids) => {
            let gives_up = ids.iter().any(|id| !held.contains(id) && !is_own(id));
            given.extend(ids);
            gives_up
        }
        Err(refusal) => {
            *unreadable = Some(refusal);
            true
        }
    };
    let key = |id: &Arc<str>| check.key(ObjectName { kind: &takes.kind, id });
    let objects: Vec<ObjectKey> = given.iter().map(key).collect();
    let caller = exchange.caller.as_ref();
    let myself = caller.and_then(|caller| key_of_self(&check.shared, &check.service, caller));
    let asked_again = myself.into_iter().chain(check.key_of_own(caller.and_then(identity_of))).collect();
    let (mut names, mut given_up, mut owners) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    if resource.is_its_own_owner() {
        (names, given_up) = (given, held);
        for all in [&mut names, &mut given_up] {
            all.extend(exchange.subject.as_ref().map(|subject| Arc::clone(&subject.subject)));
            all.retain(|name| !name.is_empty());
        }
        if !gives_up {
            given_up.clear();
        }
        if let Some(subject) = &exchange.subject {
            owners = names.iter().map(|name| owner(check, subject, name)).collect();
        }
        // The name that a credential tells may be another one than the API's.
        let principal = caller.and_then(|caller| caller.principal.as_ref());
        names.extend(principal.map(|principal| Arc::clone(&principal.subject)));
    }
    Some(Renaming {
        shared: Arc::clone(&check.shared),
        names,
        given_up,
        deletes: false,
        owners,
        objects,
        asked_again,
        is_under_way: false,
    })
}

/// A service may have made another name of the one that was written. What was known by that was of another.
pub(super) fn shown(check: &ObjectAccess, exchange: &Exchange, root: Node<'_>) {
    let plan = &check.plan;
    let is_made = exchange.response.as_ref().is_some_and(|response| response.status.is_success());
    let (Some(takes), Some(subject)) = (&plan.takes, &exchange.subject) else { return };
    let Some(resource) = check.service.authorization.bindings.resources.get(&takes.kind) else { return };
    if !plan.renames || !is_made || !resource.is_its_own_owner() {
        return;
    }
    let known = wrote(check, exchange, resource).unwrap_or_default();
    let of_kind = plan.shows.iter().filter(|shows| shows.kind == takes.kind);
    let nodes = of_kind.flat_map(|shows| policy::shown::objects(root, &shows.at).unwrap_or_default());
    let names: BTreeSet<Arc<str>> = nodes
        .take(OBJECTS_MAX)
        .filter_map(|node| resource.id_in(node))
        .filter(|name| !name.is_empty() && !subject.is(name) && !known.contains(name))
        .collect();
    if names.is_empty() {
        return;
    }
    let now_ns = check.shared.clock.monotonic_ns();
    for name in &names {
        check.shared.learned.forget_owner(&owner(check, subject, name), now_ns);
    }
    check.shared.tokens.forget_answers(&names, now_ns);
    check.shared.evidence.forget_holders(&names);
}

fn owner(check: &ObjectAccess, subject: &Subject, name: &Arc<str>) -> Owner {
    Owner {
        space: check.service.authorization.bindings.principals.space(subject),
        subject: Arc::clone(name),
        tenant: Arc::clone(&subject.tenant),
    }
}
