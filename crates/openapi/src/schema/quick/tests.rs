#![allow(clippy::unwrap_used)]

use mutate::Random;
use serde_json::{Value, json};

use super::Quick;
use crate::schema::Schema;
use crate::schema::instance::{Data, Fuel, Instance, READS_MAX};
use crate::schema::tests::{REQUEST, STRICT, compiled};

/// Schemas of every keyword that has a short way, with values that mutations begin from.
fn cases() -> Vec<(Value, Vec<&'static str>)> {
    let line = json!({ "type": "object", "required": ["sku", "quantity"], "additionalProperties": false,
        "properties": {
            "sku": { "type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$" },
            "quantity": { "type": "integer", "minimum": 1, "maximum": 1000, "format": "int32" },
            "note": { "type": ["string", "null"], "maxLength": 9, "minLength": 2 },
            "price": { "type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01 } } });
    vec![
        (
            json!({ "type": "array", "minItems": 1, "maxItems": 4, "items": line }),
            vec![
                r#"[{"sku":"ABC-0001","quantity":1,"note":"some","price":1.25}]"#,
                r#"[{"quantity":10.0,"sku":"ABC-0001"},{"sku":"XYZ-9999","note":null,"quantity":1000}]"#,
                r#"[{"quantity":1e1,"sku":"ABC-0001","note":"é\u00e9"}]"#,
            ],
        ),
        (
            json!({ "anyOf": [{ "type": "integer" }, { "type": "string", "enum": ["a", "b"] }, { "const": [1, null] }],
                "not": { "enum": [3, "a"] } }),
            vec!["1", "1.0", "\"b\"", "[1,null]", "[1.0,null]", "3"],
        ),
        (
            json!({ "oneOf": [
                { "type": "object", "required": ["x"], "properties": { "x": { "type": "boolean" } } },
                { "type": "object", "required": ["y"], "minProperties": 2, "maxProperties": 3 } ] }),
            vec![r#"{"x":true}"#, r#"{"y":1,"z":2}"#, r#"{"x":true,"y":1}"#, r#"{"y":1}"#],
        ),
        (
            json!({ "type": "object", "properties": { "kind": { "type": "string" } },
                "if": { "properties": { "kind": { "const": "card" } }, "required": ["kind"] },
                "then": { "required": ["number"] }, "else": { "required": ["iban"] } }),
            vec![r#"{"kind":"card","number":"1"}"#, r#"{"kind":"bank","iban":"1"}"#, r#"{"iban":[],"x":{}}"#],
        ),
        (
            json!({ "type": "array", "uniqueItems": true,
                "prefixItems": [{ "type": "string", "format": "date" }, { "type": "string", "format": "email" }],
                "items": { "type": ["number", "string"], "maximum": 5, "pattern": "b|c" } }),
            vec![
                r#"["2026-01-02","a@b.example",1,2]"#,
                r#"["2024-02-29"]"#,
                r#"["2026-01-02","a@b.example","abc",1.5]"#,
            ],
        ),
        (
            json!({ "allOf": [
                { "type": "object", "properties": { "a": { "type": "integer" }, "b": {}, "c": {}, "d": {}, "e": {},
                    "f": {}, "g": {}, "h": {}, "i": { "type": "null" } } },
                { "required": ["a", "i"], "additionalProperties": { "maxLength": 3 } } ] }),
            vec![r#"{"a":1,"i":null}"#, r#"{"i":null,"h":"abc","a":-2}"#, r#"{"a":0,"i":null,"zz":"abcd"}"#],
        ),
        (
            json!({ "$ref": "#/components/schemas/Tree" }),
            vec![
                r#"{"v":1,"children":[{"v":2},{"v":3,"children":[]}]}"#,
                r#"{"v":1,"next":{"v":2,"next":null}}"#,
            ],
        ),
        (
            json!({ "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }],
                "discriminator": { "propertyName": "kind" } }),
            vec![r#"{"kind":"Cat","lives":9}"#, r#"{"kind":"Dog","barks":true}"#, r#"{"kind":"Bird"}"#],
        ),
    ]
}

fn schemas() -> Value {
    json!({
        "Tree": { "type": "object", "required": ["v"], "properties": {
            "v": { "type": "integer", "exclusiveMaximum": 10 },
            "id": { "type": "string", "readOnly": true },
            "next": { "anyOf": [{ "$ref": "#/components/schemas/Tree" }, { "type": "null" }] },
            "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } } } },
        "Cat": { "type": "object", "properties": { "kind": { "type": "string" }, "lives": { "type": "integer" } } },
        "Dog": { "type": "object", "properties": { "kind": { "type": "string" }, "barks": { "type": "boolean" } } }
    })
}

fn quick(schema: &Schema) -> &Quick {
    schema.quick.as_ref().unwrap()
}

/// What both ways say, when the text is JSON.
fn both(schema: &Schema, text: &[u8]) -> Option<(bool, bool)> {
    let tape = tape::json::parse(text.to_vec().into(), &tape::Limits::default()).ok()?;
    let fuel = Fuel::new(READS_MAX);
    let complete = schema.validator.as_ref().unwrap().is_valid(Instance::new(Data::Tape(tape.root()), &fuel));
    Some((quick(schema).holds(tape.root()), complete))
}

#[test]
fn the_short_way_says_what_the_complete_validator_says_of_mutated_values() {
    let mut random = Random::new(0x51_C4_0B);
    let mut agreed = [0, 0];
    for (source, values) in cases() {
        for rules in [REQUEST, STRICT] {
            let schema = compiled("3.1.0", rules, &source, &schemas());
            if rules == STRICT && schema.quick.is_none() {
                // What is closed by what several parts declare has no short way.
                continue;
            }
            for round in 0..6_000 {
                let mut text = values[random.below(values.len())].as_bytes().to_vec();
                for _ in 0..random.below(4) {
                    random.mutate(&mut text);
                }
                let Some((short, complete)) = both(&schema, &text) else { continue };
                let shown = String::from_utf8_lossy(&text);
                assert_eq!(short, complete, "round {round}: {source} {shown}");
                agreed[usize::from(short)] += 1;
            }
        }
    }
    assert!(agreed[0] > 5_000 && agreed[1] > 5_000, "{agreed:?}");
}

#[test]
fn a_keyword_that_is_not_known_here_leaves_everything_to_the_complete_validator() {
    for source in [
        json!({ "contains": { "type": "integer" } }),
        json!({ "type": "object", "patternProperties": { "^x": { "type": "integer" } } }),
        json!({ "properties": { "a": { "propertyNames": { "maxLength": 2 } } } }),
        json!({ "type": "string", "pattern": "^(?=a)b" }),
        json!({ "unevaluatedProperties": false }),
    ] {
        let schema = compiled("3.1.0", REQUEST, &source, &json!({}));
        assert!(schema.quick.is_none(), "{source}");
    }
}

#[test]
fn what_multiplies_or_goes_in_circles_ends_without_a_yes() {
    let schemas = json!({
        "N": { "anyOf": [
            { "type": "object", "required": ["c"], "properties": { "c": { "$ref": "#/components/schemas/N" }, "a": {} } },
            { "type": "object", "required": ["c"], "properties": { "c": { "$ref": "#/components/schemas/N" }, "b": {} } },
            { "type": "integer" } ] }
    });
    let bundle = json!({ "allOf": [{ "$ref": "#/$defs/0" }], "$defs": {
        "0": { "not": { "$ref": "#/$defs/1" } }, "1": { "not": { "$ref": "#/$defs/0" } } } });
    let circle = Quick::new(&bundle).unwrap();
    let tape = tape::json::parse("1".to_owned().into(), &tape::Limits::default()).unwrap();
    assert!(!circle.holds(tape.root()));
    let schema = compiled("3.0.3", REQUEST, &json!({ "$ref": "#/components/schemas/N" }), &schemas);
    let deep = format!("{}\"x\"{}", "{\"c\":".repeat(60), "}".repeat(60));
    let tape = tape::json::parse(deep.into(), &tape::Limits::default()).unwrap();
    assert!(!quick(&schema).holds(tape.root()));
}
