//! What a request writes: the properties of a representation in its body, those that may not be written, and those that
//! are set for it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use openapi::Operation;
use serde_json::Value;
use tape::{Kind, Node};

use crate::bindings::{From, Preset, Resource};
use crate::decide::Subject;
use crate::declared::{Declared, declared};
use crate::facts::{Facts, OWNER, TENANT, text_of};
use crate::patch;
use crate::path::{Path, Step};
use crate::properties::{Allowance, Member};

/// A property that may not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// JSON Pointer (RFC 6901) within the representation.
    pub pointer: String,
    /// `writable` when no rule names it, `immutable` when nobody may change it.
    pub rule: &'static str,
}

/// Names of the properties that the objects write, each once, in the order of the document.
pub fn names(objects: &[Node<'_>]) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for member in objects.iter().flat_map(|object| object.members()) {
        if !names.iter().any(|name| **name == *member.key) {
            names.push(member.key.into());
        }
    }
    names
}

/// What of an object the allowance does not cover.
pub fn beyond(object: Node<'_>, allowance: &Allowance<'_>) -> Vec<Denied> {
    let mut denied = Vec::new();
    walk(object, allowance, &mut String::new(), &mut denied);
    denied
}

fn walk(node: Node<'_>, allowance: &Allowance<'_>, pointer: &mut String, denied: &mut Vec<Denied>) {
    let length = pointer.len();
    match node.kind() {
        Kind::Object => {
            for member in node.members() {
                push(pointer, member.key);
                match allowance.member(member.key) {
                    Member::No => denied.push(Denied { pointer: pointer.clone(), rule: "writable" }),
                    Member::Whole => {}
                    Member::Part(below) if has_members(member.value) => {
                        walk(member.value, &below, pointer, denied);
                    }
                    Member::Part(below) => {
                        if !below.passes_scalar() {
                            denied.push(Denied { pointer: pointer.clone(), rule: "writable" });
                        }
                    }
                }
                pointer.truncate(length);
            }
        }
        Kind::Array => {
            for (index, item) in node.items().enumerate() {
                push(pointer, &index.to_string());
                walk(item, allowance, pointer, denied);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn has_members(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Object => true,
        Kind::Array => node.items().all(has_members),
        _ => false,
    }
}

/// Adds a reference token (RFC 6901 section 3).
pub(crate) fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

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

/// The value that a preset gives a property, or why it cannot.
///
/// # Errors
/// The sentence names the claim that is missing, never a value.
pub fn preset_value(
    preset: &Preset,
    subject: &Subject,
    claims: &serde_json::Map<String, Value>,
) -> Result<Value, String> {
    match preset {
        Preset::Subject if subject.subject.is_empty() => Err("the caller owns nothing here".to_owned()),
        Preset::Subject => Ok(Value::String(subject.subject.to_string())),
        Preset::Tenant => Ok(Value::String(subject.tenant.to_string())),
        Preset::Value(value) => Ok(value.clone()),
        Preset::Claim(name) => {
            crate::claim(claims, name).cloned().ok_or_else(|| format!("the token has no claim `{name}`"))
        }
    }
}

/// Top-level properties of what a request's body holds at a path that its schema wants to be numbers.
pub fn numbers(operation: &Operation, at: &Path) -> BTreeSet<Arc<str>> {
    declared(operation, at.steps(), |property| property.is("integer") || property.is("number"))
}

/// Names of the properties that a request's body is declared to have at a path.
pub fn declared_names(operation: &Operation, at: &Path) -> BTreeSet<Arc<str>> {
    declared(operation, at.steps(), |_| true)
}

/// Replacements that set properties of an object, over what the caller wrote there. `numbers` are those whose
/// schema wants a number.
pub fn set(
    object: Node<'_>,
    values: &BTreeMap<Arc<str>, Value>,
    numbers: &BTreeSet<Arc<str>>,
) -> Vec<(Range<usize>, Bytes)> {
    let mut spans = Vec::new();
    let mut added = String::new();
    for (name, value) in values {
        let text = match value {
            Value::String(digits) if numbers.contains(name) && is_whole_number(digits) => digits.clone(),
            other => other.to_string(),
        };
        match object.get(name) {
            Some(there) => spans.push((there.span(), Bytes::from(text))),
            None => {
                if !added.is_empty() {
                    added.push(',');
                }
                added.push_str(&Value::String(name.to_string()).to_string());
                added.push(':');
                added.push_str(&text);
            }
        }
    }
    if !added.is_empty() {
        if !object.is_empty() {
            added.push(',');
        }
        let start = object.span().start + 1;
        spans.push((start..start, Bytes::from(added)));
    }
    spans
}

pub(crate) fn is_whole_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain && (digits == "0" || !digits.starts_with('0'))
}

/// What an operation of a JSON Patch does to a property.
#[derive(Debug)]
pub struct Patched<'t> {
    /// The first segment of the pointer.
    pub name: Arc<str>,
    /// What the property as a whole becomes.
    pub value: Option<Node<'t>>,
    /// Nothing is written, and the caller learns whether a value stands there.
    pub tests: bool,
}

/// What a JSON Patch (RFC 6902) touches; `None` when it is none, or touches the whole document. What is carried away
/// counts: the caller learns what stands there.
pub fn patched(patch: Node<'_>) -> Option<Vec<Patched<'_>>> {
    let mut all = Vec::new();
    for change in patch::changes(patch)? {
        let tokens = patch::tokens(change.path)?;
        let value = change.value.filter(|_| change.sets && tokens.len() == 1);
        all.push(Patched { name: tokens.into_iter().next()?.into(), value, tests: change.tests });
        if let Some(from) = change.from {
            let name = patch::tokens(from)?.into_iter().next()?.into();
            all.push(Patched { name, value: None, tests: false });
        }
    }
    Some(all)
}
