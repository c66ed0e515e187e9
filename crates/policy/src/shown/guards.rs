//! Properties that a description itself marks as not for everybody.

use std::collections::BTreeSet;
use std::sync::Arc;

use openapi::Operation;

use crate::path::Path;
use crate::properties::Guard;
use crate::shape::{Found, Shape};

/// Objects within objects that are looked into; a schema may hold itself.
const DEPTH_MAX: usize = 6;

/// What is sensitive in the part of an operation's answers that a path names: properties that are `writeOnly`, of the
/// format `password`, or marked `x-bartizan: { sensitive: true }`.
pub fn guards_of(operation: &Operation, at: &Path) -> Guard {
    let mut guard = Guard::default();
    if let Some(shape) = Shape::answer(operation)
        && let Found::Here(shape) = shape.find(at)
    {
        collect(&shape, DEPTH_MAX, &mut guard);
    }
    guard
}

/// Whether the answers of a status are declared to be a text and nothing else.
pub fn answers_text(operation: &Operation, status: u16) -> bool {
    let Some(response) = operation.responses.find(status) else { return false };
    let mut shapes = response.content.iter().map(|media| media.schema.as_ref().map(Shape::of));
    let is_text = |shape: &Shape<'_>| {
        shape.value("type").and_then(openapi::Node::as_str) == Some("string") && !is_sensitive(shape)
    };
    !response.content.is_empty() && shapes.all(|shape| shape.is_some_and(|shape| is_text(&shape)))
}

/// Names of the properties that the answers of a status are declared to have, wherever they stand, less the sensitive
/// ones.
pub fn answered_names(operation: &Operation, status: u16) -> BTreeSet<Arc<str>> {
    let Some(response) = operation.responses.find(status) else { return BTreeSet::new() };
    let schemas = response.content.iter().filter_map(|media| media.schema.as_ref());
    let mut names = BTreeSet::new();
    schemas.map(Shape::of).for_each(|shape| name(&shape, DEPTH_MAX, &mut names));
    names
}

fn name(shape: &Shape<'_>, depth: usize, names: &mut BTreeSet<Arc<str>>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if let Some(items) = shape.items() {
        name(&items, depth, names);
    }
    for (property, below) in shape.properties() {
        if !is_sensitive(&below) {
            names.insert(property.into());
            name(&below, depth, names);
        }
    }
}

fn collect(shape: &Shape<'_>, depth: usize, guard: &mut Guard) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if let Some(items) = shape.items() {
        collect(&items, depth, guard);
    }
    for (name, property) in shape.properties() {
        let mut below = Guard { sensitive: is_sensitive(&property), ..Guard::default() };
        collect(&property, depth, &mut below);
        if !below.is_empty() {
            guard.members.insert(name.into(), below);
        }
    }
}

fn is_sensitive(property: &Shape<'_>) -> bool {
    let is_marked = |name: &str| property.value(name).and_then(openapi::Node::as_bool) == Some(true);
    let ours = property.value("x-bartizan").and_then(|ours| ours.get("sensitive"));
    is_marked("writeOnly")
        || property.word("format") == Some("password")
        || ours.and_then(openapi::Node::as_bool) == Some(true)
}
