#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};

use super::{preflight, preflight_method, response};
use crate::settings::Cors;

fn cors() -> Cors {
    Cors {
        origins: vec!["https://app.example".into()],
        headers: vec!["Authorization".into(), "Content-Type".into()],
        expose: vec!["X-Request-Id".into()],
        credentials: true,
        max_age: Duration::from_secs(600),
    }
}

fn request(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[test]
fn only_options_with_origin_and_method_is_a_preflight() {
    let full = request(&[("origin", "https://app.example"), ("access-control-request-method", "PUT")]);
    assert_eq!(preflight_method(&Method::OPTIONS, &full), Some("PUT"));
    assert_eq!(preflight_method(&Method::GET, &full), None);
    assert_eq!(preflight_method(&Method::OPTIONS, &request(&[("origin", "https://app.example")])), None);
    assert_eq!(
        preflight_method(&Method::OPTIONS, &request(&[("access-control-request-method", "PUT")])),
        None
    );
}

#[test]
fn a_listed_origin_is_told_the_method_the_headers_and_for_how_long() {
    let asked = request(&[
        ("origin", "https://app.example"),
        ("access-control-request-headers", "authorization, content-type"),
    ]);
    let answer = preflight(&cors(), "PUT", &asked);
    assert_eq!(text(&answer, "access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(text(&answer, "access-control-allow-methods"), Some("PUT"));
    assert_eq!(text(&answer, "access-control-allow-headers"), Some("Authorization, Content-Type"));
    assert_eq!(text(&answer, "access-control-allow-credentials"), Some("true"));
    assert_eq!(text(&answer, "access-control-max-age"), Some("600"));
}

#[test]
fn another_origin_or_header_is_granted_nothing() {
    let cases = [
        request(&[("origin", "https://evil.example")]),
        request(&[("origin", "https://app.example.evil.example")]),
        request(&[("origin", "null")]),
        request(&[("origin", "https://app.example"), ("access-control-request-headers", "x-other")]),
    ];
    for case in cases {
        let answer = preflight(&cors(), "PUT", &case);
        assert_eq!(answer.len(), 1, "{case:?} -> {answer:?}");
        assert!(answer.contains_key("vary"));
    }
}

#[test]
fn the_upstreams_own_cors_headers_are_replaced() {
    let mut answer =
        request(&[("access-control-allow-origin", "*"), ("access-control-allow-credentials", "true")]);
    response(&cors(), &request(&[("origin", "https://evil.example")]), &mut answer);
    assert_eq!(text(&answer, "access-control-allow-origin"), None);
    assert_eq!(text(&answer, "access-control-allow-credentials"), None);
    response(&cors(), &request(&[("origin", "https://app.example")]), &mut answer);
    assert_eq!(text(&answer, "access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(text(&answer, "access-control-expose-headers"), Some("X-Request-Id"));
}
