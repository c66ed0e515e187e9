//! One self-contained JSON Schema (2020-12) from a schema of a description: every schema it reaches, translated.
//!
//! References become `#/$defs/N`, so circles are harmless and nothing is looked up later. A schema is translated
//! once for each way in which it is used ([`Mode`]).

mod applicators;
mod assertions;
mod declared;
mod discriminator;
mod hidden;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use model::{Finding, Severity};
use serde_json::{Map, Value, json};

use super::{Direction, Rules};
use crate::Dialect;
use crate::document::{Documents, Node, NodeId};
use crate::reference::SchemaRef;

/// Schemas in one bundle, each counted once for each mode.
const DEFINITIONS_MAX: usize = 50_000;

/// How a schema is used, which decides whether it may close an object and narrow by a discriminator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// It describes the whole value.
    Whole,
    /// It is one of several that describe the value together (`allOf`, `oneOf`, `then`, ...).
    Part,
    /// It is a condition (`if`, `not`, `contains`): nothing may be added to it, and nothing below it.
    Condition,
}

/// What a part has to know of the whole value that it describes with others.
#[derive(Debug, Default, Clone, PartialEq, Eq, Hash)]
pub(super) struct Known {
    /// Properties that are not required in this direction because they may not even be sent.
    hidden: BTreeSet<Arc<str>>,
    /// Properties that several parts describe, so that none of them alone may close the property's value.
    shared: BTreeSet<Arc<str>>,
}

pub(super) type Context = Rc<Known>;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    schema: NodeId,
    mode: Mode,
    context: Context,
}

/// A translation under way.
pub(super) struct Bundle<'d> {
    documents: &'d Documents,
    dialect: Dialect,
    rules: Rules,
    numbers: HashMap<Key, usize>,
    /// What is referred to and not translated yet.
    waiting: Vec<(usize, Key)>,
    definitions: Map<String, Value>,
    findings: Vec<Finding>,
    /// Unknown formats that were already noted.
    noted: BTreeSet<String>,
}

/// Translates everything a schema reaches. Findings that are errors mean that the bundle must not be used.
pub(super) fn bundle(source: &SchemaRef, rules: Rules) -> (Value, Vec<Finding>) {
    let mut bundle = Bundle {
        documents: &source.documents,
        dialect: source.dialect,
        rules,
        numbers: HashMap::new(),
        waiting: Vec::new(),
        definitions: Map::new(),
        findings: Vec::new(),
        noted: BTreeSet::new(),
    };
    let root = bundle.schema(source.node(), Mode::Whole, &Context::default());
    while let Some((number, key)) = bundle.waiting.pop() {
        let value = bundle.schema(bundle.documents.node(key.schema), key.mode, &key.context);
        bundle.definitions.insert(number.to_string(), value);
    }
    // As a whole: a root that is `false` cannot hold definitions.
    let root = json!({ "allOf": [root], "$defs": bundle.definitions });
    (root, bundle.findings)
}

impl<'d> Bundle<'d> {
    /// One schema in place: what stands where it is used.
    fn schema(&mut self, node: Node<'d>, mode: Mode, inherited: &Context) -> Value {
        if let Some(boolean) = node.as_bool() {
            return Value::Bool(boolean);
        }
        if !node.is_object() {
            self.fault(node, "B1201", "a schema must be an object or a boolean");
            return Value::Bool(false);
        }
        match node.get("$ref").or_else(|| node.get("$dynamicRef")) {
            Some(reference) if !self.honours_siblings(node) => {
                self.reference(node, reference, mode, inherited)
            }
            Some(reference) => {
                let part = if mode == Mode::Whole { Mode::Part } else { mode };
                let context = self.context(node, mode, inherited);
                let target = self.reference(node, reference, part, &context);
                let mut own = self.own(node, mode, &context);
                push_all_of(&mut own, target);
                Value::Object(own)
            }
            None => {
                let context = self.context(node, mode, inherited);
                let own = self.own(node, mode, &context);
                self.nullable(node, own)
            }
        }
    }

