use std::time::Duration;

use model::{Code, Outcome};

use super::stand::{Stand, text};
use crate::settings::Cors;

#[tokio::test]
async fn a_declared_request_passes_and_is_recorded_without_its_values() {
    let stand = Stand::new(&[], |_| {}).await;
    stand.backend.will_answer(200, &[("server", "leaky/1.0"), ("x-own", "kept")], "order");
    let headers = [("x-user-id", "forged"), ("authorization", "Bearer s3cret"), ("x-custom", "v4lue")];
    let answer = stand.send("GET", "/orders/42?q=qu3ry", &headers, "").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"order"[..]));
    assert_eq!(text(&answer.headers, "x-own"), "kept");
    assert_eq!(text(&answer.headers, "server"), "");

    let seen = stand.backend.last();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/orders/42?q=qu3ry"));
    assert_eq!(text(&seen.headers, "x-custom"), "v4lue");
    assert_eq!(text(&seen.headers, "x-user-id"), "");
    assert_eq!(text(&seen.headers, "authorization"), "");
    assert_eq!(text(&seen.headers, "x-forwarded-for"), "127.0.0.1");
    assert_eq!(text(&seen.headers, "x-request-id"), text(&answer.headers, "x-request-id"));

    let record = stand.record(&answer).await;
    assert_eq!((record.outcome, record.status, record.code), (Outcome::Allowed, 200, None));
    assert_eq!((record.operation.as_str(), record.template.as_deref()), ("getOrder", Some("/orders/{id}")));
    assert_eq!((record.api.as_deref(), record.response_bytes), (Some("orders"), 5));
    let upstream = record.upstream.clone().unwrap();
    assert_eq!((upstream.status, upstream.attempts, upstream.error), (Some(200), 1, None));
    let line = serde_json::to_string(&record).unwrap();
    for value in ["forged", "s3cret", "v4lue", "qu3ry", "/42"] {
        assert!(!line.contains(value), "{value} in {line}");
    }
}

#[tokio::test]
async fn what_is_not_declared_is_refused_recorded_and_never_forwarded() {
    let stand = Stand::new(&[], |settings| settings.apis[0].hosts = vec!["127.0.0.1".into()]).await;
    let cases = [
        ("GET", "/nowhere", 404, "operation_undeclared", "unmatched"),
        ("DELETE", "/orders", 405, "method_undeclared", "unmatched"),
        ("OPTIONS", "/orders", 405, "method_undeclared", "unmatched"),
        ("HEAD", "/orders", 405, "", "unmatched"),
        ("GET", "/orders/%2e%2e/admin", 400, "path_invalid", "unmatched"),
        ("GET", "/orders//1", 400, "path_invalid", "unmatched"),
    ];
    for (method, target, status, code, operation) in cases {
        let answer = stand.send(method, target, &[], "").await;
        assert_eq!(answer.status, status, "{method} {target}");
        if method == "HEAD" {
            assert!(answer.body.is_empty());
        } else {
            assert_eq!(answer.code(), code, "{method} {target}");
        }
        if status == 405 {
            assert_eq!(text(&answer.headers, "allow"), "GET, POST, PUT");
        }
        let record = stand.record(&answer).await;
        assert_eq!((record.outcome, record.status), (Outcome::Refused, status));
        assert_eq!(record.operation, operation);
    }
    let answer = stand.send("GET", "/orders", &[("host", "other.example")], "").await;
    assert_eq!((answer.status, answer.code().as_str()), (421, "host_unknown"));
    assert_eq!(stand.record(&answer).await.api, None);
    assert!(stand.backend.saw_nothing());
    assert_eq!(stand.gateway.status().requests.refused, 7);
}

