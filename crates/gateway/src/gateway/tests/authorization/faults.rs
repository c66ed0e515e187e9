use std::time::Duration;

use super::super::shop::Odd;
use super::World;

const GZIP: &[u8] = &[0x1f, 0x8b, 8, 0];

/// What a source may answer that says nothing.
fn unreadable() -> Vec<(&'static str, Odd)> {
    let answer = |media_type, body: &[u8]| Odd::Answer(media_type, body.to_vec());
    vec![
        ("a failure", Odd::Status(500)),
        ("a limit", Odd::Status(429)),
        ("a redirect", Odd::Status(302)),
        ("a part", Odd::Status(206)),
        ("no content", Odd::Status(204)),
        ("another media type", answer("text/html", b"<html>")),
        ("lines of JSON", answer("application/x-ndjson", b"{\"id\":1}\n")),
        ("events", answer("text/event-stream", b"data: {}\n\n")),
        ("another charset", answer("application/json; charset=utf-16", b"{}")),
        ("broken JSON", answer("application/json", b"{\"items\":[")),
        ("two members of one name", answer("application/json", br#"{"id":1,"id":2}"#)),
        ("compressed after all", answer("application/json", GZIP)),
        ("something else", answer("application/json", br#"{"error":"no"}"#)),
        ("an item without an id", answer("application/json", br#"{"items":[{"id":1},{}]}"#)),
        ("an array", answer("application/json", b"[1,2]")),
    ]
}

#[tokio::test]
async fn a_source_that_says_nothing_lets_nobody_pass() {
    for (what, odd) in unreadable() {
        let world = World::new().await;
        world.shop.be_odd("GET /orders", odd.clone());
        assert_eq!(world.code("ada", "GET /listed/1").await, "evidence_unavailable", "{what}");
        world.shop.be_odd("GET /orders/1", odd);
        let code = world.code("ada", "GET /plain/1").await;
        assert!(["evidence_unavailable", "object_not_found"].contains(&code.as_str()), "{what}: {code}");
        let code = world.send("ada", "PUT /orders/1", &[], r#"{"note":"x"}"#).await.code();
        assert!(["evidence_unavailable", "object_not_found"].contains(&code.as_str()), "{what}: {code}");
        let forwarded = world
            .shop
            .calls()
            .into_iter()
            .any(|call| call.starts_with("PUT") || call.contains("/plain/") || call.contains("/listed/"));
        assert!(!forwarded, "{what}");
    }
}

#[tokio::test]
async fn the_record_says_which_source_could_not_be_had() {
    let world = World::new().await;
    world.shop.be_odd("GET /orders/1", Odd::Status(500));
    let answer = world.ask("ada", "GET /plain/1").await;
    assert_eq!(answer.status, 503);
    let decided = world.record(&answer).await.authorization.unwrap();
    assert_eq!(decided.evidence[0].source, "resolver");
    assert_eq!(decided.evidence[0].operation.as_deref(), Some("getOrder"));
    assert_eq!(decided.evidence[0].outcome, "failed");
    assert!(!decided.faults.is_empty());
}

#[tokio::test]
async fn a_slow_source_is_waited_for_within_a_bound() {
    let world = World::with(super::BINDINGS, |settings| {
        settings.timeouts.question = Duration::from_secs(20);
        settings.apis[0].authorization_limits.evidence_timeout = Duration::from_millis(150);
    })
    .await;
    world.shop.be_odd("GET /orders/1", Odd::Slow(Duration::from_secs(20)));
    let begun = std::time::Instant::now();
    assert_eq!(world.code("ada", "GET /plain/1").await, "evidence_unavailable");
    let usual = crate::settings::AuthorizationLimits::default().evidence_timeout;
    assert!(begun.elapsed() < usual, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_resolver_that_shows_another_object_shows_nothing_of_this_one() {
    let world = World::new().await;
    let other = br#"{"id":2,"owner":"ada","org":"acme","status":"open"}"#.to_vec();
    world.shop.be_odd("GET /orders/101", Odd::Answer("application/json", other.clone()));
    assert_eq!(world.code("ada", "GET /plain/101").await, "object_not_found");
    // And the same as an answer.
    assert_eq!(world.code("ada", "GET /orders/101").await, "object_not_found");
}

#[tokio::test]
async fn ids_that_a_service_might_read_otherwise_name_nothing() {
    let world = World::new().await;
    for id in ["01", "1.0", "+1", "1e0", "1%20", "%31%00", "1;x=2", "1,101", "-0"] {
        let answer = world.ask("ada", &format!("GET /plain/{id}")).await;
        assert!(answer.status >= 400, "{id}: {}", answer.status);
    }
    assert!(!world.shop.calls().iter().any(|call| call.contains("/plain/")));
}
