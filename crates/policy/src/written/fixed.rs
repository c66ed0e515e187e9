//! Properties that callers do not write: those that never change, and those that say whose an object is, or which.

use std::sync::Arc;

use tape::{Kind, Node};

use super::{Denied, push};
use crate::bindings::{From, Resource};
use crate::declared::Declared;
use crate::facts::{Facts, OWNER, TENANT, text_of};
use crate::path::{Path, Step};

/// Properties that nobody changes: those that are listed, those that say whose the object is, and those that name the
/// objects on which that rests, unless the caller may reach the new one (`reached`, by type and id). A body may repeat what
/// is known to stand there already. The id changes where the operation renames, even where it says whose the object is, as
/// the name of an account does.
pub fn immutable(
    object: Node<'_>,
    resource: &Resource,
    there: &There<'_>,
    (reached, declared): (Reached<'_>, &Declared<'_>),
) -> Vec<Denied> {
    let (id, known) = (there.id, there.facts);
    let mut denied = Vec::new();
    let mut refuse =
        |path: &Path, may: &dyn Fn(&Arc<str>) -> bool| refuse(object, path, declared, may, &mut denied);
    let of_id = |path: &Path| id.filter(|_| path.steps() == resource.id.steps());
    for name in &resource.immutable {
        let Ok(path) = Path::parse(name) else { continue };
        let fact = of_id(&path)
            .or_else(|| fact_of(resource, &path).and_then(|fact| known?.get(&fact)))
            .or_else(|| known?.link(&path));
        refuse(&path, &|value| fact == Some(value));
    }
    for (fact, from) in [(OWNER, &resource.owner), (TENANT, &resource.tenant)] {
        if let From::Property(path) = from {
            let said = of_id(path).or_else(|| known.and_then(|known| known.get(fact)));
            let is_renamed = there.renames && path.steps() == resource.id.steps();
            refuse(path, &|value| is_renamed || said == Some(value));
        }
    }
    for (kind, path) in resource.links() {
        let there = of_id(path).or_else(|| known?.link(path));
        refuse(path, &|value| there == Some(value) || reached(kind, value));
    }
    denied
}

/// What is known to stand there already.
#[derive(Debug, Clone, Copy, Default)]
pub struct There<'a> {
    /// By which the request names the object.
    pub id: Option<&'a Arc<str>>,
    pub facts: Option<&'a Facts>,
    /// The operation may change the id.
    pub renames: bool,
}

/// The id in what is written, where it is no object's that the caller was let to: services that store what they are sent
/// under the id in it, over whatever stands there, would take it for somebody else's. `null` names nothing.
pub fn misnamed(
    object: Node<'_>,
    resource: &Resource,
    (reached, declared): (Reached<'_>, &Declared<'_>),
) -> Option<Denied> {
    let (pointer, is_good) = id_written(object, resource, reached, declared)?;
    (!is_good).then_some(Denied { pointer, rule: "immutable" })
}

/// Where the id is written that names an object to which the caller was let: it says which one is meant, and writes nothing.
pub fn repeated_id(
    object: Node<'_>,
    resource: &Resource,
    (reached, declared): (Reached<'_>, &Declared<'_>),
) -> Option<String> {
    id_written(object, resource, reached, declared).and_then(|(pointer, is_good)| is_good.then_some(pointer))
}

/// The place of the id, where it is written, and whether it is one that the caller was let to.
fn id_written(
    object: Node<'_>,
    resource: &Resource,
    reached: Reached<'_>,
    declared: &Declared<'_>,
) -> Option<(String, bool)> {
    let mut pointer = String::new();
    let is_good = match led(object, &resource.id, declared, &mut pointer) {
        Led::Nowhere => return None,
        Led::Astray => false,
        Led::To(node) => node.is_null() || text_of(node).is_some_and(|value| reached(&resource.name, &value)),
    };
    Some((pointer, is_good))
}

/// Whether the request names such an object, by type and id, and the caller was let to it.
pub type Reached<'a> = &'a dyn Fn(&str, &str) -> bool;

impl Resource {
    /// Whether a property, or something below it, never changes. Links do where `is_bound` says that they are bound, and the
    /// id where the operation `renames`, as in [`immutable`].
    pub fn is_fixed(
        &self,
        property: &str,
        renames: bool,
        is_bound: &dyn Fn(&str, &Path) -> bool,
        declared: &Declared<'_>,
    ) -> bool {
        let listed = self.immutable.iter().filter_map(|name| Path::parse(name).ok());
        self.tells_whose(property, renames, is_bound, declared)
            || listed.into_iter().any(|path| begins(&path, property, declared))
    }

