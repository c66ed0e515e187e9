#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use http::{HeaderMap, StatusCode};
use model::{Challenge, Code, LimitState, LimitUnit, Refusal, Violation};
use serde_json::{Value, json};

use super::{rate_limit_headers, refusal, upstream_failure};

fn body(response: &http::Response<bytes::Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

#[test]
fn every_code_has_its_status_its_type_and_safe_headers() {
    for &code in Code::ALL {
        let response = refusal(&Refusal::new(code), "ID", &[], false);
        assert_eq!(response.status().as_u16(), code.status(), "{code:?}");
        let expected = json!({
            "type": format!("urn:bartizan:refusal:{}", code.slug()),
            "title": code.title(),
            "status": code.status(),
            "code": code.slug(),
            "request_id": "ID",
        });
        assert_eq!(body(&response), expected, "{code:?}");
        for (name, value) in [
            ("content-type", "application/problem+json"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-request-id", "ID"),
        ] {
            assert_eq!(header(response.headers(), name), [value], "{code:?} {name}");
        }
    }
}

#[test]
fn a_violation_shows_the_place_and_the_rule() {
    let violation = Violation {
        place: "body".into(),
        pointer: "/price".into(),
        rule: "maximum".into(),
        expected: "at most 100".into(),
    };
    let said = Refusal::new(Code::BodyInvalid).detail("one fault").violations(vec![violation]);
    let body = body(&refusal(&said, "ID", &[], false));
    assert_eq!(body["detail"], "one fault");
    let expected =
        json!([{"place": "body", "pointer": "/price", "rule": "maximum", "expected": "at most 100"}]);
    assert_eq!(body["violations"], expected);
}

#[test]
fn a_challenge_is_quoted_so_that_it_cannot_be_broken_out_of() {
    let bearer = Challenge {
        scheme: "Bearer",
        parameters: vec![("realm", "a\"b\\c\r\nd".into()), ("scope", "orders.read".into())],
    };
    let bare = Challenge { scheme: "ApiKey", parameters: vec![] };
    let said = Refusal::new(Code::CredentialMissing).challenge(bearer).challenge(bare);
    let response = refusal(&said, "ID", &[], false);
    let expected = [r#"Bearer realm="a\"b\\cd", scope="orders.read""#, "ApiKey"];
    assert_eq!(header(response.headers(), "www-authenticate"), expected);
}

#[test]
fn a_405_always_has_allow_and_only_a_405() {
    let mut said = Refusal::new(Code::MethodUndeclared);
    said.allow = vec!["GET".into(), "POST".into()];
    assert_eq!(header(refusal(&said, "ID", &[], false).headers(), "allow"), ["GET, POST"]);
    let without = refusal(&Refusal::new(Code::OperationUndeclared), "ID", &[], false);
    assert!(header(without.headers(), "allow").is_empty());
}

#[test]
fn limits_are_structured_fields() {
    let limit = |name: &str, remaining| LimitState {
        name: name.into(),
        unit: LimitUnit::Requests,
        quota: 100,
        window_s: 60,
        remaining,
        reset_s: 30,
    };
    let mut headers = HeaderMap::new();
    rate_limit_headers(&[limit("client", 50), limit("address", 0)], &mut headers);
    assert_eq!(header(&headers, "ratelimit-policy"), [r#""client";q=100;w=60, "address";q=100;w=60"#]);
    assert_eq!(header(&headers, "ratelimit"), [r#""client";r=50;t=30, "address";r=0;t=30"#]);
    let bytes = LimitState { unit: LimitUnit::Bytes, ..limit("bytes", 3) };
    let mut metered = HeaderMap::new();
    rate_limit_headers(&[bytes, LimitState { unit: LimitUnit::Cost, ..limit("work", 4) }], &mut metered);
    let policies = r#""bytes";q=100;w=60;qu="content-bytes", "work";q=100;w=60;qu="cost""#;
    assert_eq!(header(&metered, "ratelimit-policy"), [policies]);
    let said = Refusal::new(Code::RateLimited).retry_after_s(7);
    let response = refusal(&said, "ID", &[limit("client", 0)], false);
    assert_eq!(header(response.headers(), "retry-after"), ["7"]);
    assert_eq!(header(response.headers(), "ratelimit"), [r#""client";r=0;t=30"#]);
}

#[test]
fn head_gets_the_same_head_without_a_body() {
    let said = Refusal::new(Code::OperationUndeclared);
    let (get, head) = (refusal(&said, "ID", &[], false), refusal(&said, "ID", &[], true));
    assert!(head.body().is_empty());
    assert_eq!(header(head.headers(), "content-length"), [get.body().len().to_string()]);
}

#[test]
fn an_upstream_failure_keeps_its_status_and_says_nothing_else() {
    let response = upstream_failure(StatusCode::SERVICE_UNAVAILABLE, "ID", false);
    assert_eq!(response.status(), 503);
    let expected = json!({
        "type": "urn:bartizan:upstream-failure", "title": "The service failed", "status": 503, "request_id": "ID",
    });
    assert_eq!(body(&response), expected);
}
