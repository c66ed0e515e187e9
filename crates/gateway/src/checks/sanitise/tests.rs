#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::Sanitise;
use crate::check::Check;
use crate::checks::media_type::tests::{said, sent, table};
use crate::question::Answers;

#[test]
fn strings_are_sanitised_only_when_asked_for() {
    let mut table = table();
    assert!(table.try_prepare::<Sanitise>("post").unwrap().is_none());
    table.api().strictness.sanitise = true;
    assert!(table.try_prepare::<Sanitise>("image").unwrap().is_none());
    let check: Sanitise = table.prepare("post");
    for (content_type, body, expected) in [
        ("application/json", r#"{"name":"plain"}"#, "pass"),
        (
            "application/json",
            r#"{"name":"a\u0000"}"#,
            "splice [(8..17, b\"\\\"a\\\"\")]; strings sanitised: 1",
        ),
        ("application/json", "{", "pass"),
        ("application/x-www-form-urlencoded", "name=a%00", "splice [(5..9, b\"a\")]; strings sanitised: 1"),
        ("text/plain", "\"a\\u0000\"", "pass"),
    ] {
        let exchange = sent(&[("content-type", content_type)], Some(body));
        assert_eq!(said(check.step(&exchange, &Answers::default())), expected, "{content_type} {body}");
    }
}
