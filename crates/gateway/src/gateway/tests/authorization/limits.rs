//! What `authorization.limits` and `sizes` bound, seen from outside.

use std::time::{Duration, Instant};

use super::super::shop::Odd;
use super::{BINDINGS, World};
use crate::settings::{AuthorizationLimits, Concurrency};

async fn limited(change: impl FnOnce(&mut AuthorizationLimits)) -> World {
    World::with(BINDINGS, |settings| change(&mut settings.apis[0].authorization_limits)).await
}

#[tokio::test]
async fn an_object_is_waited_for_no_longer_than_lock_wait() {
    let world = World::with(BINDINGS, |settings| {
        settings.timeouts.upstream_head = Duration::from_secs(1);
        settings.apis[0].authorization_limits.lock_wait = Duration::from_millis(20);
    })
    .await;
    world.shop.be_odd("PUT /orders/5", Odd::Breaks);
    assert_eq!(world.send("ada", "PUT /orders/5", &[], "{}").await.code(), "upstream_timeout");
    let begun = Instant::now();
    assert_eq!(world.send("ada", "PUT /orders/5", &[], "{}").await.code(), "object_busy");
    assert!(begun.elapsed() < AuthorizationLimits::default().lock_wait);
}

#[tokio::test]
async fn a_caller_causes_no_more_calls_than_evidence_calls_max() {
    let world = limited(|limits| limits.evidence_calls_max = 1).await;
    assert_eq!(world.code("ada", "GET /plain/1").await, "200");
    assert_eq!(world.code("ada", "GET /plain/2").await, "evidence_unavailable");
    assert_eq!(world.code("ben", "GET /plain/101").await, "200", "each has their own");
}

#[tokio::test]
async fn what_is_not_there_and_what_cannot_be_known_is_said_on_the_answer_grid() {
    let grid = Duration::from_millis(300);
    let world = limited(|limits| limits.answer_grid = grid).await;
    world.shop.be_odd("GET /orders/2", Odd::Status(500));
    for (line, code) in [
        ("GET /plain/999", "object_not_found"),
        ("GET /plain/101", "object_not_found"),
        ("GET /plain/2", "evidence_unavailable"),
    ] {
        let begun = Instant::now();
        assert_eq!(world.code("ada", line).await, code);
        assert!(begun.elapsed() >= grid, "{line}");
    }
    assert_eq!(world.code("ada", "GET /plain/1").await, "200");
}

#[tokio::test]
async fn questions_are_requests_in_flight_like_any_others() {
    let world = World::with(BINDINGS, |settings| {
        let (tolerance_percent, adaptive) = (150, false);
        settings.apis[0].concurrency = Some(Concurrency { min: 1, max: 1, adaptive, tolerance_percent });
    })
    .await;
    let world = std::sync::Arc::new(world);
    world.shop.be_odd("GET /orders/1", Odd::Breaks);
    let first = tokio::spawn({
        let world = std::sync::Arc::clone(&world);
        async move { world.code("ada", "GET /plain/1").await }
    });
    while world.shop.seen.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.code("ada", "GET /plain/2").await, "evidence_unavailable");
    assert_eq!(world.shop.calls(), ["GET /orders/1"], "the second was not sent");
    first.abort();
}

#[tokio::test]
async fn answers_are_kept_for_as_many_as_evidence_cached_max() {
    for (evidence_cached_max, calls) in [(1, 3), (100, 2)] {
        let world =
            World::with(BINDINGS, |settings| settings.sizes.evidence_cached_max = evidence_cached_max).await;
        for (name, line) in [("ada", "GET /listed/1"), ("ben", "GET /listed/101"), ("ada", "GET /listed/1")] {
            assert_eq!(world.code(name, line).await, "200");
        }
        let asked = world.shop.calls().into_iter().filter(|call| call.contains("/orders")).count();
        assert_eq!(asked, calls, "{evidence_cached_max}");
    }
}

#[tokio::test]
async fn who_made_what_is_remembered_of_learned_max_objects() {
    let bindings = BINDINGS.replace(
        "getPlain: { action: read, object: { type: Order, id: path.id }, evidence: [resolver]",
        "getPlain: { action: read, object: { type: Order, id: path.id }, evidence: [learned]",
    );
    let bindings: &'static str = bindings.leak();
    for (learned_max, first) in [(1, "object_not_found"), (100, "200")] {
        let world = World::with(bindings, |settings| settings.sizes.learned_max = learned_max).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let made = world.send("ada", "POST /orders", &[], "{}").await;
            let made: serde_json::Value = serde_json::from_slice(&made.body).unwrap();
            ids.push(made["id"].to_string());
        }
        assert_eq!(world.code("ada", &format!("GET /plain/{}", ids[0])).await, first);
        assert_eq!(world.code("ada", &format!("GET /plain/{}", ids[1])).await, "200");
    }
}

#[tokio::test]
async fn no_more_objects_are_changed_at_once_than_locks_max() {
    let world = World::with(BINDINGS, |settings| settings.sizes.locks_max = 1).await;
    assert_eq!(world.send("ada", "POST /orders/cancel", &[], r#"{"ids":[1]}"#).await.status, 200);
    let two = world.send("ada", "POST /orders/cancel", &[], r#"{"ids":[1,2]}"#).await;
    assert_eq!(two.code(), "object_busy");
}
