use model::{Code, Mode};
use serde_json::json;

use super::super::shop::Odd;
use super::{BINDINGS, World, header};

#[tokio::test]
async fn what_is_not_bound_is_refused_and_what_is_denied_too() {
    let world = World::new().await;
    assert_eq!(world.code("ada", "GET /admin/unsaid").await, "authorization_undeclared");
    assert_eq!(world.code("ada", "GET /admin/dump").await, "function_denied");
    assert_eq!(world.code("ada", "POST /admin/purge").await, "function_denied");
    assert!(world.shop.calls().is_empty(), "nothing of it reached the service");
}

#[tokio::test]
async fn a_role_opens_what_its_class_closes() {
    let world = World::new().await;
    for roles in [json!("clerk admin"), json!(["admin"])] {
        let token = world.token("root", &[("roles", roles)]);
        let answer = world.stand.send("POST", "/admin/purge", &[("authorization", &token)], "").await;
        assert_eq!(answer.status, 200);
        assert_eq!(header(&answer.headers, "cache-control"), "private, no-store");
    }
    for roles in [json!("administrator"), json!(true), json!({ "admin": true })] {
        let token = world.token("root", &[("roles", roles)]);
        let answer = world.stand.send("POST", "/admin/purge", &[("authorization", &token)], "").await;
        assert_eq!(answer.code(), "function_denied");
    }
}

#[tokio::test]
async fn a_role_that_the_api_tells_is_the_one_that_counts() {
    let bindings = BINDINGS.replace(
        "  roles: roles\n",
        "  roles: roles\n  whoami: { operation: getMe, subject: $.id, tenant: $.org, role_of: { admin: $.admin }, cache: 30s }\n",
    );
    let world = World::with(bindings.leak(), |_| {}).await;
    assert_eq!(world.code("root", "POST /admin/purge").await, "200");
    assert_eq!(world.code("ada", "POST /admin/purge").await, "function_denied");
    assert_eq!(world.code("root", "GET /admin/dump").await, "function_denied");
    let calls = world.shop.calls();
    // Each is asked for once, and nothing for what is denied anyway.
    assert_eq!(calls, ["GET /me", "POST /admin/purge", "GET /me"]);
    world.shop.be_odd("GET /me", super::super::shop::Odd::Status(500));
    assert_eq!(world.code("eva", "GET /orders").await, "evidence_unavailable");
}

#[tokio::test]
async fn an_operation_that_wants_more_assurance_says_how_much() {
    let bindings = BINDINGS
        .replace("roles: [admin] }", "roles: [admin], assurance: { acr: [silver, gold], max_age: 5min } }");
    let world = World::with(bindings.leak(), |_| {}).await;
    let now_s = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let cases = [
        (json!("gold"), json!(now_s - 10), 200),
        (json!("bronze"), json!(now_s - 10), 401),
        (json!("gold"), json!(now_s - 1_000), 401),
        (json!("gold"), json!(null), 401),
    ];
    for (acr, auth_time, status) in cases {
        let token = world.token("root", &[("roles", json!("admin")), ("acr", acr), ("auth_time", auth_time)]);
        let answer = world.stand.send("POST", "/admin/purge", &[("authorization", &token)], "").await;
        assert_eq!(answer.status, status);
        if status == 401 {
            let challenge = header(&answer.headers, "www-authenticate");
            assert!(challenge.contains("error=\"insufficient_user_authentication\""), "{challenge}");
            assert!(challenge.contains("acr_values=\"silver gold\""), "{challenge}");
            assert!(challenge.contains("max_age="), "{challenge}");
            assert_eq!(answer.code(), Code::StepUpRequired.slug());
        }
    }
}

#[tokio::test]
async fn a_watched_check_says_what_it_would_have_refused_and_changes_nothing() {
    let world = World::with(BINDINGS, |settings| {
        for check in ["function_access", "object_access"] {
            settings.apis[0].modes.insert(check.to_owned(), Mode::Watch);
        }
    })
    .await;
    let answer = world.ask("ben", "GET /plain/1").await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let record = world.record(&answer).await;
    let said = record.checks.iter().find(|check| check.name == "object_access").unwrap();
    assert_eq!(said.code, Some(Code::ObjectNotFound));
    assert!(record.authorization.is_some());
    assert_eq!(world.code("ben", "POST /admin/purge").await, "200");
    let answer = world.send("ben", "PUT /orders/1", &[], r#"{"note":"mine"}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(world.shop.order(1).unwrap()["note"], "mine");
    let answer = world.ask("ada", "GET /plain/999").await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.starts_with(br#"{"error":"no order""#), "the service's own words");
}

#[tokio::test]
async fn no_cache_on_the_way_keeps_what_is_not_everybodys() {
    let world = World::new().await;
    let public = vec![
        ("cache-control", "public, max-age=600"),
        ("cdn-cache-control", "public, max-age=600"),
        ("surrogate-control", "max-age=600"),
        ("x-accel-expires", "600"),
        ("expires", "Thu, 01 Dec 2094 16:00:00 GMT"),
    ];
    // With an object, with a list, and with neither.
    for line in ["GET /orders/1", "GET /plain/1", "GET /all", "GET /me"] {
        world.shop.be_odd(line, Odd::With(public.clone()));
        let answer = world.ask("ada", line).await;
        assert_eq!(answer.status, 200, "{line}");
        assert_eq!(super::header(&answer.headers, "cache-control"), "private, no-store", "{line}");
        for (name, _) in &public[1..] {
            assert!(!answer.headers.contains_key(*name), "{line} {name}");
        }
    }
    let denied = world.ask("ada", "GET /orders/101").await;
    assert_eq!(super::header(&denied.headers, "cache-control"), "no-store");
}
