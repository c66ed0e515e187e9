//! Keywords that hold values and no schemas: each is copied when it is well-formed, and reported when it is not.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Bundle, Context};
use crate::document::Node;
use crate::schema::compile::STRING_FORMATS;
use crate::schema::keywords::{Engine, NUMBER_FORMAT, NUMBER_FORMATS};

const TYPES: &[&str] = &["null", "boolean", "object", "array", "number", "string", "integer"];
const COUNTS: &[&str] = &[
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "maxProperties",
    "minProperties",
    "maxContains",
    "minContains",
];
/// Formats that are hints, and those of binary bodies.
const HINTS: &[&str] =
    &["password", "binary", "html", "commonmark", "media-range", "char", "sf-string", "decimal"];

impl<'d> Bundle<'d> {
    pub(super) fn assertions(&mut self, node: Node<'d>, context: &Context, out: &mut Map<String, Value>) {
        for (keyword, value) in node.members() {
            match keyword {
                "type" => self.kinds(value, out),
                "enum" if value.is_array() => drop(out.insert("enum".into(), value.to_value())),
                "enum" => self.malformed(value, keyword, "an array"),
                "const" => drop(out.insert("const".into(), value.to_value())),
                "minimum" | "maximum" => self.bound(node, keyword, value, out),
                "exclusiveMinimum" | "exclusiveMaximum" => self.exclusive_bound(node, keyword, value, out),
                "multipleOf" => self.divisor(value, out),
                "uniqueItems" => match value.as_bool() {
                    Some(unique) => drop(out.insert(keyword.into(), unique.into())),
                    None => self.malformed(value, keyword, "a boolean"),
                },
                "pattern" => self.pattern(value, out),
                "format" => self.format(value, out),
                "required" => self.required(value, context, out),
                "dependentRequired" => self.dependent_required(value, out),
                keyword if COUNTS.contains(&keyword) => match count(value) {
                    Some(count) => drop(out.insert(keyword.into(), count.into())),
                    None => self.malformed(value, keyword, "a whole number that is not negative"),
                },
                _ => {}
            }
        }
    }

    fn malformed(&mut self, value: Node<'d>, keyword: &str, expected: &str) {
        self.fault(value, "B1201", &format!("`{keyword}` must be {expected}"));
    }

    fn kinds(&mut self, value: Node<'d>, out: &mut Map<String, Value>) {
        if value.as_str() == Some("file") {
            // Swagger 2.0's uploads: any bytes.
            return;
        }
        let mut kinds: Vec<&str> = Vec::new();
        let written: Vec<Node<'d>> = if value.is_array() { value.items().collect() } else { vec![value] };
        for kind in written {
            match kind.as_str().filter(|kind| TYPES.contains(kind)) {
                Some(kind) if kinds.contains(&kind) => {}
                Some(kind) => kinds.push(kind),
                None => {
                    return self.malformed(
                        kind,
                        "type",
                        "one of null, boolean, object, array, number, string, integer",
                    );
                }
            }
        }
        let kinds = match kinds.as_slice() {
            [kind] => json!(kind),
            [] => return self.malformed(value, "type", "not empty"),
            kinds => json!(kinds),
        };
        out.insert("type".into(), kinds);
    }

    fn bound(&mut self, node: Node<'d>, keyword: &str, value: Node<'d>, out: &mut Map<String, Value>) {
        let exclusive = if keyword == "minimum" { "exclusiveMinimum" } else { "exclusiveMaximum" };
        // JSON Schema until draft 4, and so OpenAPI until 3.0, has a boolean beside the bound.
        let is_exclusive = node.get(exclusive).and_then(Node::as_bool) == Some(true);
        match number(value) {
            Some(number) => drop(out.insert(if is_exclusive { exclusive } else { keyword }.into(), number)),
            None => self.malformed(value, keyword, "a number"),
        }
    }

