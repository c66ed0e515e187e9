//! Where the answer shows the object that the request named.

use policy::Origin;
use policy::bindings::From;
use policy::plan::Source;
use tape::Node;

use super::super::Standpoint;
use super::super::ids::Named;
use super::{is_awaited, kept};

/// The object that the request named, in the answer.
pub(super) enum Shown<'t> {
    Object(Node<'t>),
    Another,
    Nothing,
}

/// The object as the answer shows it. The operation's own binding says where; without one, the answer is the object.
pub(super) fn shown<'t>(at: &Standpoint<'_>, named: &Named<'_>, root: Node<'t>) -> Shown<'t> {
    let resource = &named.bound.resource;
    let mut nodes = Vec::new();
    for shows in at.check.plan.shows.iter().filter(|shows| shows.kind == resource.name) {
        match policy::shown::objects(root, &shows.at) {
            Ok(found) => nodes.extend(found),
            Err(_) => return Shown::Another,
        }
    }
    if !at.check.plan.shows.iter().any(|shows| shows.kind == resource.name) {
        if !is_awaited(at.exchange) || !may_await(named) {
            return Shown::Nothing;
        }
        nodes.push(root);
    }
    if nodes.is_empty() {
        return Shown::Nothing;
    }
    let same = |node: &&Node<'t>| resource.id_in(**node).is_some_and(|id| id == named.id);
    match (nodes.iter().find(same), nodes.as_slice()) {
        (Some(node), _) => Shown::Object(*node),
        (None, [node]) if was_renamed(at, named, *node) => Shown::Object(*node),
        _ => Shown::Another,
    }
}

/// A write may change the id by which the object was named: to the one that was written, or where ids follow from what is
/// written, to one under which the answer still says whose the object is.
fn was_renamed(at: &Standpoint<'_>, named: &Named<'_>, node: Node<'_>) -> bool {
    let resource = &named.bound.resource;
    let takes = at.check.plan.takes.as_ref().filter(|takes| takes.kind == resource.name);
    let Some(id) = resource.id_in(node).filter(|_| takes.is_some() && !at.check.plan.safe) else {
        return false;
    };
    let says_whose = || resource.facts_in(node, at.subject, Origin::Response).owner().is_some();
    let follows = at.check.plan.renames && !resource.is_its_own_owner();
    kept::wrote(at.check, at.exchange, resource).is_ok_and(|wrote| wrote.as_slice() == [id])
        || (follows && matches!(resource.owner, From::Property(_)) && says_whose())
}

/// Whether the answer may have been waited for to know about this object; of the others everything was known before.
pub(super) fn may_await(named: &Named<'_>) -> bool {
    named.bound.sources.iter().any(|source| matches!(source, Source::Response))
}
