//! `discriminator` narrows, and says clearly what it does not know.

use serde_json::{Value, json};

use super::{REQUEST, STRICT, compiled, rows, told};

fn pets() -> Value {
    json!({
        "Cat": { "type": "object", "required": ["kind", "lives"],
            "properties": { "kind": { "type": "string" }, "lives": { "type": "integer" } } },
        "Dog": { "type": "object", "required": ["kind"],
            "properties": { "kind": { "type": "string" }, "barks": { "type": "boolean" } } },
        "Base": { "type": "object", "required": ["kind"], "discriminator": { "propertyName": "kind" },
            "properties": { "kind": { "type": "string" } } },
        "Fish": { "allOf": [{ "$ref": "#/components/schemas/Base" },
            { "type": "object", "required": ["fins"], "properties": { "fins": { "type": "integer" } } }] },
        "Shark": { "allOf": [{ "$ref": "#/components/schemas/Fish" },
            { "type": "object", "properties": { "teeth": { "type": "integer" } } }] },
        "Self": { "oneOf": [{ "$ref": "#/components/schemas/Child" }], "discriminator": { "propertyName": "kind" } },
        "Child": { "type": "object",
            "properties": { "kind": { "type": "string" }, "child": { "$ref": "#/components/schemas/Self" } } }
    })
}

fn one_of() -> Value {
    json!({
        "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }],
        "discriminator": { "propertyName": "kind", "mapping": { "hound": "#/components/schemas/Dog", "kitty": "Cat" } }
    })
}

#[test]
fn the_named_branch_alone_is_checked() {
    for version in ["3.0.3", "3.1.0"] {
        rows(
            version,
            REQUEST,
            &pets(),
            &[
                (one_of(), r#"{"kind": "Cat", "lives": 9}"#, ""),
                (one_of(), r#"{"kind": "kitty", "lives": 9}"#, ""),
                (one_of(), r#"{"kind": "hound"}"#, ""),
                (one_of(), r#"{"kind": "Cat"}"#, " required"),
                (one_of(), r#"{"kind": "kitty", "lives": "nine"}"#, "/lives type"),
                (one_of(), r#"{"kind": "Bird"}"#, "/kind discriminator"),
                (one_of(), r#"{"kind": 1}"#, "/kind discriminator"),
                (one_of(), r#"{"lives": 9}"#, " required"),
                (one_of(), "\"Cat\"", " type"),
                (one_of(), "null", " type"),
            ],
        );
    }
}

#[test]
fn null_beside_the_named_branches_is_still_null() {
    let schema = json!({
        "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "type": "null" }],
        "discriminator": { "propertyName": "kind" }
    });
    rows(
        "3.1.0",
        REQUEST,
        &pets(),
        &[
            (schema.clone(), "null", ""),
            (schema.clone(), r#"{"kind": "Cat"}"#, " required"),
            (schema, r#"{"kind": "Dog"}"#, "/kind discriminator"),
        ],
    );
}

#[test]
fn a_base_schema_narrows_to_those_that_extend_it() {
    let base = json!({ "$ref": "#/components/schemas/Base" });
    for rules in [REQUEST, STRICT] {
        rows(
            "3.0.3",
            rules,
            &pets(),
            &[
                (base.clone(), r#"{"kind": "Base"}"#, ""),
                (base.clone(), r#"{"kind": "Fish"}"#, " required"),
                (base.clone(), r#"{"kind": "Fish", "fins": 2}"#, ""),
                (base.clone(), r#"{"kind": "Shark", "fins": 2, "teeth": 300}"#, ""),
                (base.clone(), r#"{"kind": "Shark", "fins": 2, "teeth": "many"}"#, "/teeth type"),
                (base.clone(), r#"{"kind": "Cat", "fins": 2}"#, "/kind discriminator"),
            ],
        );
    }
    // A name of another branch is not one of the chosen.
    let strict = compiled("3.0.3", STRICT, &base, &pets());
    assert_eq!(told(&strict, r#"{"kind": "Fish", "fins": 2, "teeth": 3}"#), "/teeth unevaluatedProperties");
}

#[test]
fn branches_may_hold_their_union_again() {
    let schema = json!({ "$ref": "#/components/schemas/Self" });
    for rules in [REQUEST, STRICT] {
        rows(
            "3.0.3",
            rules,
            &pets(),
            &[
                (schema.clone(), r#"{"kind": "Child", "child": {"kind": "Child"}}"#, ""),
                (
                    schema.clone(),
                    r#"{"kind": "Child", "child": {"kind": "Adult"}}"#,
                    "/child/kind discriminator",
                ),
            ],
        );
    }
}

#[test]
fn a_branch_without_a_name_turns_narrowing_off_and_says_so() {
    let schema = json!({
        "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "type": "object", "required": ["x"] }],
        "discriminator": { "propertyName": "kind" }
    });
    let compiled = compiled("3.0.3", REQUEST, &schema, &pets());
    assert!(compiled.findings().iter().any(|finding| finding.code == "B1214"));
    assert_eq!(told(&compiled, r#"{"x": 1}"#), "");
}

#[test]
fn the_default_of_3_2_holds_for_unknown_names() {
    let schema = json!({
        "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }],
        "discriminator": { "propertyName": "kind", "defaultMapping": "Dog" }
    });
    rows(
        "3.2.0",
        REQUEST,
        &pets(),
        &[
            (schema.clone(), r#"{"kind": "Wolf", "barks": true}"#, ""),
            (schema.clone(), r#"{"kind": "Wolf", "barks": 1}"#, "/barks type"),
            (schema, r#"{"kind": "Cat"}"#, " required"),
        ],
    );
}
