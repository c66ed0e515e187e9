#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::{changes, is_index, tokens};

fn count(patch: &'static str) -> Option<usize> {
    let tape = tape::json::parse(patch.into(), &tape::Limits::default()).unwrap();
    changes(tape.root()).map(|changes| changes.len())
}

#[test]
fn what_another_service_might_read_in_another_way_is_no_patch() {
    assert_eq!(
        count(r#"[{"op":"add","path":"/a","value":1},{"op":"copy","from":"/a","path":"/b"}]"#),
        Some(2)
    );
    for none in [
        r#"{"op":"remove","path":"/a"}"#,
        r#"[7]"#,
        r#"[{"op":"add","path":"/a","value":1,"Value":2}]"#,
        r#"[{"op":"add","path":"/a","value":1,"Path":"/b"}]"#,
        r#"[{"op":"ADD","path":"/a","value":1}]"#,
        r#"[{"op":"copy","path":"/a"}]"#,
        r#"[{"op":"remove","path":"/a","from":7}]"#,
        r#"[{"op":"remove"}]"#,
    ] {
        assert_eq!(count(none), None, "{none}");
    }
}

#[test]
fn a_pointer_is_read_token_by_token() {
    assert_eq!(tokens(""), Some(vec![]));
    assert_eq!(tokens("/a~1b/~01/"), Some(vec!["a/b".to_owned(), "~1".to_owned(), String::new()]));
    assert_eq!(tokens("a/b"), None);
    assert!(is_index("-") && is_index("07") && !is_index("") && !is_index("-1") && !is_index("a"));
}