    fn exclusive_bound(
        &mut self,
        node: Node<'d>,
        keyword: &str,
        value: Node<'d>,
        out: &mut Map<String, Value>,
    ) {
        match (number(value), value.as_bool()) {
            (Some(number), _) => drop(out.insert(keyword.into(), number)),
            (None, None) => self.malformed(value, keyword, "a number"),
            (None, Some(_)) if self.dialect.has_json_schema() && node.get(keyword).is_some() => {
                self.warn(
                    value,
                    "B1201",
                    &format!("`{keyword}` is a number in OpenAPI 3.1"),
                    "write the bound itself here",
                );
            }
            (None, Some(_)) => {}
        }
    }

    fn divisor(&mut self, value: Node<'d>, out: &mut Map<String, Value>) {
        let positive = |number: &Value| number.as_f64().is_some_and(|number| number > 0.0);
        match number(value).filter(positive) {
            Some(number) => drop(out.insert("multipleOf".into(), number)),
            None => self.malformed(value, "multipleOf", "a number above 0"),
        }
    }

    fn pattern(&mut self, value: Node<'d>, out: &mut Map<String, Value>) {
        let Some(text) = value.as_str() else { return self.malformed(value, "pattern", "a string") };
        match Engine::new(text) {
            Some(engine) => {
                if !engine.is_linear() {
                    self.warn(
                        value,
                        "B1212",
                        "the pattern looks around or refers back, so it is matched with a bound beyond which values are refused",
                        "write it without lookaround and back-references",
                    );
                }
                out.insert("pattern".into(), text.into());
            }
            None => self.fault(value, "B1211", "the pattern is not one that can be matched"),
        }
    }

    fn format(&mut self, value: Node<'d>, out: &mut Map<String, Value>) {
        let Some(format) = value.as_str() else { return self.malformed(value, "format", "a string") };
        if NUMBER_FORMATS.contains(&format) {
            out.insert(NUMBER_FORMAT.into(), format.into());
        }
        if STRING_FORMATS.contains(&format) {
            out.insert("format".into(), format.into());
        } else if !NUMBER_FORMATS.contains(&format)
            && !HINTS.contains(&format)
            && self.noted.insert(format.to_owned())
        {
            let sentence = format!("format `{}` is not checked", shortened(format));
            self.find(model::Severity::Note, "B1213", &sentence, value, "add a `pattern` where it matters");
        }
    }

    fn required(&mut self, value: Node<'d>, context: &Context, out: &mut Map<String, Value>) {
        if value.as_bool().is_some() {
            return self.warn(
                value,
                "B1201",
                "`required` of a schema must be an array of names; the boolean has no effect",
                "list the name in `required` of the object",
            );
        }
        if !value.is_array() {
            return self.malformed(value, "required", "an array of names");
        }
        let mut names = BTreeSet::new();
        for name in value.items() {
            match name.as_str() {
                Some(name) if context.hidden.contains(name) => {}
                Some(name) => drop(names.insert(name)),
                None => self.malformed(name, "required", "an array of names"),
            }
        }
        if !names.is_empty() {
            out.insert("required".into(), json!(names));
        }
    }

    fn dependent_required(&mut self, value: Node<'d>, out: &mut Map<String, Value>) {
        let names = |value: Node<'d>| value.is_array() && value.items().all(|name| name.as_str().is_some());
        if !value.is_object() || !value.members().all(|(_, value)| names(value)) {
            return self.malformed(value, "dependentRequired", "an object of arrays of names");
        }
        let dependents = value.members().map(|(name, value)| {
            let names: BTreeSet<&str> = value.items().filter_map(Node::as_str).collect();
            (name.to_owned(), json!(names))
        });
        out.insert("dependentRequired".into(), Value::Object(dependents.collect()));
    }
}

fn number(value: Node<'_>) -> Option<Value> {
    value.number()?;
    Some(value.to_value()).filter(Value::is_number)
}

/// `3`, and `3.0` too.
fn count(value: Node<'_>) -> Option<u64> {
    let text = value.number()?;
    let integer = crate::schema::decimal::Decimal::parse(text).to_i128()?;
    u64::try_from(integer).ok()
}

fn shortened(text: &str) -> &str {
    text.get(..text.floor_char_boundary(60)).unwrap_or_default()
}
