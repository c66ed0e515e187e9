//! Bindings of objects: what may be called, about which objects somebody is asked, which properties pass.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway::settings::{Api, AuthorizationLimits};
use policy::Authorization;
use policy::bindings::{Class, Principals, Properties, Resource, Tenants};
use policy::plan::Plan;

use super::Changes;
use super::edge::duration;

pub(super) fn compare(changes: &mut Changes, old: &Api, new: &Api) {
    changes.place = None;
    match (&old.authorization, &new.authorization) {
        (None, None) => {}
        (Some(_), None) => {
            changes.weaker("nobody asks any more whose objects a caller touches (authorization is gone)")
        }
        (None, Some(_)) => changes.stronger("objects, operations and properties are now authorized"),
        (Some(old), Some(new)) => bound(changes, old, new),
    }
    let asked = |api: &Api| api.decision_point.as_ref().map(|point| point.endpoint.clone());
    if asked(old) != asked(new) {
        changes.neutral("another external decision point is asked about objects");
    }
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
    limits(changes, &old.authorization_limits, &new.authorization_limits);
    changes.place = None;
}

fn limits(changes: &mut Changes, old: &AuthorizationLimits, new: &AuthorizationLimits) {
    changes.more("lock_wait", old.lock_wait, new.lock_wait, duration);
    changes.more("evidence_timeout", old.evidence_timeout, new.evidence_timeout, duration);
    changes.more("evidence_calls_max", old.evidence_calls_max, new.evidence_calls_max, u32::to_string);
    let (a, b) = (Reverse(old.answer_grid), Reverse(new.answer_grid));
    changes.more("answer_grid", a, b, |grid| duration(&grid.0));
}

fn bound(changes: &mut Changes, old: &Authorization, new: &Authorization) {
    let single = |one: &Authorization| one.bindings.tenants == Tenants::Single;
    changes.danger(
        single(old),
        single(new),
        "all callers are now of one tenant (tenants claim -> single)",
        "tenants are now told apart (tenants single -> claim)",
    );
    names(
        changes,
        "role of operators across tenants",
        &old.bindings.principals.operators,
        &new.bindings.principals.operators,
    );
    owners(changes, &old.bindings.principals, &new.bindings.principals);
    for plan in new.plans() {
        changes.place = new.bindings.operations.get(&plan.operation.id).map(|binding| binding.place.clone());
        let id = &plan.operation.id;
        match old.plan(id) {
            None if plan.deny => {}
            None => changes.weaker(format!("{id} is now bound; it was refused")),
            Some(before) => operation(changes, before, plan),
        }
    }
    changes.place = None;
    for plan in old.plans().filter(|plan| !plan.deny && new.plan(&plan.operation.id).is_none()) {
        changes.stronger(format!("{} is no longer bound, and refused", plan.operation.id));
    }
    for (name, resource) in &new.bindings.resources {
        if let Some(before) = old.bindings.resources.get(name) {
            changes.place = Some(resource.place.clone());
            of_type(changes, before, resource);
        }
    }
    changes.place = None;
    let none = Properties::default();
    let kinds: BTreeSet<_> = old.bindings.properties.keys().chain(new.bindings.properties.keys()).collect();
    for kind in kinds {
        let of = |one: &'_ Authorization| {
            one.bindings.properties.get(kind).cloned().unwrap_or_else(|| none.clone())
        };
        let (before, after) = (of(old), of(new));
        rules(
            changes,
            &format!("{kind}: properties that may be written"),
            before.write.as_ref(),
            after.write.as_ref(),
        );
        rules(
            changes,
            &format!("{kind}: properties that are shown"),
            before.read.as_ref(),
            after.read.as_ref(),
        );
        for property in before.scopes.keys().filter(|property| !after.scopes.contains_key(*property)) {
            changes.weaker(format!("{kind}: `{property}` no longer needs a scope"));
        }
        for property in after.scopes.keys().filter(|property| !before.scopes.contains_key(*property)) {
            changes.stronger(format!("{kind}: `{property}` now needs a scope"));
        }
        if after
            .scopes
            .iter()
            .any(|(property, scope)| before.scopes.get(property).is_some_and(|other| other != scope))
        {
            changes.neutral(format!("{kind}: a property needs another scope"));
        }
    }
    if old.decider.written() != new.decider.written() {
        changes.neutral("the policies are others");
    }
}

