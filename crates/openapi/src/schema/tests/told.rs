//! What a caller reads: from the schema alone, bounded, without the value.

use serde_json::json;

use super::{REQUEST, compiled};

#[test]
fn expectations_come_from_the_schema() {
    for (schema, instance, expected) in [
        (json!({ "type": "string" }), json!(1), "type string"),
        (json!({ "type": ["string", "null"] }), json!(1), "type null or string"),
        (json!({ "enum": ["a", 1] }), json!("secret"), "one of \"a\", 1"),
        (json!({ "maximum": 10 }), json!(11), "at most 10"),
        (json!({ "exclusiveMinimum": 1.5 }), json!(1), "more than 1.5"),
        (json!({ "minLength": 3 }), json!("ab"), "at least 3 characters"),
        (json!({ "required": ["name"] }), json!({}), "property \"name\""),
        (json!({ "format": "ipv4" }), json!("secret"), "format ipv4"),
        (json!({ "const": { "a": 1 } }), json!("secret"), "exactly {\"a\":1}"),
        (json!({ "anyOf": [{ "type": "string" }, { "minimum": 3 }] }), json!(1), "at least 3"),
        (
            json!({ "oneOf": [{ "minimum": 1 }, { "minimum": 2 }] }),
            json!(3),
            "exactly one of the alternatives",
        ),
    ] {
        let schema = compiled("3.1.0", REQUEST, &schema, &json!({}));
        let violations = schema.check_value(&instance, "body", "").unwrap_err();
        assert_eq!(violations[0].expected, expected);
    }
}

#[test]
fn nothing_told_is_long_or_turns_text_round() {
    let options: Vec<String> = (0..500).map(|n| format!("option number {n}")).collect();
    let schema = json!({ "type": "object", "properties": { "a": { "enum": options } }, "additionalProperties": false });
    let schema = compiled("3.1.0", REQUEST, &schema, &json!({}));
    let name = format!("evil\u{202E}\n{}", "x".repeat(5_000));
    let violations = schema.check_value(&json!({ "a": "secret", &name: 1 }), "body", "").unwrap_err();
    assert_eq!(violations.len(), 2);
    for violation in violations {
        assert!(violation.expected.chars().count() <= 120, "{violation:?}");
        assert!(violation.pointer.chars().count() <= 66, "{violation:?}");
        assert!(!violation.pointer.contains(['\u{202E}', '\n']));
        assert!(!format!("{violation:?}").contains("secret"));
    }
}
