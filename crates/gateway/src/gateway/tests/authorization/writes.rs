use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::super::shop::Odd;
use super::{World, header};

#[tokio::test]
async fn a_write_is_decided_on_before_it_leaves() {
    let world = World::new().await;
    let answer = world.send("ada", "PUT /orders/1", &[], r#"{"note":"x"}"#).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(world.shop.calls(), ["GET /orders/1", "PUT /orders/1"]);
    for name in ["ben", "cem"] {
        let answer = world.send(name, "PUT /orders/1", &[], r#"{"note":"stolen"}"#).await;
        assert_eq!(answer.code(), "object_not_found");
    }
    assert_eq!(world.shop.order(1).unwrap()["note"], "x");
    assert_eq!(world.shop.calls(), ["GET /orders/1", "GET /orders/1"]);
}

#[tokio::test]
async fn what_the_resolver_showed_goes_along_as_a_condition() {
    let world = World::new().await;
    assert_eq!(world.send("ada", "PUT /orders/1", &[], "{}").await.status, 200);
    let seen = world.shop.seen.lock().unwrap();
    assert_eq!(header(&seen[1].1, "if-match"), "\"v1\"");
}

#[tokio::test]
async fn one_foreign_id_among_many_stops_them_all() {
    let world = World::new().await;
    assert_eq!(world.send("ada", "POST /orders/cancel", &[], r#"{"ids":[1,9]}"#).await.status, 200);
    assert_eq!(world.shop.order(9).unwrap()["status"], "cancelled");
    // The list is read once for all of them.
    assert_eq!(world.shop.calls().iter().filter(|call| call.starts_with("GET")).count(), 3);
    for body in [r#"{"ids":[2,101]}"#, r#"{"ids":[201]}"#, r#"{"ids":[2,999]}"#] {
        let answer = world.send("ada", "POST /orders/cancel", &[], body).await;
        assert_eq!(answer.code(), "object_not_found", "{body}");
    }
    assert_eq!(world.shop.order(2).unwrap()["status"], "open");
    assert_eq!(world.shop.order(101).unwrap()["status"], "open");
}

#[tokio::test]
async fn ids_that_are_missing_or_no_ids_name_nothing() {
    let world = World::new().await;
    for body in [r#"{"ids":[]}"#, r"{}", r#"{"IDS":[1]}"#, r#"{"ids":[1],"Ids":[101]}"#, ""] {
        let answer = world.send("ada", "POST /orders/cancel", &[], body).await;
        assert!(answer.status >= 400, "{body} {}", answer.status);
    }
    assert!(!world.shop.calls().iter().any(|call| call.starts_with("POST")));
}

#[tokio::test]
async fn the_thief_never_wins_however_the_requests_interleave() {
    let world = Arc::new(World::new().await);
    let (won, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut tasks = Vec::new();
    for number in 0..200_usize {
        let (world, won, refused) = (Arc::clone(&world), Arc::clone(&won), Arc::clone(&refused));
        tasks.push(tokio::spawn(async move {
            for round in 0..10 {
                let thief = (number + round) % 2 == 1;
                let name = if thief { "ben" } else { "ada" };
                let body = format!(r#"{{"note":"{name}"}}"#);
                let answer = world.send(name, "PUT /orders/3", &[], &body).await;
                match (thief, answer.status) {
                    (true, 404 | 503) => _ = refused.fetch_add(1, Ordering::SeqCst),
                    (true, status) => panic!("the thief got {status}"),
                    (false, 200) => _ = won.fetch_add(1, Ordering::SeqCst),
                    // Too many wait.
                    (false, 503) => {}
                    (false, status) => panic!("the owner got {status}"),
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(refused.load(Ordering::SeqCst), 1_000);
    assert!(won.load(Ordering::SeqCst) > 0);
    assert_eq!(world.shop.order(3).unwrap()["note"], "ada");
}

#[tokio::test]
async fn one_who_takes_an_object_over_between_two_looks_is_seen() {
    let world = World::new().await;
    assert_eq!(world.send("ada", "PUT /orders/4", &[], r#"{"note":"1"}"#).await.status, 200);
    // Behind our back, and within every cache's time.
    world.shop.orders.lock().unwrap().get_mut(&4).unwrap()["owner"] = "ben".into();
    assert_eq!(world.send("ada", "PUT /orders/4", &[], r#"{"note":"2"}"#).await.code(), "object_not_found");
}

#[tokio::test]
async fn an_object_of_which_nobody_knows_what_became_is_left_alone_for_a_while() {
    let world = World::with(super::BINDINGS, |settings| {
        settings.timeouts.upstream_head = Duration::from_secs(1);
    })
    .await;
    world.shop.be_odd("PUT /orders/5", Odd::Breaks);
    assert_eq!(world.send("ada", "PUT /orders/5", &[], r#"{"note":"1"}"#).await.code(), "upstream_timeout");
    world.shop.odd.lock().unwrap().clear();
    // It is waited for, and then not had.
    let begun = std::time::Instant::now();
    assert_eq!(world.send("ada", "PUT /orders/5", &[], r#"{"note":"2"}"#).await.code(), "object_busy");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    // Others are not concerned.
    assert_eq!(world.send("ada", "PUT /orders/6", &[], r#"{"note":"2"}"#).await.status, 200);
}

#[tokio::test]
async fn a_body_names_no_other_object_than_the_request() {
    let world = World::new().await;
    for body in [r#"{"id":101}"#, r#"{"Id":101}"#, r#"{"_id":101}"#, r#"{"id":1,"ID":101}"#] {
        let answer = world.send("ada", "PUT /orders/1", &[], body).await;
        assert_eq!(answer.code(), "property_denied", "{body}");
    }
    // A service that stores what it is sent would store it over what is there.
    assert_eq!(
        world.send("ada", "POST /orders", &[], r#"{"id":101,"note":"x"}"#).await.code(),
        "property_denied"
    );
    assert!(world.shop.calls().iter().all(|call| call.starts_with("GET")));
    for body in [r#"{"id":1,"note":"x"}"#, r#"{"note":"x"}"#] {
        assert_eq!(world.send("ada", "PUT /orders/1", &[], body).await.status, 200, "{body}");
    }
    // Unless that is meant.
    for meant in
        ["takes: Order, shows: Order, free: [body.id], if_match: true", "takes: { type: Order, only: [id] }"]
    {
        let bindings = super::BINDINGS.replace("takes: Order, shows: Order, if_match: true", meant);
        let world = World::with(bindings.leak(), |_| {}).await;
        let answer = world.send("ada", "PUT /orders/1", &[], r#"{"id":11}"#).await;
        assert_eq!(answer.status, 200, "{meant}: {:?}", answer.body);
    }
}
