#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use model::{Secret, SystemClock};

use super::Admin;
use crate::gateway::{Gateway, Options};
use crate::pipeline::testing::settings;
use crate::settings::Sizes;
use crate::shared::Shared;

fn admin(name: &str, token: &str) -> Arc<Admin> {
    let directory = std::env::temp_dir().join(format!("bartizan-admin-{name}-{}", std::process::id()));
    let shared = Shared::new(Arc::new(SystemClock::default()), &Sizes::default());
    let gateway = Gateway::new(settings(vec![]), shared, &Options::new(&directory)).unwrap();
    let _ = std::fs::remove_dir_all(directory);
    Admin::new(gateway, Secret::new(token.into()), vec!["admin.example".into()])
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    pairs.iter().map(pair).collect()
}

const HERE: (&str, &str) = ("host", "127.0.0.1:9900");

#[test]
fn it_answers_only_readers_on_this_machine_and_shows_metrics_only_for_the_token() {
    let admin = admin("table", "t0ken");
    type Pairs = &'static [(&'static str, &'static str)];
    let cases: &[(Method, &str, Pairs, u16)] = &[
        (Method::GET, "/healthz", &[HERE], 200),
        (Method::HEAD, "/readyz", &[("host", "localhost")], 200),
        (Method::GET, "/readyz", &[("host", "[::1]:1")], 200),
        (Method::GET, "/readyz", &[("host", "admin.example")], 200),
        (Method::GET, "/healthz", &[("host", "rebound.example")], 403),
        (Method::GET, "/healthz", &[], 403),
        (Method::GET, "/healthz", &[HERE, ("origin", "http://127.0.0.1:9900")], 403),
        (Method::POST, "/healthz", &[HERE], 405),
        (Method::GET, "/other", &[HERE], 404),
        (Method::GET, "/metrics", &[HERE], 401),
        (Method::GET, "/metrics", &[HERE, ("authorization", "Bearer t0keN")], 401),
        (Method::GET, "/metrics", &[HERE, ("authorization", "Bearer t0ken2")], 401),
        (Method::GET, "/metrics", &[HERE, ("authorization", "Bearer ")], 401),
        (Method::GET, "/metrics", &[HERE, ("authorization", "Basic t0ken")], 401),
        (Method::GET, "/metrics", &[HERE, ("authorization", "Bearer t0ken")], 200),
        (Method::GET, "/metrics", &[HERE, ("authorization", "bearer t0ken")], 200),
    ];
    for (method, path, given, status) in cases {
        let answer = admin.answer(method, path, &headers(given));
        assert_eq!(answer.status().as_u16(), *status, "{method} {path} {given:?}");
    }
}

#[test]
fn an_empty_token_opens_nothing() {
    let admin = admin("empty", "");
    let given = headers(&[("host", "localhost"), ("authorization", "Bearer ")]);
    assert_eq!(admin.answer(&Method::GET, "/metrics", &given).status().as_u16(), 401);
}

fn decide(
    admin: &Admin,
    method: Method,
    path: &str,
    given: &[(&'static str, &'static str)],
    body: &'static str,
) -> (u16, String) {
    let mut request = http::Request::new(net::RequestBody::whole(body.into()));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    *request.headers_mut() = headers(given);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let response = runtime.block_on(admin.decide(request));
    (response.status().as_u16(), String::from_utf8(response.into_body().to_vec()).unwrap())
}

#[test]
fn decisions_are_for_the_tokens_holder_and_what_is_not_known_is_denied() {
    const TOKEN: (&str, &str) = ("authorization", "Bearer t0ken");
    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
    let admin = admin("authzen", "t0ken");
    let question =
        r#"{"subject":{"type":"user","id":"ann"},"action":{"name":"x"},"resource":{"type":"T","id":"1"}}"#;
    let one = "/access/v1/evaluation";
    assert_eq!(decide(&admin, Method::POST, one, &[HERE, JSON], question).0, 401);
    assert_eq!(
        decide(&admin, Method::POST, one, &[("host", "rebound.example"), TOKEN, JSON], question).0,
        403
    );
    assert_eq!(
        decide(&admin, Method::POST, one, &[HERE, TOKEN, JSON, ("origin", "http://a")], question).0,
        403
    );
    assert_eq!(decide(&admin, Method::GET, one, &[HERE, TOKEN, JSON], "").0, 405);
    assert_eq!(decide(&admin, Method::POST, one, &[HERE, TOKEN], question).0, 400);
    assert_eq!(decide(&admin, Method::POST, one, &[HERE, TOKEN, JSON], "{").0, 400);
    let (status, body) = decide(&admin, Method::POST, one, &[HERE, TOKEN, JSON], question);
    assert_eq!(status, 200);
    assert!(body.starts_with(r#"{"decision":false"#) && body.contains(r#""status":404"#), "{body}");
    let configuration = "/.well-known/authzen-configuration";
    let (status, body) = decide(&admin, Method::GET, configuration, &[HERE, TOKEN], "");
    assert_eq!(status, 200);
    assert!(
        body.contains(r#""access_evaluation_endpoint":"http://127.0.0.1:9900/access/v1/evaluation""#),
        "{body}"
    );
}
