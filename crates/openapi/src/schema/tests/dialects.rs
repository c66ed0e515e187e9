//! What 3.0 and 3.1 mean by the same words.

use serde_json::json;

use super::{REQUEST, compiled, rows, told};

/// Schema, instance, what 3.0 tells, what 3.1 tells.
#[test]
fn the_dialects_differ_where_their_specifications_do() {
    let schemas = json!({ "Name": { "type": "string", "minLength": 2 } });
    for (schema, instance, in_3_0, in_3_1) in [
        (json!({ "type": "string", "nullable": true }), "null", "", " type"),
        (json!({ "type": "string", "nullable": false }), "null", " type", " type"),
        (json!({ "type": "string", "nullable": true, "enum": ["a"] }), "null", "", " type\n enum"),
        (json!({ "type": "string", "nullable": true, "enum": ["a", null] }), "null", "", " type"),
        (json!({ "nullable": true, "enum": ["a"] }), "null", "", " enum"),
        (
            json!({ "nullable": true, "allOf": [{ "$ref": "#/components/schemas/Name" }] }),
            "null",
            "",
            " type",
        ),
        (
            json!({ "nullable": true, "allOf": [{ "$ref": "#/components/schemas/Name" }] }),
            "\"a\"",
            " minLength",
            " minLength",
        ),
        (json!({ "$ref": "#/components/schemas/Name", "nullable": true }), "null", " type", " type"),
        (json!({ "$ref": "#/components/schemas/Name", "maxLength": 3 }), "\"long\"", "", " maxLength"),
        (
            json!({ "$ref": "#/components/schemas/Name", "description": "d" }),
            "\"a\"",
            " minLength",
            " minLength",
        ),
        (
            json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true }),
            "1",
            " exclusiveMinimum",
            " exclusiveMinimum",
        ),
        (json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": false }), "1", "", ""),
        (
            json!({ "type": "integer", "maximum": 9, "exclusiveMaximum": true }),
            "9",
            " exclusiveMaximum",
            " exclusiveMaximum",
        ),
        (json!({ "maximum": 5 }), "5.0000000000000000000000001", " maximum", " maximum"),
        (json!({ "minimum": 5 }), "4.9999999999999999999999999", " minimum", " minimum"),
        (json!({ "maximum": 5 }), "5.000", "", ""),
        (json!({ "exclusiveMaximum": 9 }), "9", " exclusiveMaximum", " exclusiveMaximum"),
        (json!({ "type": ["string", "null"] }), "null", "", ""),
        (json!({ "const": 1 }), "2", " const", " const"),
        (json!({ "type": "array", "items": { "type": "integer" } }), "[1, \"a\"]", "/1 type", "/1 type"),
        (json!({ "prefixItems": [{ "type": "integer" }], "items": false }), "[1, 2]", "/1 not", "/1 not"),
    ] {
        for (version, expected) in [("3.0.3", in_3_0), ("3.1.0", in_3_1), ("3.2.0", in_3_1)] {
            let compiled = compiled(version, REQUEST, &schema, &schemas);
            assert_eq!(told(&compiled, instance), expected, "{version} {schema} {instance}");
        }
    }
}

