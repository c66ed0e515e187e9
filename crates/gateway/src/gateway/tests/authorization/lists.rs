use serde_json::Value;

use super::super::shop::Odd;
use super::World;

/// The ids that a list shows, and its count.
async fn listed(world: &World, name: &str, target: &str) -> (Vec<u64>, u64) {
    let answer = world.ask(name, &format!("GET {target}")).await;
    assert_eq!(answer.status, 200, "{target}: {}", String::from_utf8_lossy(&answer.body));
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let ids = body["items"].as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect();
    (ids, body["total"].as_u64().unwrap())
}

#[tokio::test]
async fn pages_are_pages_of_the_callers_own_list() {
    let world = World::new().await;
    assert_eq!(listed(&world, "ada", "/all").await, (vec![1, 2, 3, 4, 5, 6, 7], 10));
    assert_eq!(listed(&world, "ada", "/all?limit=4").await, (vec![1, 2, 3, 4], 10));
    assert_eq!(listed(&world, "ada", "/all?offset=4&limit=4&sort=id").await, (vec![5, 6, 7, 8], 10));
    assert_eq!(listed(&world, "ada", "/all?offset=8&limit=4").await, (vec![9, 10], 10));
    assert_eq!(listed(&world, "cem", "/all?offset=10").await, (vec![], 10));
    assert_eq!(listed(&world, "nobody", "/all").await, (vec![], 0));
}

#[tokio::test]
async fn the_service_is_asked_for_whole_pages_one_after_the_other() {
    let world = World::new().await;
    world.shop.calls();
    listed(&world, "ada", "/all?offset=2&limit=2&sort=id").await;
    let offsets =
        ["0", "7", "14", "21", "28"].map(|offset| format!("GET /all?sort=id&offset={offset}&limit=7"));
    assert_eq!(world.shop.calls(), offsets);
}

#[tokio::test]
async fn no_more_pages_are_read_than_may_be() {
    let world = World::new().await;
    for id in 1_000..1_100 {
        let order = serde_json::json!({ "id": id, "owner": "cem", "org": "umbra" });
        world.shop.orders.lock().unwrap().insert(id, order);
    }
    world.shop.calls();
    let answer = world.ask("ada", "GET /all").await;
    assert_eq!(world.shop.calls().len(), 6);
    let record = world.record(&answer).await;
    let said = record
        .checks
        .iter()
        .filter(|check| check.name == "listed_items")
        .filter_map(|check| check.reason.clone());
    assert!(said.collect::<String>().contains("more pages than are read"));
}

#[tokio::test]
async fn a_page_that_is_none_refuses_the_list() {
    let world = World::new().await;
    let body = br#"{"items":[{"id":1,"owner":"ada","org":"acme"}],"total":"ten"}"#.to_vec();
    world.shop.be_odd("GET /all", Odd::Answer("application/json", body));
    assert_eq!(world.code("ada", "GET /all").await, "response_unfilterable");
}

#[tokio::test]
async fn pages_that_lead_to_the_next_are_filled_up_and_go_on_behind_the_last() {
    let world = World::new().await;
    // Everybody has one order in three.
    let (mut after, mut seen, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        world.shop.calls();
        let answer = world.ask("ada", &format!("GET /turns{after}")).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        assert!(world.shop.calls().len() <= 4);
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        let ids: Vec<u64> =
            body["items"].as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect();
        assert!(ids.len() == 3 || body["next"].is_null(), "{body}");
        seen.extend(ids);
        pages += 1;
        match body["next"].as_str() {
            Some(next) => after = format!("?after={next}"),
            None => break,
        }
    }
    assert_eq!((seen, pages), ((1..=10).collect(), 4));
}

#[tokio::test]
async fn a_head_says_nothing_of_a_list_that_nobody_has_looked_through() {
    let world = World::new().await;
    let whole = vec![
        ("etag", "\"whole\""),
        ("content-length", "4711"),
        ("last-modified", "Mon, 02 Nov 2026 08:00:00 GMT"),
    ];
    world.shop.be_odd("HEAD /all", Odd::With(whole.clone()));
    let answer = world.ask("ada", "HEAD /all").await;
    for (name, _) in &whole {
        assert!(!answer.headers.contains_key(*name), "{name}: {:?}", answer.headers);
    }
    assert_eq!(world.shop.calls(), ["HEAD /all"]);
}
