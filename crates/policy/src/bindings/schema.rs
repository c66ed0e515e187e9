//! The JSON Schema of the bindings file, made from the table of keys.

use serde_json::{Map, Value, json};
use tape::keys::Presence;

use super::keys::{Key, Kind, ROOT, Section};

/// JSON Schema 2020-12.
pub fn document() -> Value {
    let mut schema = section(&ROOT);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.insert("title".to_owned(), json!("Bartizan bindings file, version 1"));
    }
    schema
}

fn section(section: &Section) -> Value {
    let properties: Map<String, Value> =
        section.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<_> =
        section.keys.iter().filter(|key| key.presence == Presence::Required).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": section.about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let one_of: Vec<_> = section.alternatives().map(|name| json!({ "required": [name] })).collect();
    if let Some(object) = schema.as_object_mut().filter(|_| !one_of.is_empty()) {
        object.insert("oneOf".to_owned(), Value::Array(one_of));
    }
    schema
}

fn property(key: &Key) -> Value {
    let mut schema = kind(&key.kind);
    let Some(object) = schema.as_object_mut() else { return schema };
    object.insert("description".to_owned(), json!(key.about));
    if let Presence::Default(text) = key.presence {
        let default = match &key.kind {
            Kind::Flag => json!(text == "true"),
            Kind::Count { .. } => text.parse::<u64>().map_or(Value::Null, |count| json!(count)),
            Kind::List(_) | Kind::OneOrMany(_) => json!([]),
            _ => json!(text),
        };
        object.insert("default".to_owned(), default);
    }
    schema
}

fn kind(of: &Kind) -> Value {
    match of {
        Kind::Version => json!({ "const": 1 }),
        Kind::Text | Kind::Claim => json!({ "type": ["string", "number"], "minLength": 1 }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Count { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Duration { min_ms, max_ms } => json!({
            "type": "string",
            "pattern": "^[0-9]+ ?(ms|s|min|h|d)$",
            "$comment": format!("between {min_ms} ms and {max_ms} ms"),
        }),
        Kind::Path => json!({ "type": "string", "minLength": 1 }),
        Kind::IdPlace => {
            json!({ "type": "string", "pattern": "^((path|query|header|cookie|body)\\..+|principal)$" })
        }
        Kind::OneOf(words) => json!({ "enum": words }),
        Kind::Any => json!({}),
        Kind::List(item) => json!({ "type": "array", "items": kind(item) }),
        Kind::OneOrMany(item) => {
            let item = kind(item);
            json!({ "anyOf": [item, { "type": "array", "items": item }] })
        }
        Kind::Map { names, value } => json!({
            "type": "object",
            "propertyNames": { "description": names },
            "additionalProperties": kind(value),
        }),
        Kind::Section(inner) => section(inner),
        Kind::Short { key, section: inner } => {
            let scalar = inner.key(key).map(|key| kind(&key.kind));
            json!({ "anyOf": [scalar, section(inner)] })
        }
        Kind::WordOr { words, section: inner } => json!({ "anyOf": [{ "enum": words }, section(inner)] }),
    }
}
