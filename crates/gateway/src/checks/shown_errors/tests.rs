#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::ShownErrors;
use crate::check::{Check, Edit, Step};
use crate::checks::protected::{JSON, answered, left, subject, table};
use crate::question::Answers;

fn shown(status: u16, headers: &[(&'static str, &str)], body: &str) -> String {
    let check: ShownErrors = table().prepare("getOrder");
    let exchange = answered(subject("7", &[], &[]), status, headers, body);
    left(check.on_response_body(&exchange, &Answers::default()), body)
}

#[test]
fn undeclared_header_fields_do_not_pass() {
    let check: ShownErrors = table().prepare("getOrder");
    let headers = [
        ("content-type", "application/json"),
        ("x-order-state", "open"),
        ("x-debug-user", "secret"),
        ("server-timing", "db;dur=3"),
        ("x-ratelimit-remaining", "3"),
        ("x-powered-by", "PHP"),
    ];
    let Step::Continue(edits) =
        check.on_response_head(&answered(subject("7", &[], &[]), 200, &headers, ""), &Answers::default())
    else {
        panic!("refused")
    };
    let mut removed: Vec<_> = edits
        .iter()
        .map(|edit| match edit {
            Edit::RemoveResponseHeader(name) => name.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    removed.sort_unstable();
    assert_eq!(removed, ["server-timing", "x-debug-user", "x-powered-by"]);
}

#[test]
fn errors_keep_what_is_usual_or_declared() {
    let body = r#"{"message":"no","user":{"password":"x"},"reason":"taken","password":"x"}"#;
    assert_eq!(shown(400, JSON, body), r#"{"message":"no"}"#);
    assert_eq!(shown(409, JSON, body), r#"{"message":"no","reason":"taken"}"#);
    assert_eq!(shown(200, JSON, body), body, "no error");
}

#[test]
fn an_error_that_cannot_be_read_becomes_its_status() {
    let replaced = r#"{"type":"about:blank","title":"Bad Request","status":400}"#;
    for (headers, body) in [
        (&[("content-type", "text/html")][..], "<pre>Traceback"),
        (&[], "x"),
        (JSON, "{"),
        (JSON, "[1]"),
        (&[("content-type", "application/json"), ("content-encoding", "br")], "{}"),
    ] {
        assert_eq!(shown(400, headers, body), replaced, "{headers:?} {body}");
    }
}
