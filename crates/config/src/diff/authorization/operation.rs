//! One operation: who may call it, about which objects somebody is asked, what its body and answer are held against.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use policy::bindings::Class;
use policy::plan::{Bound, Plan};

use super::super::Changes;
use super::{any_of, sources};

pub(super) fn compare(changes: &mut Changes, old: &Plan, new: &Plan) {
    let id = &new.operation.id;
    changes.danger(
        !old.deny,
        !new.deny,
        &format!("{id} is no longer denied"),
        &format!("{id} is now denied"),
    );
    callers(changes, old, new);
    objects(changes, old, new);
    changes.danger(
        old.safe,
        new.safe,
        &format!("{id} is now said to have no effect, so that its answer may be evidence"),
        &format!("{id} is now said to have an effect"),
    );
    representations(changes, old, new);
    written(changes, old, new);
}

fn callers(changes: &mut Changes, old: &Plan, new: &Plan) {
    let id = &new.operation.id;
    if old.action != new.action {
        let (before, now) = (old.action.word(), new.action.word());
        changes.unknown(format!("{id} is decided on as {now} instead of {before}"));
    }
    if old.class != new.class {
        let sentence = format!("{id} is for {} instead of {}", new.class.word(), old.class.word());
        match narrowness(new.class).cmp(&narrowness(old.class)) {
            Ordering::Less => changes.weaker(sentence),
            Ordering::Equal => changes.unknown(sentence),
            Ordering::Greater => changes.stronger(sentence),
        }
    }
    any_of(changes, &format!("role for {id}"), &old.roles, &new.roles);
    changes.each_guards(
        &old.scopes,
        &new.scopes,
        |scope| format!("{id} no longer needs the scope `{scope}`"),
        |scope| format!("{id} now needs the scope `{scope}`"),
    );
    changes.guard_or_other(
        old.assurance.as_ref(),
        new.assurance.as_ref(),
        &format!("{id} no longer asks how the caller authenticated"),
        &format!("{id} now asks how the caller authenticated"),
        &format!("{id} asks for another authentication"),
    );
}

/// The more, the fewer may call.
fn narrowness(class: Class) -> u8 {
    match class {
        Class::Public => 0,
        Class::Support | Class::Internal | Class::Admin => 2,
        _ => 1,
    }
}

fn objects(changes: &mut Changes, old: &Plan, new: &Plan) {
    let id = &new.operation.id;
    let places = |plan: &Plan| -> BTreeSet<String> {
        plan.objects.iter().map(|bound| format!("{} by `{}`", bound.resource.name, bound.id)).collect()
    };
    changes.each_guards(
        places(old),
        places(new),
        |gone| format!("{id} no longer asks about {gone}"),
        |more| format!("{id} now asks about {more}"),
    );
    for bound in &new.objects {
        let is_same = |other: &&Bound| other.id == bound.id && other.resource.name == bound.resource.name;
        if let Some(before) = old.objects.iter().find(is_same) {
            object(changes, id, before, bound);
        }
    }
}

fn object(changes: &mut Changes, id: &str, old: &Bound, new: &Bound) {
    let kind = &new.resource.name;
    match (old.sources.is_empty(), new.sources.is_empty()) {
        (false, true) => changes.weaker(format!("{id}: nothing says any more whose {kind} it is")),
        (true, false) => changes.stronger(format!("{id}: evidence now says whose {kind} it is")),
        _ if sources::asked(&old.sources) != sources::asked(&new.sources) => {
            changes.unknown(format!("{id}: whose {kind} it is comes from other sources"));
        }
        _ => {}
    }
    changes.danger(
        old.optional,
        new.optional,
        &format!("{id} may now be called without its {kind}"),
        &format!("{id} now needs its {kind}"),
    );
}

/// What bodies and answers are held against.
fn representations(changes: &mut Changes, old: &Plan, new: &Plan) {
    let id = &new.operation.id;
    let held = |plan: &Plan| [plan.takes.is_some(), plan.list.is_some(), !plan.shows.is_empty()];
    for (what, (before, after)) in
        ["its body", "its list", "its answer"].into_iter().zip(held(old).into_iter().zip(held(new)))
    {
        changes.danger(
            !before,
            !after,
            &format!("{id}: {what} is no longer held against rules"),
            &format!("{id}: {what} is now held against rules"),
        );
    }
    let is_other =
        differs(&old.takes, &new.takes) || differs(&old.list, &new.list) || differs(&old.shows, &new.shows);
    if held(old) == held(new) && is_other {
        changes.unknown(format!("{id}: its body or answer is held against other rules"));
    }
    let (a, b) = (&old.sealed, &new.sealed);
    if differs(&a.opens, &b.opens) || differs(&a.shows, &b.shows) || a.headers != b.headers {
        changes.unknown(format!("{id}: sealed ids stand elsewhere"));
    }
}

/// What callers choose of what they write, and of which state of the object.
fn written(changes: &mut Changes, old: &Plan, new: &Plan) {
    let id = &new.operation.id;
    changes.danger(
        !old.if_match,
        !new.if_match,
        &format!("{id} no longer tells the service which state of the object was decided on"),
        &format!("{id} now tells the service which state of the object was decided on"),
    );
    changes.danger(
        old.takes_any_id,
        new.takes_any_id,
        &format!("{id}: callers now choose the ids of what they write"),
        &format!("{id}: callers write no ids but those of objects they were let to"),
    );
    changes.danger(
        old.renames,
        new.renames,
        &format!("{id}: what is written may now change ids"),
        &format!("{id}: what is written changes no ids any more"),
    );
    changes.each_guards(
        old.preset.keys(),
        new.preset.keys(),
        |property| format!("{id}: callers choose `{property}` themselves"),
        |property| format!("{id}: `{property}` is set by the gateway"),
    );
}

/// Of parts of plans that hold no places, and are told apart by everything that they do hold.
fn differs<T: std::fmt::Debug>(a: &T, b: &T) -> bool {
    format!("{a:?}") != format!("{b:?}")
}