/// Whose names owners are.
fn owners(changes: &mut Changes, old: &Principals, new: &Principals) {
    any_of(changes, "issuer whose people own objects", &old.issuers, &new.issuers);
    changes.danger(
        old.clients_own,
        new.clients_own,
        "clients without a user now own what names them",
        "clients without a user no longer own anything",
    );
    if old.subject != new.subject {
        changes.neutral("owners are compared with another claim");
    }
}

fn operation(changes: &mut Changes, old: &Plan, new: &Plan) {
    let id = &new.operation.id;
    changes.danger(
        !old.deny,
        !new.deny,
        &format!("{id} is no longer denied"),
        &format!("{id} is now denied"),
    );
    let rank = |class: Class| {
        matches!(class, Class::Support | Class::Internal | Class::Admin) as u8 * 2
            + (class != Class::Public) as u8
    };
    if old.class != new.class {
        let sentence = format!("{id} is for {} instead of {}", new.class.word(), old.class.word());
        match rank(new.class).cmp(&rank(old.class)) {
            std::cmp::Ordering::Less => changes.weaker(sentence),
            std::cmp::Ordering::Equal => changes.neutral(sentence),
            std::cmp::Ordering::Greater => changes.stronger(sentence),
        }
    }
    any_of(changes, &format!("role for {id}"), &old.roles, &new.roles);
    for scope in old.scopes.iter().filter(|scope| !new.scopes.contains(scope)) {
        changes.weaker(format!("{id} no longer needs the scope `{scope}`"));
    }
    for scope in new.scopes.iter().filter(|scope| !old.scopes.contains(scope)) {
        changes.stronger(format!("{id} now needs the scope `{scope}`"));
    }
    match (&old.assurance, &new.assurance) {
        (Some(_), None) => changes.weaker(format!("{id} no longer asks how the caller authenticated")),
        (None, Some(_)) => changes.stronger(format!("{id} now asks how the caller authenticated")),
        (a, b) if a != b => changes.neutral(format!("{id} asks for another authentication")),
        _ => {}
    }
    objects(changes, old, new);
    changes.danger(
        old.safe,
        new.safe,
        &format!("{id} is now said to have no effect, so that its answer may be evidence"),
        &format!("{id} is now said to have an effect"),
    );
    let held = |plan: &Plan| (plan.takes.is_some(), plan.list.is_some(), plan.shows.len());
    let (a, b) = (held(old), held(new));
    let sentence = |what: &str, now: bool| {
        if now {
            format!("{id}: {what} is now held against rules")
        } else {
            format!("{id}: {what} is no longer held against rules")
        }
    };
    for (what, before, after) in
        [("its body", a.0, b.0), ("its list", a.1, b.1), ("its answer", a.2 > 0, b.2 > 0)]
    {
        changes.danger(!before, !after, &sentence(what, false), &sentence(what, true));
    }
    if a == b
        && format!("{:?}{:?}{:?}", old.takes, old.list, old.shows)
            != format!("{:?}{:?}{:?}", new.takes, new.list, new.shows)
    {
        changes.neutral(format!("{id}: its body or answer is held against other rules"));
    }
    if format!("{:?}{:?}", old.sealed.opens, old.sealed.shows)
        != format!("{:?}{:?}", new.sealed.opens, new.sealed.shows)
        || old.sealed.headers != new.sealed.headers
    {
        changes.neutral(format!("{id}: sealed ids stand elsewhere"));
    }
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
    for property in old.preset.keys().filter(|property| !new.preset.contains_key(*property)) {
        changes.weaker(format!("{id}: callers choose `{property}` themselves"));
    }
    for property in new.preset.keys().filter(|property| !old.preset.contains_key(*property)) {
        changes.stronger(format!("{id}: `{property}` is set by the gateway"));
    }
}

