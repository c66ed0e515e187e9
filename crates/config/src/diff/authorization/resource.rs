//! One type of objects: whose they are, what of them stays, how their ids are shown.

use policy::bindings::Resource;

use super::super::Changes;
use super::names;

pub(super) fn compare(changes: &mut Changes, old: &Resource, new: &Resource) {
    let name = &new.name;
    for (what, before, after) in [("tenant", &old.tenant, &new.tenant), ("owner", &old.owner, &new.owner)] {
        if before != after {
            changes.unknown(format!("the {what} of {name} is known from elsewhere"));
        }
    }
    if old.id != new.id {
        changes.unknown(format!("the id of {name} stands elsewhere in what is shown"));
    }
    if old.attributes != new.attributes {
        changes.unknown(format!("the attributes of {name} come from elsewhere"));
    }
    if old.parent != new.parent {
        changes.unknown(format!("what {name} belongs to is known from elsewhere"));
    }
    names(changes, &format!("id by which callers name their own {name}"), &old.me, &new.me);
    changes.danger(
        old.per_caller,
        new.per_caller,
        &format!("every {name} is now its caller's"),
        &format!("not every {name} is its caller's any more"),
    );
    changes.each_guards(
        &old.immutable,
        &new.immutable,
        |property| format!("`{property}` of {name} may now change"),
        |property| format!("`{property}` of {name} no longer changes"),
    );
    seal(changes, old, new);
    if old.references != new.references {
        changes.unknown(format!("the references of {name} are others"));
    }
}

fn seal(changes: &mut Changes, old: &Resource, new: &Resource) {
    let name = &new.name;
    let both = changes.guard(
        old.seal.as_ref(),
        new.seal.as_ref(),
        &format!("ids of {name} are no longer sealed"),
        &format!("ids of {name} are now sealed"),
    );
    let Some((before, after)) = both else { return };
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
