//! The JSON Schema of the gateway file, made from the table of keys.

use serde_json::{Map, Value, json};
use tape::keys::Presence;

use crate::keys::{Key, Kind, ROOT, Section};
use crate::walk::{bytes_text, duration_text};

/// JSON Schema 2020-12. Sections that occur more than once stand under `$defs`.
pub fn document() -> Value {
    let mut definitions = Map::new();
    let mut schema = section(&ROOT, &mut definitions);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.insert("title".to_owned(), json!("Bartizan gateway file, version 1"));
        object.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema
}

fn section(section: &Section, definitions: &mut Map<String, Value>) -> Value {
    let properties: Map<String, Value> =
        section.keys.iter().map(|key| (key.name.to_owned(), property(key, definitions))).collect();
    let required: Vec<_> =
        section.keys.iter().filter(|key| key.presence == Presence::Required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": section.about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(key: &Key, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = kind(&key.kind, definitions);
    let Some(object) = schema.as_object_mut() else { return schema };
    let secret = if matches!(key.kind, Kind::Secret) { " A reference, never the secret itself." } else { "" };
    object.insert("description".to_owned(), json!(format!("{}{secret}", key.about)));
    if let Presence::Default(text) = key.presence {
        object.insert("default".to_owned(), default(&key.kind, text));
    }
    schema
}

fn default(kind: &Kind, text: &str) -> Value {
    match kind {
        Kind::Flag => json!(text == "true"),
        Kind::Count { .. } => text.parse::<u64>().map_or(Value::Null, |count| json!(count)),
        Kind::List(_) => text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect(),
        Kind::OneOrMany(_) if text.is_empty() => json!([]),
        _ => json!(text),
    }
}

fn kind(of: &Kind, definitions: &mut Map<String, Value>) -> Value {
    match of {
        Kind::Version => json!({ "const": 1 }),
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Count { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Size { min, max } => json!({
            "type": ["integer", "string"],
            "pattern": "^[0-9]+ ?(B|KiB|MiB|GiB)?$",
            "$comment": format!("between {} and {}", bytes_text(*min), bytes_text(*max)),
        }),
        Kind::Duration { min_ms, max_ms } => json!({
            "type": "string",
            "pattern": "^[0-9]+ ?(ms|s|min|h|d)$",
            "$comment": format!("between {} and {}", duration_text(*min_ms), duration_text(*max_ms)),
        }),
        Kind::Rate => {
            json!({ "type": "string", "pattern": "^[1-9][0-9]* ?([KMG]iB ?)?/ ?([0-9]+ ?)?(ms|s|min|h|d)$" })
        }
        Kind::Share => json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,2})? ?%$" }),
        Kind::OneOf(words) => json!({ "enum": words }),
        Kind::Secret => json!({ "type": "string", "pattern": "^\\$\\{(env|file):.+\\}$" }),
        Kind::File | Kind::Path => json!({ "type": "string", "minLength": 1 }),
        Kind::Url => json!({ "type": "string", "pattern": "^https?://" }),
        Kind::Address => json!({ "type": "string", "pattern": ":[0-9]+$" }),
        Kind::Network => json!({ "type": "string", "pattern": "/[0-9]+$" }),
        Kind::Instant => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt].+)?$" }),
        Kind::Sha256 => json!({ "type": "string", "pattern": "^[0-9A-Fa-f]{64}$" }),
        Kind::List(item) => json!({ "type": "array", "items": kind(item, definitions) }),
        Kind::OneOrMany(item) => {
            let item = kind(item, definitions);
            json!({ "anyOf": [item, { "type": "array", "items": item }] })
        }
        Kind::Map { names, value } => json!({
            "type": "object",
            "propertyNames": { "description": names },
            "additionalProperties": kind(value, definitions),
        }),
        Kind::Section(inner) => reference(inner, definitions),
        Kind::Short { key, section } => {
            let scalar = section.key(key).map(|key| kind(&key.kind, definitions));
            json!({ "anyOf": [scalar, reference(section, definitions)] })
        }
    }
}

/// A section by name; two sections of one name differ and get a number.
fn reference(inner: &'static Section, definitions: &mut Map<String, Value>) -> Value {
    let made = section(inner, definitions);
    let base = inner.name.replace(' ', "_").to_lowercase();
    for number in 1.. {
        let name = if number == 1 { base.clone() } else { format!("{base}_{number}") };
        match definitions.get(&name) {
            Some(other) if *other != made => continue,
            Some(_) => {}
            None => {
                definitions.insert(name.clone(), made);
            }
        }
        return json!({ "$ref": format!("#/$defs/{name}") });
    }
    made
}

#[cfg(test)]
mod tests;
