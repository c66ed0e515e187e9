//! Keywords that hold schemas: each schema is translated for the way in which it is used.

use serde_json::{Map, Value, json};

use super::{Bundle, Context, Mode};
use crate::document::Node;
use crate::schema::keywords::{READ_ONLY, WRITE_ONLY};

impl<'d> Bundle<'d> {
    pub(super) fn applicators(
        &mut self,
        node: Node<'d>,
        mode: Mode,
        context: &Context,
        out: &mut Map<String, Value>,
    ) {
        // A value below is a whole of its own, except inside a condition.
        let below = if mode == Mode::Condition { Mode::Condition } else { Mode::Whole };
        let beside = if mode == Mode::Condition { Mode::Condition } else { Mode::Part };
        let nothing = Context::default();
        for (keyword, value) in node.members() {
            match keyword {
                "properties" => self.properties(value, mode, context, out),
                "patternProperties" => self.pattern_properties(value, below, out),
                "additionalProperties" | "items" | "unevaluatedItems" | "unevaluatedProperties" => {
                    self.single(keyword, value, below, &nothing, out);
                }
                "propertyNames" | "contains" | "not" | "if" => {
                    self.single(keyword, value, Mode::Condition, &nothing, out);
                }
                "then" | "else" => self.single(keyword, value, beside, context, out),
                "allOf" | "anyOf" | "oneOf" => self.list(keyword, value, beside, context, out),
                "prefixItems" => self.list(keyword, value, below, &nothing, out),
                "dependentSchemas" if value.is_object() => {
                    let schemas = value.members();
                    let schemas =
                        schemas.map(|(name, schema)| (name.to_owned(), self.schema(schema, beside, context)));
                    let schemas: Map<String, Value> = schemas.collect();
                    out.insert(keyword.into(), Value::Object(schemas));
                }
                "dependentSchemas" => {
                    self.fault(value, "B1201", "`dependentSchemas` must be an object of schemas")
                }
                _ => {}
            }
        }
    }

    fn single(
        &mut self,
        keyword: &str,
        value: Node<'d>,
        mode: Mode,
        context: &Context,
        out: &mut Map<String, Value>,
    ) {
        if keyword == "items" && value.is_array() {
            // Tuples, as drafts before 2020-12 write them.
            return self.list("prefixItems", value, mode, context, out);
        }
        let schema = self.schema(value, mode, context);
        out.insert(keyword.into(), schema);
    }

    fn list(
        &mut self,
        keyword: &str,
        value: Node<'d>,
        mode: Mode,
        context: &Context,
        out: &mut Map<String, Value>,
    ) {
        if !value.is_array() || value.is_empty() {
            return self.fault(
                value,
                "B1201",
                &format!("`{keyword}` must be an array of at least one schema"),
            );
        }
        let schemas: Vec<Value> = value.items().map(|schema| self.schema(schema, mode, context)).collect();
        out.insert(keyword.into(), Value::Array(schemas));
    }

    fn properties(&mut self, value: Node<'d>, mode: Mode, context: &Context, out: &mut Map<String, Value>) {
        if !value.is_object() {
            return self.fault(value, "B1201", "`properties` must be an object of schemas");
        }
        let refused = if self.sends() { READ_ONLY } else { WRITE_ONLY };
        let mut properties = Map::new();
        for (name, schema) in value.members() {
            let schema = match mode {
                Mode::Condition => self.schema(schema, Mode::Condition, &Context::default()),
                _ if self.is_hidden(schema) => json!({ refused: true }),
                _ if context.shared.contains(name) => self.schema(schema, Mode::Part, &Context::default()),
                _ => self.schema(schema, Mode::Whole, &Context::default()),
            };
            properties.insert(name.to_owned(), schema);
        }
        out.insert("properties".into(), Value::Object(properties));
    }

    fn pattern_properties(&mut self, value: Node<'d>, below: Mode, out: &mut Map<String, Value>) {
        if !value.is_object() {
            return self.fault(value, "B1201", "`patternProperties` must be an object of schemas");
        }
        let mut patterns = Map::new();
        for (pattern, schema) in value.members() {
            let linear =
                crate::schema::keywords::Engine::new(pattern).is_some_and(|engine| engine.is_linear());
            if !linear {
                self.fault(
                    schema,
                    "B1211",
                    "the pattern of names is not one that can be matched in linear time",
                );
            }
            let schema = self.schema(schema, below, &Context::default());
            patterns.insert(pattern.to_owned(), schema);
        }
        out.insert("patternProperties".into(), Value::Object(patterns));
    }
}
