//! The stricter switch: objects may hold only what some schema that applies to them declares.
//!
//! It closes an object where it is described as a whole, by `unevaluatedProperties` (JSON Schema 2020-12 core section
//! 11.3), which counts what `allOf`, the branches of `oneOf` and `anyOf` that hold, and references declare. An object
//! for which nothing declares any name is a free-form map and stays one.
//!
//! A property that several parts describe is closed once, by what all of them declare: closed by each alone, it would
//! admit nothing that the others declare.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Bundle, Context, Mode, push_all_of};
use crate::document::Node;

/// Keywords by which other schemas apply to the same value.
const COMPOSING: &[&str] = &["allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"];

/// The schemas of one property in the parts of one value.
#[derive(Default)]
pub(super) struct Described<'d> {
    /// In parts that always hold.
    always: Vec<Node<'d>>,
    /// In parts that may hold.
    perhaps: Vec<Node<'d>>,
}

impl<'d> Bundle<'d> {
    pub(super) fn close(
        &mut self,
        node: Node<'d>,
        mode: Mode,
        context: &Context,
        out: &mut Map<String, Value>,
    ) {
        let declares = self.declares(node);
        // `additionalProperties: true` would declare every name.
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            let open = out.get(keyword).is_some_and(is_open);
            if open && (mode == Mode::Part || declares) {
                out.remove(keyword);
            }
        }
        if mode != Mode::Whole || !declares {
            return;
        }
        let composed =
            node.get("$ref").is_some() || COMPOSING.iter().any(|keyword| out.contains_key(*keyword));
        let keyword = if composed { "unevaluatedProperties" } else { "additionalProperties" };
        out.entry(keyword).or_insert(Value::Bool(false));
        if !context.shared.is_empty() {
            self.close_shared(node, out);
        }
    }

    /// Closes the properties that no part could close alone.
    fn close_shared(&mut self, node: Node<'d>, out: &mut Map<String, Value>) {
        for (name, described) in self.shared(node) {
            let mut part = |schema: Node<'d>| self.schema(schema, Mode::Part, &Context::default());
            let always: Vec<Value> = described.always.into_iter().map(&mut part).collect();
            let mut perhaps: Vec<Value> = described.perhaps.into_iter().map(&mut part).collect();
            perhaps.push(Value::Bool(true));
            let closed = json!({ "allOf": always, "anyOf": perhaps, "unevaluatedProperties": false });
            push_all_of(out, json!({ "properties": { &*name: closed } }));
        }
    }

    /// The properties that are objects with declared names in a part that always holds, and in another one too.
    pub(super) fn shared(&self, node: Node<'d>) -> BTreeMap<Arc<str>, Described<'d>> {
        let mut found: BTreeMap<Arc<str>, Described<'d>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut waiting = vec![(node, true)];
        while let Some((node, always)) = waiting.pop() {
            if !seen.insert(node.id()) {
                continue;
            }
            for (name, schema) in node.get("properties").into_iter().flat_map(Node::members) {
                if self.is_hidden(schema) || !self.declares(schema) {
                    continue;
                }
                let described = found.entry(name.into()).or_default();
                if always { described.always.push(schema) } else { described.perhaps.push(schema) }
            }
            waiting.extend(node.get("allOf").into_iter().flat_map(Node::items).map(|part| (part, always)));
            let branches =
                ["anyOf", "oneOf"].iter().filter_map(|keyword| node.get(keyword)).flat_map(Node::items);
            waiting.extend(branches.map(|part| (part, false)));
            waiting.extend(["then", "else"].iter().filter_map(|keyword| Some((node.get(keyword)?, false))));
            let reference = node.get("$ref").and_then(Node::as_str);
            let target = reference.and_then(|reference| self.documents.resolve(node.id(), reference).ok());
            waiting.extend(target.map(|target| (target, always)));
        }
        found.retain(|_, d| !d.always.is_empty() && d.always.len() + d.perhaps.len() > 1);
        found
    }

    /// Whether a schema, or one that applies with it, declares the name of a property.
    fn declares(&self, node: Node<'d>) -> bool {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            if !seen.insert(node.id()) {
                continue;
            }
            let named =
                |keyword: &str| node.get(keyword).is_some_and(|value| value.is_object() && !value.is_empty());
            if named("properties") || named("patternProperties") {
                return true;
            }
            for keyword in ["allOf", "anyOf", "oneOf"] {
                waiting.extend(node.get(keyword).into_iter().flat_map(Node::items));
            }
            waiting.extend(["then", "else"].iter().filter_map(|keyword| node.get(keyword)));
            let reference = node.get("$ref").and_then(Node::as_str);
            waiting.extend(reference.and_then(|reference| self.documents.resolve(node.id(), reference).ok()));
        }
        false
    }
}

fn is_open(schema: &Value) -> bool {
    schema == &Value::Bool(true) || schema.as_object().is_some_and(Map::is_empty)
}
