//! What a request may rename, found when it is decided on: it is too late when the answer is not seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use policy::decide::Subject;

use super::super::subject::{identity_of, key_of_self};
use super::answered::kept::wrote;
use super::{ObjectAccess, ids};
use crate::check::{Edit, Step};
use crate::exchange::Exchange;
use crate::learned::Owner;
use crate::objects::{ObjectKey, ObjectName};
use crate::renaming::Renaming;

/// The step, with what the request renames if it leaves. It may leave in spite of a refusal where the check is watched.
pub(super) fn noted(check: &ObjectAccess, exchange: &Exchange, step: Step) -> Step {
    if !check.plan.renames {
        return step;
    }
    let edit = || renaming(check, exchange).map(|renaming| Edit::Rename(Box::new(renaming)));
    match step {
        Step::Continue(mut edits) => {
            edits.extend(edit());
            Step::Continue(edits)
        }
        Step::RefuseWith(mut edits, refusal) => {
            edits.extend(edit());
            Step::RefuseWith(edits, refusal)
        }
        Step::Refuse(refusal) => Step::RefuseWith(edit().into_iter().collect(), refusal),
        step => step,
    }
}

/// Whoever takes an old id has another object, whoever takes an old name of a user is another one, and what was known by
/// the new ones was of others: of those who gave them up, if that was not seen.
fn renaming(check: &ObjectAccess, exchange: &Exchange) -> Option<Renaming> {
    let takes = check.plan.takes.as_ref()?;
    let resource = check.service.authorization.bindings.resources.get(&takes.kind)?;
    let named = ids::named(&check.plan.objects, exchange).unwrap_or_default();
    let mut given: BTreeSet<Arc<str>> = wrote(check, exchange, resource).into_iter().collect();
    given.extend(named.into_iter().filter(|one| one.bound.resource.name == takes.kind).map(|one| one.id));
    let key = |id: &Arc<str>| check.key(ObjectName { kind: &takes.kind, id });
    let objects: Vec<ObjectKey> = given.iter().map(key).collect();
    let caller = exchange.caller.as_ref();
    let myself = caller.and_then(|caller| key_of_self(&check.shared, &check.service, caller));
    let asked_again = myself.into_iter().chain(check.key_of_own(caller.and_then(identity_of))).collect();
    let (mut names, mut owners) = (BTreeSet::new(), Vec::new());
    if resource.is_its_own_owner() {
        names = given;
        names.extend(exchange.subject.as_ref().map(|subject| Arc::clone(&subject.subject)));
        names.retain(|name| !name.is_empty());
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
        owners,
        objects,
        asked_again,
        is_under_way: false,
    })
}

fn owner(check: &ObjectAccess, subject: &Subject, name: &Arc<str>) -> Owner {
    Owner {
        space: check.service.authorization.bindings.principals.space(subject),
        subject: Arc::clone(name),
        tenant: Arc::clone(&subject.tenant),
    }
}
