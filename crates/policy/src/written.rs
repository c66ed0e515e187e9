//! What a request writes: the properties of a representation in its body, those that may not be written, and those that
//! are set for it.

mod filled;
mod fixed;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use openapi::Operation;
use tape::{Kind, Node};

pub(crate) use filled::is_whole_number;
pub use filled::{numbers, preset_value, set};
pub use fixed::{Reached, There, immutable, misnamed, repeated_id, whose};

use crate::declared::declared;
use crate::patch;
use crate::path::Path;
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

/// Names of the properties that a request's body is declared to have at a path.
pub fn declared_names(operation: &Operation, at: &Path) -> BTreeSet<Arc<str>> {
    declared(operation, at.steps(), |_| true)
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
