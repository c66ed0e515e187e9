//! What a representation of an object says of it.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tape::Node;

use crate::bindings::{From, Resource};
use crate::decide::{Subject, SubjectKind};
use crate::facts::{Facts, OWNER, Origin, PARENT, TENANT, text_of};
use crate::path::Path;

/// An object that a request concerns, with what has become known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub resource: Arc<str>,
    pub id: Arc<str>,
    pub facts: Facts,
}

impl Resource {
    /// The id that a representation shows.
    pub fn id_in(&self, representation: Node<'_>) -> Option<Arc<str>> {
        self.id.one(representation).and_then(text_of)
    }

    /// The facts that a representation shows by itself: tenant, owner, parent and attributes by their properties. A fact
    /// that is the principal's by declaration is there too; what another object or a list has to say is not.
    pub fn facts_in(&self, representation: Node<'_>, subject: &Subject, origin: Origin) -> Facts {
        let mut facts = self.facts_by_declaration(subject);
        let own = [(TENANT, &self.tenant, &subject.tenant), (OWNER, &self.owner, &subject.subject)];
        for (name, from, own) in own {
            if let From::Property(path) = from
                && let Some(value) = one_of_several(path, representation, own)
            {
                facts.set(name, value, origin);
            }
        }
        if let Some(value) =
            self.parent.as_ref().and_then(|parent| parent.property.one(representation)).and_then(text_of)
        {
            facts.set(PARENT, value, origin);
        }
        for (_, path) in self.links() {
            if let Some(id) = path.one(representation).and_then(text_of) {
                facts.set_link(path, id);
            }
        }
        for (name, path) in &self.attributes {
            if let Some(value) = path.one(representation).and_then(text_of) {
                facts.set(Arc::clone(name), value, origin);
            }
        }
        facts
    }

    /// What holds of every object of the type, whatever it is.
    pub fn facts_by_declaration(&self, subject: &Subject) -> Facts {
        let mut facts = Facts::default();
        if self.tenant == From::Principal {
            facts.set(TENANT, Arc::clone(&subject.tenant), Origin::Principal);
        }
        if self.owner == From::Principal {
            facts.set(OWNER, Arc::clone(&subject.subject), Origin::Principal);
        }
        facts
    }

    /// Whether an operation lists the caller's own objects of this type and nobody else's.
    pub fn is_listed_as_own_by(&self, operation: &str) -> bool {
        self.producers.iter().any(|producer| *producer.operation == *operation)
    }

    /// Whether the id names the owner too, as the name of an account does.
    pub fn is_its_own_owner(&self) -> bool {
        matches!(&self.owner, From::Property(owner) if owner.steps() == self.id.steps())
    }

    /// Whether an id of this type is the caller itself: where ids are subjects. Those are of people; a client that is
    /// named like one of them is not that one.
    pub fn is_caller(&self, subject: &Subject, id: &str) -> bool {
        let is_person = matches!(subject.kind, SubjectKind::User | SubjectKind::Operator);
        !self.me.is_empty() && is_person && subject.is(id)
    }

    /// What follows from an object's standing in a list of the principal's own: it is the principal's.
    pub fn facts_of_own(&self, subject: &Subject, origin: Origin) -> Facts {
        let mut facts = self.facts_by_declaration(subject);
        facts.set(TENANT, Arc::clone(&subject.tenant), origin);
        facts.set(OWNER, Arc::clone(&subject.subject), origin);
        facts
    }
}

/// The value that a path names. Where it names several, as of an object that people share, the principal's own goes
/// before the others: it is enough to be one of them.
fn one_of_several(path: &Path, representation: Node<'_>, own: &Arc<str>) -> Option<Arc<str>> {
    if !path.is_plural() {
        return path.one(representation).and_then(text_of);
    }
    let values: Vec<_> = path.each(representation).into_iter().filter_map(text_of).collect();
    values.iter().find(|value| *value == own && !own.is_empty()).or(values.first()).cloned()
}
