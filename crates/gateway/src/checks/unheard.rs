//! Facts that the policies ask for and nobody told: what forbids by them has said nothing, and its silence is no yes.

use policy::bindings::{From, Resource};
use policy::{Authorization, Facts, OWNER, PARENT};

/// The first such fact of an object. Attributes count whoever asks for them, since a permit may ask that one be absent;
/// that nobody owns an object is known of many, and counts where something forbids by the owner.
pub(super) fn unheard<'a>(
    authorization: &Authorization,
    operation: &str,
    resource: &'a Resource,
    facts: &Facts,
) -> Option<&'a str> {
    let decider = &authorization.decider;
    let is_open = |name: &str| facts.get(name).is_none_or(|value| value.is_empty());
    let forbids_by = |name: &str| decider.forbids_by(operation).contains(name) && is_open(name);
    if resource.owner != From::None && forbids_by(OWNER) {
        return Some(OWNER);
    }
    if resource.parent.is_some() && forbids_by(PARENT) {
        return Some(PARENT);
    }
    let asks_for = |name: &str| decider.asks_for(operation).contains(name);
    resource.attributes.keys().map(|name| &**name).find(|name| asks_for(name) && is_open(name))
}
