#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use http::{HeaderMap, HeaderValue};

use super::{TRACEPARENT, TraceIds};

fn headers(values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(TRACEPARENT, HeaderValue::from_str(value).unwrap());
    }
    headers
}

const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_well_formed_trace_goes_on_with_our_span_as_the_new_parent() {
    let context = TraceIds::new(1).continue_or_begin(&headers(&[GOOD]), 0);
    assert_eq!(context.trace_id_text(), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(context.parent_id, Some(0xb7ad_6b71_6920_3331));
    let sent = context.traceparent(context.span_id);
    let expected = format!("00-0af7651916cd43dd8448eb211c80319c-{:016x}-01", context.span_id);
    assert_eq!(std::str::from_utf8(&sent).unwrap(), expected);
}

#[test]
fn a_malformed_or_repeated_traceparent_begins_a_new_trace() {
    let cases: &[&[&str]] = &[
        &[],
        &[GOOD, GOOD],
        &["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra"],
        &["ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        &["00-00000000000000000000000000000000-b7ad6b7169203331-01"],
        &["00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"],
        &["00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"],
        &["00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01"],
        &["nonsense"],
    ];
    for case in cases {
        let context = TraceIds::new(1).continue_or_begin(&headers(case), 0);
        assert_eq!(context.parent_id, None, "{case:?}");
        assert!(!context.sampled, "{case:?}");
    }
}

#[test]
fn a_later_version_with_more_fields_is_understood() {
    let later = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-what.the.future.brings";
    let context = TraceIds::new(1).continue_or_begin(&headers(&[later]), 10_000);
    assert_eq!(context.parent_id, Some(0xb7ad_6b71_6920_3331));
    assert!(!context.sampled);
}

#[test]
fn a_new_trace_is_sampled_at_the_given_rate() {
    let ids = TraceIds::new(7);
    let sampled = (0..10_000).filter(|_| ids.continue_or_begin(&HeaderMap::new(), 1_000).sampled).count();
    assert!((800..1_200).contains(&sampled), "{sampled}");
    assert!(ids.continue_or_begin(&HeaderMap::new(), 10_000).sampled);
}
