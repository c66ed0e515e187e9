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
fn where_a_filtered_list_goes_on_is_not_said_by_a_header() {
    let headers = [("content-type", "application/json"), ("link", "</orders?after=9>; rel=\"next\"")];
    for (operation, passes) in [("listOrders", false), ("allOrders", true), ("getOrder", true)] {
        let check: ShownErrors = table().prepare(operation);
        let answer = answered(subject("7", &[], &[]), 200, &headers, "");
        let step = check.on_response_head(&answer, &Answers::default());
        let Step::Continue(edits) = step else { panic!("refused") };
        assert_eq!(edits.is_empty(), passes, "{operation}: {edits:?}");
    }
}

#[test]
fn errors_keep_sentences_and_not_what_stands_below_the_usual_names() {
    let row = r#"{"id":2,"user_id":8,"card":{"cvc":"123"}}"#;
    let long = "x".repeat(513);
    for (body, kept) in [
        (format!(r#"{{"error":{row}}}"#), r#"{"error":{}}"#),
        (format!(r#"{{"detail":[{row},"no",7,["a",{row}]]}}"#), r#"{"detail":[{},"no",7,["a",{}]]}"#),
        (format!(r#"{{"errors":{{"message":"no","order":{row}}}}}"#), r#"{"errors":{"message":"no"}}"#),
        (format!(r#"{{"message":"no","detail":"{long}"}}"#), r#"{"message":"no"}"#),
        (format!(r#"{{"errors":["{long}","short"]}}"#), r#"{"errors":["short"]}"#),
        (
            r#"{"detail":{"detail":{"detail":{"detail":{"detail":"x"}}}}}"#.to_owned(),
            r#"{"detail":{"detail":{"detail":{}}}}"#,
        ),
        (
            r#"{"detail":[{"loc":["body","note"],"msg":"too long","type":"value_error","input":"secret"}]}"#
                .to_owned(),
            r#"{"detail":[{"loc":["body","note"],"msg":"too long","type":"value_error"}]}"#,
        ),
    ] {
        assert_eq!(shown(400, JSON, &body), kept, "{body}");
    }
    // Of what is declared, what is declared below it.
    let body = r#"{"holds":{"message":"taken","by":"ben","password":"x"}}"#;
    assert_eq!(shown(409, JSON, body), r#"{"holds":{"message":"taken"}}"#);
}

#[test]
fn errors_keep_what_is_usual_or_declared() {
    let body = r#"{"message":"no","user":{"password":"x"},"holds":"taken","password":"x"}"#;
    assert_eq!(shown(400, JSON, body), r#"{"message":"no"}"#);
    assert_eq!(shown(409, JSON, body), r#"{"message":"no","holds":"taken"}"#);
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

#[test]
fn a_sentence_alone_passes_where_the_description_has_one() {
    let long = format!("\"{}\"", "x".repeat(600));
    assert_eq!(shown(410, JSON, r#""it is gone""#), r#""it is gone""#);
    for (status, body) in [(410, long.as_str()), (404, r#""it is gone""#), (410, r#"["it is gone"]"#)] {
        assert_ne!(shown(status, JSON, body), body, "{status}");
    }
}
