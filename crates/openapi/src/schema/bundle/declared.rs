//! The stricter switch: objects may hold only what some schema that applies to them declares.
//!
//! It closes an object where it is described as a whole, by `unevaluatedProperties` (JSON Schema 2020-12 core section
//! 11.3), which counts what `allOf`, the branches of `oneOf` and `anyOf` that hold, and references declare. An object
//! for which nothing declares any name is a free-form map and stays one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Bundle, Mode};
use crate::document::Node;

/// Keywords by which other schemas apply to the same value.
const COMPOSING: &[&str] = &["allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"];

impl<'d> Bundle<'d> {
    pub(super) fn close(&mut self, node: Node<'d>, mode: Mode, out: &mut Map<String, Value>) {
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
