#![allow(clippy::unwrap_used)]

use http::{HeaderMap, HeaderValue};

use super::is_json;

#[test]
fn one_json_document_in_utf_8_and_in_no_coding_can_be_filtered() {
    let judged = |fields: &[(&'static str, &'static str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        is_json(&headers)
    };
    assert!(judged(&[("content-type", "application/json")]));
    assert!(judged(&[
        ("content-type", "application/problem+json; charset=UTF-8"),
        ("content-encoding", "identity")
    ]));
    assert!(!judged(&[("content-type", "application/json; charset=utf-7")]));
    assert!(!judged(&[("content-type", "application/json"), ("content-type", "application/json")]));
    assert!(!judged(&[("content-type", "application/json"), ("content-encoding", "gzip")]));
    assert!(!judged(&[]));
}