    /// Whether anything beside `$ref` counts: never in 3.0 and before (OpenAPI 3.0 section 4.7.23).
    fn honours_siblings(&self, node: Node<'d>) -> bool {
        const SILENT: &[&str] = &[
            "$ref",
            "$dynamicRef",
            "description",
            "summary",
            "title",
            "example",
            "examples",
            "default",
            "deprecated",
            "readOnly",
            "writeOnly",
            "$comment",
            "$defs",
        ];
        self.dialect.has_json_schema()
            && node.members().any(|(key, _)| !SILENT.contains(&key) && !key.starts_with("x-"))
    }

    fn reference(&mut self, holder: Node<'d>, reference: Node<'d>, mode: Mode, context: &Context) -> Value {
        let Some(text) = reference.as_str() else {
            self.fault(reference, "B1201", "`$ref` must be a string");
            return Value::Bool(false);
        };
        match self.documents.resolve(holder.id(), text) {
            Ok(target) => self.definition(target, mode, context),
            Err(fault) => {
                self.fault(reference, "B1004", &format!("`$ref` leads nowhere: {fault}"));
                Value::Bool(false)
            }
        }
    }

    /// A `$ref` to the definition of a schema, which is translated later.
    fn definition(&mut self, target: Node<'d>, mode: Mode, context: &Context) -> Value {
        let next = self.numbers.len();
        if next >= DEFINITIONS_MAX {
            self.fault(target, "B1216", "the schema reaches too many other schemas");
            return Value::Bool(false);
        }
        let key = Key { schema: target.id(), mode, context: Rc::clone(context) };
        let number = match self.numbers.get(&key) {
            Some(number) => *number,
            None => {
                self.numbers.insert(key.clone(), next);
                self.waiting.push((next, key));
                next
            }
        };
        json!({ "$ref": format!("#/$defs/{number}") })
    }

    /// The keywords of the schema itself.
    fn own(&mut self, node: Node<'d>, mode: Mode, context: &Context) -> Map<String, Value> {
        let mut out = Map::new();
        self.assertions(node, context, &mut out);
        self.applicators(node, mode, context, &mut out);
        self.narrow(node, mode, context, &mut out);
        if self.rules.only_declared_properties && mode != Mode::Condition {
            self.close(node, mode, context, &mut out);
        }
        out
    }

    /// `nullable` of 3.0, `x-nullable` of 2.0.
    ///
    /// Beside `allOf` and its like OpenAPI 3.0.3 gives it no effect, which no author means who writes it.
    fn nullable(&mut self, node: Node<'d>, mut out: Map<String, Value>) -> Value {
        let written = node.get("nullable").or_else(|| node.get("x-nullable"));
        let Some(written) = written.filter(|value| value.as_bool() == Some(true)) else {
            return Value::Object(out);
        };
        if self.dialect.has_json_schema() {
            if node.get("nullable").is_some() {
                self.warn(
                    written,
                    "B1215",
                    "`nullable` has no effect in OpenAPI 3.1 and later",
                    "write `type: [..., \"null\"]`",
                );
            }
            return Value::Object(out);
        }
        if ["allOf", "anyOf", "oneOf", "not", "if", "const"].iter().any(|keyword| out.contains_key(*keyword))
        {
            return json!({ "if": { "type": "null" }, "else": out });
        }
        if let Some(Value::String(kind)) = out.get("type") {
            let kinds = json!([kind, "null"]);
            out.insert("type".into(), kinds);
        }
        if let Some(Value::Array(options)) = out.get_mut("enum")
            && !options.contains(&Value::Null)
        {
            options.push(Value::Null);
        }
        Value::Object(out)
    }

    fn fault(&mut self, node: Node<'d>, code: &str, sentence: &str) {
        self.find(Severity::Error, code, sentence, node, "");
    }

    fn warn(&mut self, node: Node<'d>, code: &str, sentence: &str, advice: &str) {
        self.find(Severity::Warning, code, sentence, node, advice);
    }

    fn find(&mut self, severity: Severity, code: &str, sentence: &str, node: Node<'d>, advice: &str) {
        let mut finding = Finding::new(code, severity, sentence).at(node.place(), "here");
        if !advice.is_empty() {
            finding = finding.advice(advice);
        }
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn sends(&self) -> bool {
        self.rules.direction == Direction::Request
    }
}

/// Adds a schema that must hold as well.
fn push_all_of(out: &mut Map<String, Value>, schema: Value) {
    match out.get_mut("allOf") {
        Some(Value::Array(parts)) => parts.push(schema),
        _ => {
            out.insert("allOf".into(), json!([schema]));
        }
    }
}
