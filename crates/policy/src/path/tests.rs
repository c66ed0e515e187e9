#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{Path, PathFault};

fn found(path: &str, document: &'static str) -> Vec<String> {
    let tape = tape::json::parse(document.into(), &tape::Limits::default()).unwrap();
    let path = Path::parse(path).unwrap();
    path.each(tape.root()).iter().map(|node| node.raw().to_owned()).collect()
}

#[test]
fn a_path_names_members_and_items() {
    let document = r#"{"data":[{"id":1,"a b":{"c":2}},{"id":3}]}"#;
    assert_eq!(found("$.data[*].id", document), ["1", "3"]);
    assert_eq!(found("data[*].id", document), ["1", "3"]);
    assert_eq!(found("$.data[*]['a b'].c", document), ["2"]);
    assert_eq!(found("$", document), [document]);
    assert_eq!(found("$[*].id", r#"[{"id":"x"}]"#), [r#""x""#]);
    assert!(found("$.data.id", document).is_empty());
}

#[test]
fn what_computes_is_no_path() {
    for (text, fault) in [
        ("", PathFault::Empty),
        ("$.", PathFault::NoName),
        ("$..id", PathFault::NoName),
        ("$[?(@.id)]", PathFault::Brackets),
        ("$[0]", PathFault::Brackets),
        ("$['a'", PathFault::Brackets),
    ] {
        assert_eq!(Path::parse(text).unwrap_err(), fault, "{text}");
    }
}
