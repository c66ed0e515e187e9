//! Names that the description of an operation declares for a place of its body: each is a property of its own, and is not
//! taken for another one that is alike.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use openapi::Operation;
use tape::Node;

use crate::alike;
use crate::path::Step;
use crate::shape::{Found, Shape};

type Names = BTreeSet<Arc<str>>;

/// What is declared below one place of a body. It is looked up when a name is alike to another one, once for a place.
pub struct Declared<'o> {
    operation: Option<&'o Operation>,
    at: &'o [Step],
    seen: RefCell<Vec<(Vec<Step>, Names)>>,
}

impl<'o> Declared<'o> {
    /// Places are told from `at` on. Without an operation nothing is declared.
    pub fn new(operation: Option<&'o Operation>, at: &'o [Step]) -> Self {
        Self { operation, at, seen: RefCell::default() }
    }

    /// Whether some service takes `name` for `other`, both of the object at a place.
    pub fn disguises(&self, place: &[Step], name: &str, other: &str) -> bool {
        name != other && alike(name, other) && !self.has(place, name)
    }

    /// A member of another name that some service takes for the same.
    pub fn disguise<'t>(&self, object: Node<'t>, place: &[Step], name: &str) -> Option<&'t str> {
        object.members().map(|member| member.key).find(|key| self.disguises(place, key, name))
    }

    fn has(&self, place: &[Step], name: &str) -> bool {
        let Some(operation) = self.operation else { return false };
        let mut seen = self.seen.borrow_mut();
        if let Some((_, names)) = seen.iter().find(|(known, _)| known == place) {
            return names.contains(name);
        }
        let names = declared(operation, &[self.at, place].concat(), |_| true);
        let has = names.contains(name);
        seen.push((place.to_vec(), names));
        has
    }
}

/// Names of the properties that a request's body is declared to have at a place.
pub(crate) fn declared(operation: &Operation, at: &[Step], which: impl Fn(&Shape<'_>) -> bool) -> Names {
    let Some(shape) = Shape::request(operation) else { return Names::new() };
    let Found::Here(shape) = shape.find_steps(at) else { return Names::new() };
    // An array there holds the objects.
    let shape = shape.items().unwrap_or(shape);
    let properties = shape.properties().into_iter();
    properties.filter(|(_, property)| which(property)).map(|(name, _)| name.into()).collect()
}