    /// Whether a property, or something below it, says whose the object is.
    pub fn says_whose(
        &self,
        property: &str,
        is_bound: &dyn Fn(&str, &Path) -> bool,
        declared: &Declared<'_>,
    ) -> bool {
        self.tells_whose(property, false, is_bound, declared)
    }

    /// The same; where the operation `renames`, the id may say something else.
    fn tells_whose(
        &self,
        property: &str,
        renames: bool,
        is_bound: &dyn Fn(&str, &Path) -> bool,
        declared: &Declared<'_>,
    ) -> bool {
        let held = [&self.owner, &self.tenant].into_iter().any(|from| match from {
            From::Property(path) => {
                begins(path, property, declared) && !(renames && path.steps() == self.id.steps())
            }
            _ => false,
        });
        held || self.links().any(|(kind, path)| begins(path, property, declared) && !is_bound(kind, path))
    }

    /// Whether a property is the id by which such objects are named, or holds it.
    pub fn says_which(&self, property: &str, declared: &Declared<'_>) -> bool {
        begins(&self.id, property, declared)
    }

    /// Types and places of the other objects that a representation names and on which it rests whose it is.
    pub fn links(&self) -> impl Iterator<Item = (&str, &Path)> {
        let related = [&self.owner, &self.tenant].into_iter().filter_map(|from| match from {
            From::Related { kind, id } => Some((&**kind, id)),
            _ => None,
        });
        related.chain(self.parent.iter().map(|parent| (&*parent.kind, &parent.property)))
    }
}

fn begins(path: &Path, property: &str, declared: &Declared<'_>) -> bool {
    let is_it = |name: &str| name == property || declared.disguises(&[], property, name);
    matches!(path.steps().first(), Some(Step::Member(name)) if is_it(name))
}

/// Properties that would make a new object somebody else's than `own` says; without `owner`, of another tenant. What it
/// is to belong to has to be an object that the caller was let to.
pub fn whose(
    object: Node<'_>,
    resource: &Resource,
    own: &Facts,
    owner: bool,
    (reached, declared): (Reached<'_>, &Declared<'_>),
) -> Vec<Denied> {
    let mut denied = Vec::new();
    let mut refuse =
        |path: &Path, may: &dyn Fn(&Arc<str>) -> bool| refuse(object, path, declared, may, &mut denied);
    for (fact, from) in [(OWNER, &resource.owner), (TENANT, &resource.tenant)] {
        if let From::Property(path) = from
            // One of several owners may well be another.
            && !path.is_plural()
            && (owner || fact == TENANT)
        {
            refuse(path, &|value| own.get(fact) == Some(value));
        }
    }
    for (kind, path) in resource.links() {
        refuse(path, &|value| reached(kind, value));
    }
    denied
}

/// The fact that a property shows.
fn fact_of(resource: &Resource, property: &Path) -> Option<Arc<str>> {
    let shows = |from: &From| matches!(from, From::Property(path) if path.steps() == property.steps());
    if shows(&resource.owner) {
        return Some(OWNER.into());
    }
    if shows(&resource.tenant) {
        return Some(TENANT.into());
    }
    let mut attributes = resource.attributes.iter();
    attributes.find(|(_, path)| path.steps() == property.steps()).map(|(name, _)| Arc::clone(name))
}

/// Everything that a path names is refused unless its value may stand there; so is what stands above it in place of an
/// object.
fn refuse(
    object: Node<'_>,
    path: &Path,
    declared: &Declared<'_>,
    may: &dyn Fn(&Arc<str>) -> bool,
    denied: &mut Vec<Denied>,
) {
    let mut pointer = String::new();
    let is_good = match led(object, path, declared, &mut pointer) {
        Led::Nowhere => return,
        Led::Astray => false,
        Led::To(node) => text_of(node).is_some_and(|value| may(&value)),
    };
    let entry = Denied { pointer, rule: "immutable" };
    if !is_good && !denied.contains(&entry) {
        denied.push(entry);
    }
}

/// Where a path leads in what is written.
enum Led<'t> {
    To(Node<'t>),
    /// Nothing of it is written.
    Nowhere,
    /// Something stands there in place of an object, or in disguise.
    Astray,
}

fn led<'t>(object: Node<'t>, path: &Path, declared: &Declared<'_>, pointer: &mut String) -> Led<'t> {
    let mut node = object;
    for (index, step) in path.steps().iter().enumerate() {
        // Of several owners the array as a whole stays as it is.
        let Step::Member(name) = step else { return Led::Astray };
        let place = path.steps().get(..index).unwrap_or_default();
        if let Some(disguise) = declared.disguise(node, place, name) {
            push(pointer, disguise);
            return Led::Astray;
        }
        push(pointer, name);
        match node.get(name) {
            Some(below) => node = below,
            None if node.kind() == Kind::Object => return Led::Nowhere,
            None => return Led::Astray,
        }
    }
    Led::To(node)
}
