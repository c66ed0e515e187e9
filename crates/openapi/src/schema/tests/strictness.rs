//! Read-only and write-only properties, and the switch that admits declared properties only.

use serde_json::{Value, json};

use super::{REQUEST, RESPONSE, STRICT, rows};

fn schemas() -> Value {
    json!({
        "Id": { "type": "integer", "readOnly": true },
        "User": { "type": "object", "required": ["id", "name", "password"], "properties": {
            "id": { "$ref": "#/components/schemas/Id" },
            "name": { "type": "string" },
            "password": { "type": "string", "writeOnly": true }
        } },
        "Open": { "type": "object", "additionalProperties": true, "properties": { "a": { "type": "integer" } } },
        "Tree": { "type": "object", "properties": {
            "name": { "type": "string" },
            "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } }
        } },
        "Extended": { "allOf": [{ "$ref": "#/components/schemas/Open" }, { "properties": { "b": { "type": "integer" } } }] }
    })
}

#[test]
fn read_only_is_refused_in_requests_and_write_only_in_responses() {
    let user = json!({ "$ref": "#/components/schemas/User" });
    let composed = json!({ "allOf": [user, { "type": "object", "required": ["id", "extra"] }] });
    rows(
        "3.0.3",
        REQUEST,
        &schemas(),
        &[
            (user.clone(), r#"{"name": "a", "password": "b"}"#, ""),
            (user.clone(), r#"{"id": 1, "name": "a", "password": "b"}"#, "/id readOnly"),
            (user.clone(), r#"{"id": null, "name": "a", "password": "b"}"#, "/id readOnly"),
            (user.clone(), r#"{"name": "a"}"#, " required"),
            (composed.clone(), r#"{"name": "a", "password": "b", "extra": 1}"#, ""),
            (composed, r#"{"name": "a", "password": "b"}"#, " required"),
        ],
    );
    rows(
        "3.1.0",
        RESPONSE,
        &schemas(),
        &[
            (user.clone(), r#"{"id": 1, "name": "a"}"#, ""),
            (user.clone(), r#"{"id": 1, "name": "a", "password": "b"}"#, "/password writeOnly"),
            (user, r#"{"name": "a"}"#, " required"),
        ],
    );
}

#[test]
fn a_sibling_of_a_reference_is_read_only_from_3_1_on() {
    let schema = json!({ "type": "object", "properties": {
        "a": { "$ref": "#/components/schemas/Tree/properties/name", "readOnly": true }
    } });
    rows("3.0.3", REQUEST, &schemas(), &[(schema.clone(), r#"{"a": "x"}"#, "")]);
    rows("3.1.0", REQUEST, &schemas(), &[(schema, r#"{"a": "x"}"#, "/a readOnly")]);
}

#[test]
fn the_switch_closes_objects_that_declare_properties() {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let one_of = json!({ "oneOf": [
        { "type": "object", "required": ["x"], "properties": { "x": { "type": "integer" } } },
        { "type": "object", "required": ["y"], "properties": { "y": { "type": "integer" } } }
    ] });
    let conditional = json!({ "type": "object", "properties": { "k": { "type": "string" } },
        "if": { "required": ["k"], "properties": { "k": { "const": "a" } } },
        "then": { "properties": { "z": { "type": "integer" } } } });
    rows(
        "3.1.0",
        STRICT,
        &schemas(),
        &[
            (reference("Open"), r#"{"a": 1}"#, ""),
            (reference("Open"), r#"{"a": 1, "admin": true}"#, "/admin additionalProperties"),
            // A name that is not declared may be a secret; one that is, is told whatever it looks like.
            (reference("Open"), r#"{"hunter2": true}"#, "/******* additionalProperties"),
            (
                json!({ "type": "object", "properties": { "AB12": { "$ref": "#/components/schemas/Open" } } }),
                r#"{"AB12": {"hunter2": true}}"#,
                "/AB12/******* additionalProperties",
            ),
            (
                json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
                r#"{"hunter2": true, "plain": true}"#,
                "/******* type\n/plain type",
            ),
            (reference("Extended"), r#"{"a": 1, "b": 2}"#, ""),
            (reference("Extended"), r#"{"a": 1, "b": 2, "c": 3}"#, "/c unevaluatedProperties"),
            (reference("Tree"), r#"{"name": "r", "children": [{"name": "c", "children": []}]}"#, ""),
            (reference("Tree"), r#"{"children": [{"nmae": "c"}]}"#, "/children/0/nmae additionalProperties"),
            (one_of.clone(), r#"{"x": 1}"#, ""),
            (one_of.clone(), r#"{"x": 1, "w": 2}"#, "/w unevaluatedProperties"),
            (conditional.clone(), r#"{"k": "a", "z": 1}"#, ""),
            (conditional, r#"{"k": "b", "z": 1}"#, "/z unevaluatedProperties"),
            // Nothing is declared by name, so it is a map by design.
            (json!({ "type": "object" }), r#"{"free": 1}"#, ""),
            (
                json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
                r#"{"free": 1}"#,
                "",
            ),
            (
                json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": { "type": "integer" } }),
                r#"{"free": 1}"#,
                "",
            ),
            // What a condition looks at is not changed by the switch.
            (
                json!({ "type": "object", "properties": { "a": {}, "b": {} }, "not": { "properties": { "a": { "const": 1 } }, "required": ["a"] } }),
                r#"{"a": 1, "b": 2}"#,
                " not",
            ),
        ],
    );
    rows(
        "3.1.0",
        REQUEST,
        &schemas(),
        &[(reference("Open"), r#"{"a": 1, "admin": true}"#, ""), (one_of, r#"{"x": 1, "w": 2}"#, "")],
    );
}

#[test]
fn a_property_that_several_parts_describe_is_closed_by_all_of_them() {
    let schemas = json!({
        "Base": { "type": "object", "properties": {
            "address": { "type": "object", "properties": { "city": { "type": "string" } } }
        } },
        "Extended": { "allOf": [
            { "$ref": "#/components/schemas/Base" },
            { "properties": { "address": { "properties": { "zip": { "type": "string" } } } } }
        ] },
        "Either": { "allOf": [{ "$ref": "#/components/schemas/Base" }], "oneOf": [
            { "required": ["a"], "properties": { "a": {}, "address": { "properties": { "x": {} } } } },
            { "required": ["b"], "properties": { "b": {}, "address": { "properties": { "y": {} } } } }
        ] }
    });
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    rows(
        "3.1.0",
        STRICT,
        &schemas,
        &[
            (reference("Extended"), r#"{"address": {"city": "a", "zip": "1"}}"#, ""),
            (
                reference("Extended"),
                r#"{"address": {"city": "a", "admin": 1}}"#,
                "/address/admin unevaluatedProperties",
            ),
            (reference("Extended"), r#"{"address": {"city": 1, "zip": "1"}}"#, "/address/city type"),
            (reference("Either"), r#"{"a": 1, "address": {"city": "a", "x": 1}}"#, ""),
            (
                reference("Either"),
                r#"{"a": 1, "address": {"city": "a", "admin": 1}}"#,
                "/address/admin unevaluatedProperties",
            ),
            (
                reference("Base"),
                r#"{"address": {"city": "a", "zip": 1}}"#,
                "/address/zip additionalProperties",
            ),
        ],
    );
}
