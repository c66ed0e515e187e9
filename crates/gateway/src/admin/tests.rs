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
