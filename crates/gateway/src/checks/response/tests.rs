#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use model::Mode;

use super::ResponseCheck;
use crate::check::{BodyNeed, Build, Check};
use crate::checks::media_type::tests::{said, sent, table};
use crate::exchange::{Body, Exchange, Response};
use crate::question::Answers;

fn answered(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Exchange {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_static(value));
    }
    let mut exchange = sent(&[], None);
    let body = Body::new(Bytes::from_static(body.as_bytes()), tape::Limits::default());
    let status = StatusCode::from_u16(status).unwrap();
    exchange.response = Some(Response { status, headers: map, body: Some(body) });
    exchange
}

#[test]
fn answers_are_watched_unless_told_otherwise() {
    const { assert!(matches!(ResponseCheck::ABOUT.default_mode, Mode::Watch)) };
    assert_eq!(table().prepare::<ResponseCheck>("get").response_body(), BodyNeed::Whole);
    assert_eq!(table().prepare::<ResponseCheck>("post").response_body(), BodyNeed::None);
}

/// Status, headers, body; what is said of the head, and of the body.
#[test]
fn what_is_wrong_is_recorded_and_not_shown() {
    let check: ResponseCheck = table().prepare("get");
    let json = &[("content-type", "application/json")][..];
    for (status, headers, body, of_head, of_body) in [
        (200, json, r#"{"id":1}"#, "pass", "pass"),
        (200, json, r#"{"id":"secret"}"#, "pass", "upstream_invalid (body /id type: type integer)"),
        (200, json, "{}", "pass", "upstream_invalid (body required: property \"id\")"),
        (200, json, "secret", "pass", "upstream_invalid (the body is not well-formed JSON)"),
        (
            200,
            &[("content-type", "application/json"), ("content-encoding", "gzip")][..],
            "x",
            "pass",
            "upstream_invalid (the body is encoded, so it was not checked)",
        ),
        (
            200,
            &[("content-type", "text/html")][..],
            "<p>",
            "upstream_invalid (header content-type content: one of application/json)",
            "pass",
        ),
        (404, &[("content-type", "text/html")][..], "<p>", "pass", "pass"),
        (500, json, "{}", "upstream_invalid (status responses: one of 200, 404)", "pass"),
        (304, &[][..], "", "pass", "pass"),
    ] {
        let exchange = answered(status, headers, body);
        let head = said(check.on_response_head(&exchange, &Answers::default()));
        let whole = said(check.on_response_body(&exchange, &Answers::default()));
        assert_eq!((head.as_str(), whole.as_str()), (of_head, of_body), "{status} {headers:?} {body}");
    }
}
