//! Which properties of a type may be written, are shown, and need a scope.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use policy::bindings::Properties;

use super::super::Changes;
use super::names;

type OfTypes = BTreeMap<Arc<str>, Properties>;
type Rules = BTreeMap<Arc<str>, Vec<Arc<str>>>;

pub(super) fn compare(changes: &mut Changes, old: &OfTypes, new: &OfTypes) {
    let none = Properties::default();
    for kind in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (before, after) = (old.get(kind).unwrap_or(&none), new.get(kind).unwrap_or(&none));
        let what = format!("{kind}: properties that may be written");
        rules(changes, &what, before.write.as_ref(), after.write.as_ref());
        let what = format!("{kind}: properties that are shown");
        rules(changes, &what, before.read.as_ref(), after.read.as_ref());
        changes.each_guards(
            before.scopes.keys(),
            after.scopes.keys(),
            |property| format!("{kind}: `{property}` no longer needs a scope"),
            |property| format!("{kind}: `{property}` now needs a scope"),
        );
        let is_other = |(property, scope)| before.scopes.get(property).is_some_and(|other| other != scope);
        if after.scopes.iter().any(is_other) {
            changes.unknown(format!("{kind}: a property needs another scope"));
        }
    }
}

fn rules(changes: &mut Changes, what: &str, old: Option<&Rules>, new: Option<&Rules>) {
    let (gone, come) = (format!("{what} are no longer listed"), format!("{what} are now listed"));
    let Some((old, new)) = changes.guard(old, new, &gone, &come) else { return };
    for rule in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let of = |rules: &'_ Rules| rules.get(rule).cloned().unwrap_or_default();
        names(changes, &format!("{what}, rule `{rule}`"), &of(old), &of(new));
    }
}
