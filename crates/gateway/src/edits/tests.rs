#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use model::LimitState;

use super::{Applied, EditFault, Effects, apply, reports, splice};
use crate::check::Edit;
use crate::exchange::{Body, Response};
use crate::pipeline::testing::exchange;

fn spans(list: &[(Range<usize>, &'static str)]) -> Vec<(Range<usize>, Bytes)> {
    list.iter().map(|(range, with)| (range.clone(), Bytes::from_static(with.as_bytes()))).collect()
}

#[test]
fn spans_are_replaced_whatever_their_order() {
    let text = Bytes::from_static(b"0123456789");
    type Replacements = &'static [(Range<usize>, &'static str)];
    let cases: &[(Replacements, Result<&str, EditFault>)] = &[
        (&[], Ok("0123456789")),
        (&[(0..1, "a"), (9..10, "z")], Ok("a12345678z")),
        (&[(9..10, "z"), (0..1, "a")], Ok("a12345678z")),
        (&[(3..3, "x")], Ok("012x3456789")),
        (&[(0..10, "")], Ok("")),
        (&[(10..10, "!")], Ok("0123456789!")),
        (&[(2..5, "a"), (4..6, "b")], Err(EditFault::Span)),
        (&[(9..11, "a")], Err(EditFault::Span)),
        (&[(11..11, "a")], Err(EditFault::Span)),
    ];
    for (list, expected) in cases {
        let got = splice(&text, spans(list));
        assert_eq!(got.as_deref(), expected.as_ref().map(|text| text.as_bytes()), "{list:?}");
    }
}

#[test]
fn request_edits_wait_in_the_effects_and_leave_the_exchange_as_received() {
    let mut exchange = exchange("GET", "/orders?a=1");
    let mut effects = Effects::default();
    let name = HeaderName::from_static("x-one");
    let edits = vec![
        Edit::SetRequestHeader(name.clone(), HeaderValue::from_static("1")),
        Edit::RemoveRequestHeader(HeaderName::from_static("x-two")),
        Edit::SetQuery(Some("a=2".into())),
        Edit::SetPath("/other".into()),
    ];
    let applied = apply(edits, &mut exchange, &mut effects, &tape::Limits::default()).unwrap();
    assert_eq!(applied, Applied { changed: true, report: None });
    assert_eq!(effects.request_headers.len(), 2);
    assert_eq!(effects.query, Some(Some("a=2".into())));
    assert_eq!(effects.path.as_deref(), Some("/other"));
    assert_eq!(exchange.route.query.as_deref(), Some("a=1"));
    assert!(exchange.head.headers.get(&name).is_none());
}

#[test]
fn a_spliced_body_is_what_later_checks_read() {
    let mut exchange = exchange("POST", "/orders");
    exchange.body = Some(Body::new(Bytes::from_static(b"{\"a\":1}"), tape::Limits::default()));
    let edit = Edit::SpliceBody(spans(&[(5..6, "22")]));
    apply(vec![edit], &mut exchange, &mut Effects::default(), &tape::Limits::default()).unwrap();
    let body = exchange.body.as_ref().unwrap();
    assert_eq!(body.bytes, "{\"a\":22}");
    assert_eq!(body.json().unwrap().root().get("a").unwrap().as_u64(), Some(22));
}

#[test]
fn edits_that_cannot_be_made_are_faults_of_the_check() {
    let limits = tape::Limits::default();
    let cases = [
        (Edit::SpliceBody(vec![]), EditFault::NoBody),
        (Edit::SetPath("no-slash".into()), EditFault::Target),
        (Edit::SetPath("/a b".into()), EditFault::Target),
        (Edit::SetPath("/a?b".into()), EditFault::Target),
        (Edit::SetQuery(Some("a=1 HTTP/1.1\r\nHost: x".into())), EditFault::Target),
    ];
    for (edit, expected) in cases {
        let shown = format!("{edit:?}");
        let got = apply(vec![edit], &mut exchange("GET", "/"), &mut Effects::default(), &limits);
        assert_eq!(got, Err(expected), "{shown}");
    }
    let mut answered = exchange("GET", "/");
    answered.response =
        Some(Response { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body: None });
    let late = apply(vec![Edit::SetQuery(None)], &mut answered, &mut Effects::default(), &limits);
    assert_eq!(late, Err(EditFault::TooLate));
}

#[test]
fn a_watched_checks_edits_are_only_reported() {
    let state = LimitState {
        name: "client".into(),
        unit: model::LimitUnit::Requests,
        quota: 1,
        window_s: 1,
        remaining: 0,
        reset_s: 1,
    };
    let applied = reports(
        vec![Edit::Report("one".into()), Edit::Limit(state), Edit::Report("two".into())],
        &mut exchange("GET", "/"),
        &mut Effects::default(),
    );
    assert_eq!(applied, Applied { changed: false, report: Some("one; two".into()) });
    let edits = vec![Edit::SetQuery(None)];
    assert!(reports(edits, &mut exchange("GET", "/"), &mut Effects::default()).changed);
}

#[test]
fn an_answer_that_something_was_taken_out_of_loses_what_describes_the_whole() {
    let mut headers = http::HeaderMap::new();
    for (name, value) in [("etag", "\"whole\""), ("last-modified", "yesterday"), ("link", "</next>")] {
        headers.insert(name, http::HeaderValue::from_static(value));
    }
    let limits = tape::Limits::default();
    let body = Body::new(Bytes::from_static(b"{\"a\":1}"), limits.clone());
    let mut answered = exchange("GET", "/");
    answered.response = Some(Response { status: http::StatusCode::OK, headers, body: Some(body) });
    let cut = Edit::SpliceResponse(vec![(1..6, Bytes::new())]);
    apply(vec![cut], &mut answered, &mut Effects::default(), &limits).unwrap();
    let response = answered.response.unwrap();
    assert_eq!(&response.body.unwrap().bytes[..], b"{}");
    assert_eq!(response.headers.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(), ["link"]);
}
