#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::json;

use crate::load;
use crate::load::tests::{Memory, codes};

const BASE: &str = "openapi: 3.0.3
info: {title: Base, version: '1'}
tags: [{name: a}]
paths:
  /a:
    get: {tags: [x], summary: one, security: []}
    put: {x-internal: true, security: []}
components:
  schemas: {S: {type: object, properties: {p: {type: string}}}}
";

/// Actions, the pointer that is looked at afterwards, what stands there (`None`: nothing), and the codes.
fn table() -> Vec<(&'static str, &'static str, Option<serde_json::Value>, Vec<&'static str>)> {
    vec![
        ("[{target: $.info, update: {title: New}}]", "/info/title", Some(json!("New")), vec![]),
        ("[{target: $.info, update: {contact: {name: c}}}]", "/info/contact/name", Some(json!("c")), vec![]),
        ("[{target: $.info.title, update: Text}]", "/info/title", Some(json!("Text")), vec![]),
        (
            "[{target: $.tags, update: {name: b}}]",
            "/tags",
            Some(json!([{"name": "a"}, {"name": "b"}])),
            vec![],
        ),
        (
            "[{target: $, update: {tags: [{name: b}]}}]",
            "/tags",
            Some(json!([{"name": "a"}, {"name": "b"}])),
            vec![],
        ),
        (
            "[{target: \"$.paths.*.*\", update: {deprecated: true}}]",
            "/paths/~1a/put/deprecated",
            Some(json!(true)),
            vec![],
        ),
        ("[{target: \"$.paths['/a'].put\", remove: true}]", "/paths/~1a/put", None, vec![]),
        ("[{target: \"$.paths.*[?@.x-internal == true]\", remove: true}]", "/paths/~1a/put", None, vec![]),
        ("[{target: \"$.tags[0]\", remove: true}]", "/tags", Some(json!([])), vec![]),
        (
            "[{target: $.components.schemas, update: {T: {}}}, {target: $.components.schemas.T, copy: $.components.schemas.S}]",
            "/components/schemas/T/properties/p/type",
            Some(json!("string")),
            vec![],
        ),
        (
            "[{target: $.components.schemas.S, copy: $.components}]",
            "/components/schemas/S/schemas/S/type",
            Some(json!("object")),
            vec![],
        ),
        ("[{target: $.nothing, remove: true}]", "/info/title", Some(json!("Base")), vec!["B1303"]),
        ("[{target: $.info, update: text}]", "/info/title", Some(json!("Base")), vec!["B1304"]),
        ("[{target: $.info.title, update: {a: b}}]", "/info/title", Some(json!("Base")), vec!["B1304"]),
        ("[{target: $, remove: true}]", "/info/title", Some(json!("Base")), vec!["B1304"]),
        ("[{target: '$[', remove: true}]", "/info/title", Some(json!("Base")), vec!["B1302"]),
        ("[{target: $.info}]", "/info/title", Some(json!("Base")), vec!["B1307"]),
        ("[{target: $.info, copy: \"$.paths.*.*\"}]", "/info/title", Some(json!("Base")), vec!["B1306"]),
        ("[{target: $.info, copy: $.tags, update: {}}]", "/info/title", Some(json!("Base")), vec!["B1301"]),
        (
            "[{update: {}}, {target: $.info, update: {title: New}}]",
            "/info/title",
            Some(json!("New")),
            vec!["B1301"],
        ),
        ("[{target: $.info, remove: 'yes'}]", "/info/title", Some(json!("Base")), vec!["B1301"]),
        ("[]", "/info/title", Some(json!("Base")), vec!["B1301"]),
    ]
}

#[test]
fn actions_change_what_their_target_matches() {
    for (actions, pointer, expected, found) in table() {
        let overlay = format!("overlay: 1.1.0\ninfo: {{title: o, version: '1'}}\nactions: {actions}\n");
        let files = Memory::new(&[("a.yaml", BASE), ("o.yaml", &overlay)]);
        let (description, findings) = load("a.yaml", &["o.yaml".to_owned()], &files);
        assert_eq!(codes(&findings), found, "{actions}");
        assert!(
            findings.iter().all(|finding| &*finding.place.as_ref().unwrap().file == "o.yaml"),
            "{actions}"
        );
        let description = description.unwrap();
        let value = description.documents().root().pointer(pointer).map(|node| node.to_value());
        assert_eq!(value, expected, "{actions}");
    }
}

#[test]
fn overlays_are_laid_in_order_and_values_keep_the_place_where_they_were_written() {
    let one = "overlay: 1.0.0\nactions:\n  - target: $.paths['/a'].get\n    update:\n      summary: two\n      parameters:\n        - {name: q, in: query}\n";
    let two = "overlay: 1.0.0\nactions:\n  - target: $.paths['/a'].get\n    update: {summary: three}\n";
    let files = Memory::new(&[("a.yaml", BASE), ("one.yaml", one), ("two.yaml", two)]);
    let (description, findings) = load("a.yaml", &["one.yaml".to_owned(), "two.yaml".to_owned()], &files);
    assert_eq!(codes(&findings), ["B1107"]);
    assert_eq!(findings[0].place.as_ref().unwrap().to_string(), "one.yaml:7:11");
    let description = description.unwrap();
    let summary = description.documents().root().pointer("/paths/~1a/get/summary").unwrap();
    assert_eq!(summary.as_str(), Some("three"));
    assert_eq!(summary.value_place().to_string(), "two.yaml:4:23");
    let names: Vec<&str> = description.files.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["a.yaml", "one.yaml", "two.yaml"]);
}

#[test]
fn one_update_of_several_targets_leaves_them_independent() {
    let overlay = "overlay: 1.0.0\nactions:\n  - {target: '$.paths.*.*', update: {x-a: {b: 1}}}\n  - {target: \"$.paths['/a'].put\", update: {x-a: {c: 2}}}\n";
    let files = Memory::new(&[("a.yaml", BASE), ("o.yaml", overlay)]);
    let (description, _) = load("a.yaml", &["o.yaml".to_owned()], &files);
    let description = description.unwrap();
    let at = |pointer: &str| description.documents().root().pointer(pointer).unwrap().to_value();
    assert_eq!(at("/paths/~1a/get/x-a"), json!({"b": 1}));
    assert_eq!(at("/paths/~1a/put/x-a"), json!({"b": 1, "c": 2}));
}

#[test]
fn copies_that_double_are_stopped() {
    let mut overlay = "overlay: 1.1.0\nactions:\n".to_owned();
    for round in 0..30 {
        overlay += &format!(
            "  - {{target: $.info, update: {{x{round}: {{}}}}}}\n  - {{target: $.info.x{round}, copy: $.info}}\n"
        );
    }
    let files = Memory::new(&[("a.yaml", BASE), ("o.yaml", &overlay)]);
    let (description, findings) = load("a.yaml", &["o.yaml".to_owned()], &files);
    assert!(codes(&findings).contains(&"B1305"));
    assert!(description.is_some());
}
