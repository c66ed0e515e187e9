//! Which other objects a representation names that know its tenant or owner.

use std::sync::Arc;

use policy::bindings::{From, Resource};
use policy::{OWNER, TENANT, text_of};
use tape::Node;

/// The fact, and the type and id of the object that has it.
pub(super) fn relations(node: Node<'_>, resource: &Resource) -> Vec<(&'static str, Arc<str>, Arc<str>)> {
    let mut relations = Vec::new();
    for (fact, from) in [(TENANT, &resource.tenant), (OWNER, &resource.owner)] {
        if let From::Related { kind, id } = from
            && let Some(id) = id.one(node).and_then(text_of)
        {
            relations.push((fact, Arc::clone(kind), id));
        }
    }
    relations
}
