//! What hostile values and unusual schemas cost: always bounded.

use serde_json::{Value, json};

use super::{REQUEST, compiled, told};

#[test]
fn patterns_take_linear_time_or_give_up() {
    let hostile = format!("\"{}!\"", "a".repeat(40_000));
    let linear = compiled("3.0.3", REQUEST, &json!({ "type": "string", "pattern": "^(a+)+$" }), &json!({}));
    assert!(linear.findings().is_empty());
    assert_eq!(told(&linear, &hostile), " pattern");
    assert_eq!(told(&linear, "\"aaa\""), "");

    let around =
        compiled("3.0.3", REQUEST, &json!({ "type": "string", "pattern": "^(?=a)(a+)+$" }), &json!({}));
    assert!(around.findings().iter().any(|finding| finding.code == "B1212" && !finding.is_error()));
    assert_eq!(told(&around, "\"aaa\""), "");
    assert_eq!(told(&around, &hostile), " pattern");

    let back = compiled("3.0.3", REQUEST, &json!({ "type": "string", "pattern": r"^(a*)*\1b$" }), &json!({}));
    assert_eq!(told(&back, &hostile), " pattern");
}

#[test]
fn circular_schemas_follow_the_value_down() {
    let schemas = json!({ "Node": { "type": "object", "required": ["v"], "properties": {
        "v": { "type": "integer" }, "next": { "$ref": "#/components/schemas/Node" }
    } } });
    let schema = compiled("3.0.3", REQUEST, &json!({ "$ref": "#/components/schemas/Node" }), &schemas);
    let deep = format!("{}{{\"v\":\"x\"}}{}", "{\"v\":1,\"next\":".repeat(50), "}".repeat(50));
    assert_eq!(told(&schema, &deep), format!("{}/v type", "/next".repeat(50)));
}

#[test]
fn branches_over_a_deep_value_do_not_multiply() {
    let branch = |extra: &str| {
        json!({ "type": "object", "properties": {
        "c": { "$ref": "#/components/schemas/N" }, extra: { "type": "integer" }
    }, "required": ["c"] })
    };
    let schemas = json!({ "N": { "anyOf": [branch("a"), branch("b"), branch("d"), { "type": "integer" }] } });
    let schema = compiled("3.0.3", REQUEST, &json!({ "$ref": "#/components/schemas/N" }), &schemas);
    let deep = format!("{}\"x\"{}", "{\"c\":".repeat(60), "}".repeat(60));
    let tape = tape::json::parse(deep.into(), &tape::Limits::default()).unwrap();
    let violations = schema.check_node(tape.root(), "body", "").unwrap_err();
    assert!(!violations.is_empty() && violations.len() <= 20);
}

#[test]
fn a_huge_any_of_with_a_huge_array_is_explained_within_bounds() {
    let branches: Vec<Value> =
        (0..300).map(|n| json!({ "type": "array", "items": { "const": n } })).collect();
    let schema = compiled("3.0.3", REQUEST, &json!({ "anyOf": branches }), &json!({}));
    let items = vec!["-1"; 50_000].join(",");
    let tape = tape::json::parse(format!("[{items}]").into(), &tape::Limits::default()).unwrap();
    let violations = schema.check_node(tape.root(), "body", "").unwrap_err();
    assert_eq!(violations[0].rule, "anyOf");
    assert!(violations.len() <= 20);
}

#[test]
fn violations_are_few_in_a_stable_order_and_never_repeat() {
    let schema = json!({ "type": "array", "items": { "type": "object", "required": ["a", "b"] } });
    let schema = compiled("3.0.3", REQUEST, &schema, &json!({}));
    let items = vec!["{}"; 1_000].join(",");
    let first = told(&schema, &format!("[{items}]"));
    assert_eq!(first.lines().count(), 20);
    assert!(first.starts_with("/0 required\n/0 required\n/1 required"));
    assert_eq!(first, told(&schema, &format!("[{items}]")));
}

#[test]
fn many_dear_matches_are_refused_as_too_costly() {
    let schema = json!({ "type": "array", "items": { "type": "string", "pattern": "^(?=a)(a|a)+$" } });
    let schema = compiled("3.0.3", REQUEST, &schema, &json!({}));
    let items = vec!["\"aaaa\""; 20_000].join(",");
    let tape = tape::json::parse(format!("[{items}]").into(), &tape::Limits::default()).unwrap();
    let violations = schema.check_node(tape.root(), "body", "").unwrap_err();
    assert_eq!(violations[0].expected, "a value that can be checked at bounded cost");
    assert_eq!(told(&schema, "[\"aaaa\", \"aaaa\"]"), "");
}