#[tokio::test]
async fn what_is_observed_is_forwarded_and_recorded_as_unmatched() {
    let stand = Stand::new(&[], |settings| settings.apis[0].observe_undeclared = true).await;
    let answer = stand.send("DELETE", "/somewhere/else?x=1", &[], "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(stand.backend.last().target, "/somewhere/else?x=1");
    let record = stand.record(&answer).await;
    assert_eq!((record.outcome, record.operation.as_str()), (Outcome::Allowed, "unmatched"));
    assert!(stand.gateway.status().apis[0].observes_undeclared);
}

#[tokio::test]
async fn a_malformed_head_is_answered_with_a_problem_and_recorded() {
    let stand = Stand::new(&[], |_| {}).await;
    let mut tail = stand.gateway.subscribe();
    let got = stand.raw("GET /orders HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "}").await;
    assert!(got.starts_with("HTTP/1.1 400 "), "{got}");
    assert!(got.contains("host_invalid") && got.contains("application/problem+json"), "{got}");
    let record = tail.recv().await.unwrap();
    assert_eq!((record.outcome, record.code), (Outcome::Refused, Some(Code::HostInvalid)));
    assert_eq!(record.address, "127.0.0.1");
}

#[tokio::test]
async fn an_upstreams_failure_keeps_its_status_and_loses_its_words() {
    let stand = Stand::new(&[], |_| {}).await;
    stand.backend.will_answer(503, &[("retry-after", "7"), ("x-trace", "at Main.java:1")], "stack trace");
    let answer = stand.get("/orders").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.problem()["type"], "urn:bartizan:upstream-failure");
    assert_eq!(answer.problem()["request_id"], text(&answer.headers, "x-request-id"));
    assert_eq!(text(&answer.headers, "retry-after"), "7");
    assert_eq!(text(&answer.headers, "x-trace"), "");
    let record = stand.record(&answer).await;
    assert_eq!((record.outcome, record.status, record.code), (Outcome::Failed, 503, None));
    stand.backend.will_answer(404, &[], "no such order");
    let answer = stand.get("/orders/1").await;
    assert_eq!((answer.status, &answer.body[..]), (404, &b"no such order"[..]));
    assert_eq!(stand.record(&answer).await.outcome, Outcome::Allowed);
}

#[tokio::test]
async fn an_upstream_that_cannot_be_reached_is_a_502_that_names_nothing() {
    // Below the ports that anybody is given, and of no service.
    let closed = 1017;
    let stand = Stand::new(&[], |settings| settings.apis[0].upstream.targets[0].port = closed).await;
    let answer = stand.get("/orders").await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "upstream_unreachable"));
    assert!(!String::from_utf8_lossy(&answer.body).contains(&closed.to_string()));
    let record = stand.record(&answer).await;
    assert_eq!(record.outcome, Outcome::Failed);
    assert!(record.upstream.unwrap().error.is_some());
}

#[tokio::test]
async fn a_preflight_is_answered_for_declared_methods_alone() {
    let cors = Cors {
        origins: vec!["https://app.example".into()],
        headers: vec![],
        expose: vec![],
        credentials: false,
        max_age: Duration::from_secs(60),
    };
    let stand = Stand::new(&[], |settings| settings.cors = Some(cors)).await;
    let asks = |method| [("origin", "https://app.example"), ("access-control-request-method", method)];
    let answer = stand.send("OPTIONS", "/orders", &asks("PUT"), "").await;
    assert_eq!(answer.status, 204);
    assert_eq!(text(&answer.headers, "access-control-allow-methods"), "PUT");
    assert_eq!(stand.record(&answer).await.operation, "replaceOrders");
    let answer = stand.send("OPTIONS", "/orders", &asks("DELETE"), "").await;
    assert_eq!((answer.status, answer.code().as_str()), (405, "method_undeclared"));
    assert!(stand.backend.saw_nothing());
    stand.backend.will_answer(200, &[("access-control-allow-origin", "*")], "");
    let answer = stand.send("GET", "/orders", &[("origin", "https://evil.example")], "").await;
    assert_eq!(text(&answer.headers, "access-control-allow-origin"), "");
    let answer = stand.send("GET", "/orders", &[("origin", "https://app.example")], "").await;
    assert_eq!(text(&answer.headers, "access-control-allow-origin"), "https://app.example");
}

#[tokio::test]
async fn head_is_relayed_with_its_length_and_no_body() {
    let stand = Stand::new(&[], |_| {}).await;
    let answer = stand.send("HEAD", "/orders/1", &[], "").await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(stand.backend.last().method, "HEAD");
    let record = stand.record(&answer).await;
    assert_eq!((record.outcome, record.response_bytes), (Outcome::Allowed, 0));
}