fn objects(changes: &mut Changes, old: &Plan, new: &Plan) {
    let id = &new.operation.id;
    let places = |plan: &Plan| -> BTreeSet<String> {
        plan.objects.iter().map(|bound| format!("{} by `{}`", bound.resource.name, bound.id)).collect()
    };
    let (a, b) = (places(old), places(new));
    for gone in a.difference(&b) {
        changes.weaker(format!("{id} no longer asks about {gone}"));
    }
    for more in b.difference(&a) {
        changes.stronger(format!("{id} now asks about {more}"));
    }
    for bound in &new.objects {
        let same = old
            .objects
            .iter()
            .find(|other| other.id == bound.id && other.resource.name == bound.resource.name);
        let Some(before) = same else { continue };
        match (before.sources.is_empty(), bound.sources.is_empty()) {
            (false, true) => {
                changes.weaker(format!("{id}: nothing says any more whose {} it is", bound.resource.name))
            }
            (true, false) => {
                changes.stronger(format!("{id}: evidence now says whose {} it is", bound.resource.name))
            }
            _ if format!("{:?}", before.sources) != format!("{:?}", bound.sources) => {
                changes
                    .neutral(format!("{id}: whose {} it is comes from other sources", bound.resource.name));
            }
            _ => {}
        }
        changes.danger(
            before.optional,
            bound.optional,
            &format!("{id} may now be called without its {}", bound.resource.name),
            &format!("{id} now needs its {}", bound.resource.name),
        );
    }
}

fn of_type(changes: &mut Changes, old: &Resource, new: &Resource) {
    let name = &new.name;
    for (what, before, after) in [("tenant", &old.tenant, &new.tenant), ("owner", &old.owner, &new.owner)] {
        if before != after {
            changes.neutral(format!("the {what} of {name} is known from elsewhere"));
        }
    }
    names(changes, &format!("id by which callers name their own {name}"), &old.me, &new.me);
    changes.danger(
        old.per_caller,
        new.per_caller,
        &format!("every {name} is now its caller's"),
        &format!("not every {name} is its caller's any more"),
    );
    for property in old.immutable.iter().filter(|property| !new.immutable.contains(property)) {
        changes.weaker(format!("`{property}` of {name} may now change"));
    }
    for property in new.immutable.iter().filter(|property| !old.immutable.contains(property)) {
        changes.stronger(format!("`{property}` of {name} no longer changes"));
    }
    changes.danger(
        old.seal.is_none(),
        new.seal.is_none(),
        &format!("ids of {name} are no longer sealed"),
        &format!("ids of {name} are now sealed"),
    );
    if let (Some(before), Some(after)) = (&old.seal, &new.seal) {
        changes.danger(
            before.shared,
            after.shared,
            &format!("sealed ids of {name} now open for all tenants"),
            &format!("sealed ids of {name} now open for one tenant each"),
        );
        if before.prefix != after.prefix {
            changes.neutral(format!("sealed ids of {name} begin otherwise; those of before no longer open"));
        }
    }
    if old.references != new.references {
        changes.neutral(format!("the references of {name} are others"));
    }
}

type Rules = BTreeMap<Arc<str>, Vec<Arc<str>>>;

fn rules(changes: &mut Changes, what: &str, old: Option<&Rules>, new: Option<&Rules>) {
    match (old, new) {
        (None, None) => {}
        (Some(_), None) => changes.weaker(format!("{what} are no longer listed")),
        (None, Some(_)) => changes.stronger(format!("{what} are now listed")),
        (Some(old), Some(new)) => {
            let empty = Vec::new();
            for rule in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
                let (a, b) = (old.get(rule).unwrap_or(&empty), new.get(rule).unwrap_or(&empty));
                names(changes, &format!("{what}, rule `{rule}`"), a, b);
            }
        }
    }
}

/// Names that each let more through.
fn names(changes: &mut Changes, what: &str, old: &[Arc<str>], new: &[Arc<str>]) {
    for name in new.iter().filter(|name| !old.contains(name)) {
        changes.weaker(format!("{what}: `{name}` is new"));
    }
    for name in old.iter().filter(|name| !new.contains(name)) {
        changes.stronger(format!("{what}: `{name}` is gone"));
    }
}

/// One of them is needed, and where there are none nothing is.
fn any_of(changes: &mut Changes, what: &str, old: &[Arc<str>], new: &[Arc<str>]) {
    match (old.is_empty(), new.is_empty()) {
        (false, true) => changes.weaker(format!("{what}: none is needed any more")),
        (true, false) => changes.stronger(format!("{what}: one is now needed")),
        _ => names(changes, what, old, new),
    }
}
