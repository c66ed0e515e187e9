#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cost;
mod dialects;
mod discriminators;
mod specs;
mod strictness;
mod told;

use std::sync::Arc;

use bytes::Bytes;
use model::Finding;
use serde_json::{Value, json};

use super::{Direction, Rules, Schema};
use crate::{Description, Files};

pub(crate) const REQUEST: Rules = Rules { direction: Direction::Request, only_declared_properties: false };
pub(crate) const STRICT: Rules = Rules { direction: Direction::Request, only_declared_properties: true };
pub(crate) const RESPONSE: Rules = Rules { direction: Direction::Response, only_declared_properties: false };

struct One(String);

impl Files for One {
    fn read(&self, path: &str) -> Result<Bytes, String> {
        if path == "api.json" {
            Ok(Bytes::from(self.0.clone()))
        } else {
            Err("there is no such file".to_owned())
        }
    }
}

/// A description with one operation that takes and gives the schema, and the schemas it may refer to.
pub(crate) fn described(version: &str, schema: &Value, schemas: &Value) -> Description {
    let content = json!({ "application/json": { "schema": schema } });
    let document = json!({
        "openapi": version,
        "info": { "title": "t", "version": "1" },
        "paths": { "/": { "post": {
            "security": [],
            "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "", "content": content } }
        } } },
        "components": { "schemas": schemas }
    });
    let (description, findings) = crate::load("api.json", &[], &One(document.to_string()));
    let description = description.unwrap_or_else(|| panic!("not loaded: {findings:?}"));
    assert_eq!(description.operations.len(), 1, "{findings:?}");
    description
}

pub(crate) fn compiled(version: &str, rules: Rules, schema: &Value, schemas: &Value) -> Schema {
    let description = described(version, schema, schemas);
    let operation = Arc::clone(&description.operations[0]);
    let media = &operation.body.as_ref().unwrap().content[0];
    Schema::compile(media.schema.as_ref().unwrap(), rules)
}

/// `""` when the instance holds, else its violations as `pointer rule`, one a line.
pub(crate) fn told(schema: &Schema, instance: &str) -> String {
    let errors: Vec<&Finding> = schema.findings().iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let tape = tape::json::parse(instance.to_owned().into(), &tape::Limits::default()).unwrap();
    let by_tape = schema.check_node(tape.root(), "body", "");
    if let Some(quick) = &schema.quick {
        assert_eq!(quick.holds(tape.root()), by_tape.is_ok(), "the short way, of {instance}");
    }
    // The two kinds of instances are one to a schema, as far as `serde_json` holds the number.
    let is_long = instance.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 19);
    if let Some(value) = serde_json::from_str::<Value>(instance).ok().filter(|_| !is_long) {
        assert_eq!(schema.check_value(&value, "body", ""), by_tape, "{instance}");
        if let Value::String(text) = &value {
            assert_eq!(schema.check_text(text, "body"), by_tape, "{instance} by itself");
        }
    }
    let violations = by_tape.err().unwrap_or_default();
    let lines: Vec<String> = violations.iter().map(|v| format!("{} {}", v.pointer, v.rule)).collect();
    lines.join("\n")
}

/// Rows of schema, instance, and what is told.
fn rows(version: &str, rules: Rules, schemas: &Value, rows: &[(Value, &str, &str)]) {
    for (schema, instance, expected) in rows {
        let compiled = compiled(version, rules, schema, schemas);
        assert_eq!(told(&compiled, instance), *expected, "{version} {schema} {instance}");
    }
}