#[test]
fn keywords_hold_for_every_kind_of_value() {
    let object = json!({ "type": "object", "required": ["id"], "properties": {
        "id": { "type": "integer", "format": "int32" }, "price": { "type": "number", "multipleOf": 0.01 }
    }, "additionalProperties": false });
    rows(
        "3.0.3",
        REQUEST,
        &json!({}),
        &[
            (object.clone(), r#"{"id": 1, "price": 19.99}"#, ""),
            (object.clone(), r#"{"price": 19.999}"#, "/price multipleOf\n required"),
            (object.clone(), r#"{"id": 2147483648}"#, "/id format"),
            (object.clone(), r#"{"id": 1.5}"#, "/id type\n/id format"),
            (object.clone(), r#"{"id": 1.0}"#, ""),
            (object.clone(), r#"{"id": 1, "admin": true}"#, "/admin additionalProperties"),
            (object.clone(), r#"{"id": 1, "a/b~c\u0007": true}"#, "/****** additionalProperties"),
            (object, "[]", " type"),
            (json!({ "type": "integer", "format": "int64" }), "9223372036854775807", ""),
            (json!({ "type": "integer", "format": "int64" }), "9223372036854775808", " format"),
            (json!({ "type": "integer" }), "123456789012345678901234567890", ""),
            (
                json!({ "type": "integer", "maximum": 18446744073709551615_u64 }),
                "18446744073709551616",
                " maximum",
            ),
            (json!({ "type": "integer", "multipleOf": 3 }), "135107988821114880000000000001", " multipleOf"),
            (json!({ "type": "integer", "multipleOf": 3 }), "135107988821114880000000000000", ""),
            (json!({ "type": "number", "format": "float" }), "1e39", " format"),
            (json!({ "enum": [1] }), "1.0", ""),
            (json!({ "enum": [{ "a": [1, null] }] }), r#"{"a": [1e0, null]}"#, ""),
            (json!({ "enum": [{ "a": [1, null] }] }), r#"{"a": [1, null], "b": 1}"#, " enum"),
            (json!({ "type": "array", "uniqueItems": true }), "[1, 1.0]", " uniqueItems"),
            (
                json!({ "type": "array", "uniqueItems": true }),
                r#"[{"a":1,"b":2},{"b":2,"a":1}]"#,
                " uniqueItems",
            ),
            (json!({ "type": "array", "uniqueItems": true }), r#"["1", 1, [1], true, null, {}]"#, ""),
            (
                json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
                r#"{"a": "b"}"#,
                "/a type",
            ),
            (json!({ "not": { "type": "string" } }), r#""a""#, " not"),
        ],
    );
}

#[test]
fn formats_are_enforced() {
    for (format, good, bad) in [
        ("date-time", "2026-01-02T03:04:05Z", "2026-01-02 03:04"),
        ("date", "2026-01-02", "2026-02-30"),
        ("time", "03:04:05Z", "25:00:00Z"),
        ("duration", "P1DT2H", "1 day"),
        ("email", "a@example.com", "a at example.com"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
        ("uri", "https://example.com/", "not a uri"),
        ("hostname", "example.com", "-example-.com"),
        ("ipv4", "192.0.2.1", "192.0.2.256"),
        ("ipv6", "2001:db8::1", "2001:db8::g"),
        ("byte", "aGVsbG8=", "aGVsbG8"),
        ("byte", "", "a==="),
        ("regex", "^a+$", "(a"),
        ("int64", "12", "twelve"),
    ] {
        let schema = compiled("3.0.3", REQUEST, &json!({ "type": "string", "format": format }), &json!({}));
        assert_eq!(told(&schema, &json!(good).to_string()), "", "{format} {good}");
        assert_eq!(told(&schema, &json!(bad).to_string()), " format", "{format} {bad}");
    }
    for hint in ["password", "binary", "made-up"] {
        let schema = compiled("3.0.3", REQUEST, &json!({ "type": "string", "format": hint }), &json!({}));
        assert_eq!(told(&schema, "\"anything\""), "", "{hint}");
    }
}

#[test]
fn a_schema_that_is_not_valid_is_told_and_refuses_everything() {
    for (schema, code) in [
        (json!({ "type": "strnig" }), "B1201"),
        (json!({ "minLength": -1 }), "B1201"),
        (json!({ "pattern": "(" }), "B1211"),
        (json!({ "multipleOf": 0 }), "B1201"),
        (json!({ "properties": { "a": { "enum": "b" } } }), "B1201"),
    ] {
        let compiled = compiled("3.1.0", REQUEST, &schema, &json!({}));
        assert!(compiled.findings().iter().any(|f| f.is_error() && f.code == code), "{schema}: {compiled:?}");
        let violations = compiled.check_value(&json!({}), "body", "").unwrap_err();
        assert_eq!(violations[0].rule, "schema");
    }
}

#[test]
fn boolean_required_of_old_drafts_is_a_warning() {
    let schema = json!({ "type": "object", "properties": { "a": { "type": "string", "required": true } } });
    let compiled = compiled("3.0.3", REQUEST, &schema, &json!({}));
    assert!(compiled.findings().iter().any(|f| !f.is_error() && f.code == "B1201"));
    assert_eq!(told(&compiled, "{}"), "");
}
