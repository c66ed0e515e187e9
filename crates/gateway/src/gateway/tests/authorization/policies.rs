//! What policies ask beside whose an object is: properties that are written, attributes that a source has to know.

use super::{BINDINGS, World, face};

const NOTES_ARE_LOCKED: &str = r#"
@id("locked-notes")
forbid (principal, action, resource is Order) when { context.written.contains("note") };
"#;
const CLOSED: &str = r#"
@id("closed")
forbid (principal, action, resource is Order) when { resource has status && resource.status == "closed" };
"#;

async fn put(world: &World, content_type: &str, body: &str) -> u16 {
    let token = world.token("ada", &[]);
    let headers = [("authorization", token.as_str()), ("content-type", content_type)];
    world.stand.send("PUT", "/orders/1", &headers, body).await.status
}

#[tokio::test]
async fn policies_see_what_is_written_in_whatever_form() {
    let world = World::ruled(BINDINGS, NOTES_ARE_LOCKED).await;
    let (json, form, patch) =
        ("application/json", "application/x-www-form-urlencoded", "application/json-patch+json");
    assert_eq!(put(&world, json, r#"{"status":"open"}"#).await, 200);
    assert_eq!(put(&world, form, "status=open").await, 200);
    for (content_type, body) in [
        (json, r#"{"note":"x"}"#),
        (form, "note=x"),
        (form, "a=1&no%74e[0]=x"),
        (patch, r#"[{"op":"replace","path":"/note","value":"x"}]"#),
        (patch, r#"[{"op":"copy","from":"/status","path":"/note/0"}]"#),
    ] {
        assert_eq!(put(&world, content_type, body).await, 404, "{content_type} {body}");
    }
    // What is written cannot be told: neither can what the policies would say of it.
    for (content_type, body) in [
        (json, "[1]"),
        (json, "7"),
        (patch, r#"[{"op":"replace","path":"","value":{"note":"x"}}]"#),
        (patch, "{}"),
    ] {
        let status = put(&world, content_type, body).await;
        assert!((400..500).contains(&status), "{content_type} {body}: {status}");
    }
    let writes = world.shop.calls().into_iter().filter(|call| call.starts_with("PUT")).count();
    assert_eq!(writes, 2);
}

#[tokio::test]
async fn what_is_written_is_seen_also_where_nothing_says_what_the_body_represents() {
    let bindings = BINDINGS.replace("takes: Order, shows: Order, if_match: true", "shows: Order");
    let world = World::ruled(bindings.leak(), NOTES_ARE_LOCKED).await;
    let json = "application/json";
    assert_eq!(put(&world, json, r#"{"status":"open"}"#).await, 200);
    assert_eq!(put(&world, json, r#"{"note":"x"}"#).await, 404);
    assert_eq!(put(&world, "application/x-www-form-urlencoded", "note=x").await, 404);
}

#[tokio::test]
async fn an_attribute_that_policies_ask_for_and_nobody_knows_lets_nobody_pass() {
    let world = World::ruled(BINDINGS, CLOSED).await;
    assert_eq!(world.code("ada", "GET /plain/1").await, "200");
    let closed = |id: u64, said: Option<&str>| {
        let mut orders = world.shop.orders.lock().unwrap();
        let order = orders.get_mut(&id).unwrap().as_object_mut().unwrap();
        match said {
            Some(status) => order.insert("status".to_owned(), status.into()),
            None => order.remove("status"),
        };
    };
    closed(2, Some("closed"));
    closed(3, None);
    closed(103, None);
    assert_eq!(world.code("ada", "GET /plain/2").await, "object_not_found");
    for line in ["GET /plain/3", "GET /orders/3"] {
        let answer = world.ask("ada", line).await;
        assert_eq!(answer.code(), "evidence_unavailable", "{line}");
        let faults = world.record(&answer).await.authorization.unwrap().faults;
        assert!(faults.iter().any(|fault| fault.contains("`status`")), "{faults:?}");
    }
    let answer = world.send("ada", "PUT /orders/3", &[], r#"{"note":"x"}"#).await;
    assert_eq!(answer.code(), "evidence_unavailable");
    assert!(!world.shop.calls().iter().any(|call| call.starts_with("PUT")));
    // Somebody else's is not there, whatever is known of it.
    for line in ["GET /plain/", "GET /orders/"] {
        let missing = world.ask("ada", &format!("{line}999")).await;
        assert_eq!(face(&world.ask("ada", &format!("{line}103")).await), face(&missing));
    }
}

#[tokio::test]
async fn an_item_without_the_attribute_that_policies_ask_for_is_not_shown() {
    let world = World::ruled(BINDINGS, CLOSED).await;
    world.shop.orders.lock().unwrap().get_mut(&1).unwrap().as_object_mut().unwrap().remove("status");
    let answer = world.ask("ada", "GET /all").await;
    let listed: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let ids: Vec<u64> =
        listed["items"].as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect();
    assert!(!ids.is_empty() && !ids.contains(&1), "{ids:?}");
}

#[tokio::test]
async fn an_owner_that_a_forbid_asks_for_and_nobody_knows_lets_nobody_pass() {
    let own = r#"
        permit (principal, action, resource is Order) when { principal has tenant };
        @id("not-bens")
        forbid (principal, action, resource is Order) when { resource has owner && resource.owner == "ben" };
    "#;
    let world = World::ruled(BINDINGS, own).await;
    assert_eq!(world.code("ada", "GET /plain/1").await, "200");
    world.shop.orders.lock().unwrap().get_mut(&2).unwrap().as_object_mut().unwrap().remove("owner");
    assert_eq!(world.code("ada", "GET /plain/2").await, "evidence_unavailable");
}

#[tokio::test]
async fn what_is_written_is_seen_where_no_object_is_named_and_nothing_says_what_the_body_is() {
    let own = r#"
        @id("no-notes")
        forbid (principal, action, resource is Api) when { context.written.contains("note") };
    "#;
    let bindings =
        BINDINGS.replace("action: create, takes: Order, shows: Order", "action: create, shows: Order");
    let world = World::ruled(bindings.leak(), own).await;
    let make = async |body| world.send("ada", "POST /orders", &[], body).await;
    assert_eq!(make(r#"{"status":"open"}"#).await.status, 201);
    assert_eq!(make(r#"{"note":"x"}"#).await.code(), "function_denied");
    assert_eq!(make("[1]").await.code(), "body_invalid");
}
