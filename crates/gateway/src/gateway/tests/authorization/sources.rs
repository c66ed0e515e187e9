use model::Judgement;

use super::super::shop::Odd;
use super::{World, face};

#[tokio::test]
async fn a_claim_is_enough_where_the_id_is_in_it() {
    let world = World::new().await;
    assert_eq!(world.code("ada", "GET /people/ada").await, "200");
    assert_eq!(world.code("ada", "GET /people/ben").await, "object_not_found");
    assert_eq!(world.code("ada", "GET /people/Ada").await, "object_not_found");
    assert_eq!(world.shop.calls(), ["GET /people/ada"]);
}

#[tokio::test]
async fn a_resolver_shows_whose_it_is_before_anything_is_forwarded() {
    let world = World::new().await;
    let answer = world.ask("ada", "GET /plain/1").await;
    assert_eq!(answer.status, 200);
    assert_eq!(world.shop.calls(), ["GET /orders/1", "GET /plain/1"]);
    let decided = world.record(&answer).await.authorization.unwrap();
    assert_eq!((decided.decision, decided.upstream_calls), (Judgement::Allowed, 1));
    assert!(!decided.policies.is_empty());
    let object = &decided.objects[0];
    assert_eq!((object.kind.as_str(), object.id.as_str()), ("Order", "1"));
    let facts: Vec<_> = object.facts.iter().map(|fact| (fact.name.as_str(), fact.origin.as_str())).collect();
    assert!(facts.contains(&("owner", "resolver")) && facts.contains(&("tenant", "resolver")), "{facts:?}");
    for (name, id) in [("ben", 1), ("cem", 1), ("ada", 201), ("ada", 101), ("ada", 999)] {
        assert_eq!(world.code(name, &format!("GET /plain/{id}")).await, "object_not_found", "{name} {id}");
        assert!(!world.shop.calls().iter().any(|call| call.contains("/plain/")));
    }
}

#[tokio::test]
async fn a_producer_is_read_to_the_page_that_has_it_and_kept_for_its_owner_alone() {
    let world = World::new().await;
    assert_eq!(world.code("ada", "GET /listed/6").await, "200");
    // Four a page, whatever is asked for.
    let first = world.shop.calls();
    assert_eq!(first, ["GET /orders?offset=0&limit=100", "GET /orders?offset=4&limit=100", "GET /listed/6"]);
    assert_eq!(world.code("ada", "GET /listed/2").await, "200");
    assert_eq!(world.shop.calls(), ["GET /listed/2"], "known already");
    assert_eq!(world.code("ada", "GET /listed/101").await, "object_not_found");
    assert_eq!(world.shop.calls(), ["GET /orders?offset=8&limit=100"], "the rest of it, and no more");
    assert_eq!(world.code("ada", "GET /listed/102").await, "object_not_found");
    assert!(world.shop.calls().is_empty());
    // Another caller's list is another.
    assert_eq!(world.code("ben", "GET /listed/2").await, "object_not_found");
    assert_eq!(world.code("ben", "GET /listed/101").await, "200");
}

#[tokio::test]
async fn another_token_of_the_same_caller_is_asked_for_anew() {
    let world = World::new().await;
    assert_eq!(world.code("ada", "GET /listed/1").await, "200");
    world.shop.calls();
    let token = world.token("ada", &[("jti", serde_json::json!("another"))]);
    let answer = world.stand.send("GET", "/listed/1", &[("authorization", &token)], "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(world.shop.calls(), ["GET /orders?offset=0&limit=100", "GET /listed/1"]);
}

#[tokio::test]
async fn the_answer_itself_decides_where_it_has_no_effect() {
    let world = World::new().await;
    let answer = world.ask("ada", "GET /orders/1").await;
    assert_eq!(answer.status, 200);
    assert_eq!(world.shop.calls(), ["GET /orders/1"]);
    let theirs = world.ask("ada", "GET /orders/101").await;
    let missing = world.ask("ada", "GET /orders/999").await;
    assert_eq!(theirs.code(), "object_not_found");
    assert_eq!(face(&theirs), face(&missing), "one cannot be told from the other");
    world.shop.be_odd("GET /orders/102", Odd::Status(403));
    assert_eq!(face(&world.ask("ada", "GET /orders/102").await), face(&missing));
}

#[tokio::test]
async fn another_object_knows_the_owner() {
    let world = World::new().await;
    assert_eq!(world.code("ada", "GET /bills/1").await, "200");
    // The bill is what is asked for: its answer says which order it is of, and the order whose it is.
    assert_eq!(world.shop.calls(), ["GET /bills/1", "GET /orders/1"]);
    assert_eq!(world.code("ada", "GET /bills/101").await, "object_not_found");
    assert_eq!(world.code("ada", "GET /bills/201").await, "object_not_found");
    assert_eq!(world.code("ada", "GET /bills/999").await, "object_not_found");
}

#[tokio::test]
async fn a_child_belongs_to_the_parent_in_whose_list_it_is() {
    let world = World::new().await;
    assert_eq!(world.code("ada", "DELETE /orders/1/notes/10").await, "200");
    assert_eq!(world.code("ada", "DELETE /orders/1/notes/11").await, "object_not_found", "ben's");
    assert_eq!(world.code("ben", "DELETE /orders/1/notes/11").await, "200");
    // Of another order, whatever is in the path.
    assert_eq!(world.code("ada", "DELETE /orders/2/notes/10").await, "object_not_found");
    let deletes: Vec<_> = world.shop.calls().into_iter().filter(|call| call.starts_with("DELETE")).collect();
    assert_eq!(deletes, ["DELETE /orders/1/notes/10", "DELETE /orders/1/notes/11"]);
}

#[tokio::test]
async fn what_was_made_here_is_a_hint_and_those_who_can_be_asked_are_asked_before_a_change() {
    let world = World::new().await;
    let made = world.send("ada", "POST /orders", &[], r#"{"note":"new"}"#).await;
    assert_eq!(made.status, 201);
    let made: serde_json::Value = serde_json::from_slice(&made.body).unwrap();
    let id = made["id"].as_u64().unwrap();
    world.shop.calls();
    assert_eq!(world.code("ben", &format!("DELETE /orders/{id}")).await, "object_not_found");
    assert_eq!(world.shop.calls(), [format!("GET /orders/{id}")]);
    assert_eq!(world.code("ada", &format!("DELETE /orders/{id}")).await, "200");
    assert_eq!(world.shop.calls(), [format!("GET /orders/{id}"), format!("DELETE /orders/{id}")]);
    // The same id, given again by the service to somebody else.
    let order = serde_json::json!({ "id": id, "owner": "ben", "org": "acme" });
    world.shop.orders.lock().unwrap().insert(id, order);
    assert_eq!(world.code("ada", &format!("DELETE /orders/{id}")).await, "object_not_found");
    assert_eq!(world.code("ben", &format!("DELETE /orders/{id}")).await, "200");
}

#[tokio::test]
async fn a_new_object_is_in_the_list_that_was_read_before_it() {
    let world = World::new().await;
    assert_eq!(world.code("ada", "GET /listed/999").await, "object_not_found");
    let made = world.send("ada", "POST /orders", &[], "{}").await;
    let made: serde_json::Value = serde_json::from_slice(&made.body).unwrap();
    assert_eq!(world.code("ada", &format!("GET /listed/{}", made["id"])).await, "200");
}

#[tokio::test]
async fn the_credential_and_nothing_else_of_the_request_goes_along_with_a_question() {
    let world = World::new().await;
    let headers =
        [("range", "bytes=0-3"), ("if-none-match", "\"v1\""), ("accept", "text/html"), ("cookie", "a=1")];
    let answer = world.send("ada", "GET /plain/1", &headers, "").await;
    assert_eq!(answer.status, 200);
    let seen = world.shop.seen.lock().unwrap();
    let (line, asked) = &seen[0];
    assert_eq!(line, "GET /orders/1");
    for name in ["range", "if-none-match", "cookie", "content-type", "content-length"] {
        assert!(!asked.contains_key(name), "{name}");
    }
    assert_eq!(super::header(asked, "accept-encoding"), "identity");
    assert_eq!(super::header(asked, "authorization"), super::header(&seen[1].1, "authorization"));
    assert_eq!(super::header(asked, "bartizan-subject"), "ada");
    // And the request itself is one that can be checked.
    assert!(!seen[1].1.contains_key("range") && !seen[1].1.contains_key("if-none-match"));
}

#[tokio::test]
async fn each_of_several_ids_of_a_query_is_asked_about() {
    let world = World::new().await;
    for (line, code) in [
        ("GET /picked?ids=1", "200"),
        ("GET /picked?ids=1&ids=2", "200"),
        ("GET /picked?ids=1&ids=101", "object_not_found"),
        ("GET /picked?ids=101&ids=1", "object_not_found"),
        ("GET /chosen?ids=1,2,3", "200"),
        ("GET /chosen?ids=1,201", "object_not_found"),
    ] {
        assert_eq!(world.code("ada", line).await, code, "{line}");
    }
    // What may be read in another way.
    for query in [
        "/picked?ids=1,101",
        "/picked?ids=1&Ids=101",
        "/picked?ids=1&ids[]=101",
        "/chosen?ids=1&ids=101",
        "/chosen?ids=1%2C101",
        "/chosen?ids=1,",
    ] {
        let answer = world.ask("ada", &format!("GET {query}")).await;
        assert!((400..500).contains(&answer.status), "{query}: {}", answer.status);
    }
    let passed = world.shop.calls().into_iter().filter(|call| !call.contains("/orders")).count();
    assert_eq!(passed, 3);
}

#[tokio::test]
async fn what_was_made_is_learned_from_where_it_is_said_to_be() {
    let bindings = super::BINDINGS.replace(
        "type: Order, id: path.id }, evidence: [resolver], safe",
        "type: Order, id: path.id }, evidence: [learned], safe",
    );
    let bindings: &'static str = bindings.leak();
    for (location, is_learned) in [
        ("/orders/7", true),
        ("http://127.0.0.1/orders/7", false),
        ("https://elsewhere.example/orders/7", false),
        ("//elsewhere.example/orders/7", false),
        ("/orders/7?x=1#y", true),
        ("/orders", false),
        ("/people/7", false),
        ("7", false),
    ] {
        let world = World::with(bindings, |_| {}).await;
        world.shop.be_odd("POST /orders", Odd::Made(location));
        assert_eq!(world.send("ada", "POST /orders", &[], "{}").await.status, 201);
        let expected = if is_learned { "200" } else { "object_not_found" };
        assert_eq!(world.code("ada", "GET /plain/7").await, expected, "{location}");
        assert_eq!(world.code("ben", "GET /plain/7").await, "object_not_found", "{location}");
    }
}

const OPEN: &str = r#"@id("any") permit (principal is User, action == Action::"createOrder", resource);"#;

/// `getPlain` goes by what was learned, and `createOrder` is this.
fn learning(create: &str) -> &'static str {
    let plain = "type: Order, id: path.id }, evidence: [resolver], safe";
    let made = "createOrder: { action: create, takes: Order, shows: Order }";
    assert!(super::BINDINGS.contains(plain) && super::BINDINGS.contains(made));
    let learned = super::BINDINGS.replace(plain, "type: Order, id: path.id }, evidence: [learned], safe");
    learned.replace(made, create).leak()
}

#[tokio::test]
async fn what_a_request_named_was_not_made_by_it_whatever_the_answer_says() {
    let create = "createOrder: { action: create, object: { type: Order, id: body.note }, evidence: [resolver], takes: Order, shows: Order }";
    let shown = br#"{"id":101,"org":"acme"}"#.to_vec();
    for odd in [Odd::Made("/orders/101"), Odd::Answer("application/json", shown)] {
        let world = World::ruled(learning(create), OPEN).await;
        world.shop.be_odd("POST /orders", odd);
        let made = world.send("ada", "POST /orders", &[], r#"{"note":"101"}"#).await;
        assert!(made.status < 300, "{:?}", made.body);
        assert_eq!(world.code("ada", "GET /plain/101").await, "object_not_found");
    }
    let world = World::ruled(learning(create), OPEN).await;
    world.shop.be_odd("POST /orders", Odd::Made("/orders/7"));
    assert_eq!(world.send("ada", "POST /orders", &[], r#"{"note":"101"}"#).await.status, 201);
    assert_eq!(world.code("ada", "GET /plain/7").await, "200", "that one is new");
}

#[tokio::test]
async fn what_is_made_is_of_the_type_that_the_operation_makes() {
    let note = "createOrder: { action: create, takes: Note, shows: Note }";
    for (create, code) in
        [(note, "object_not_found"), ("createOrder: { action: create, shows: Order }", "200")]
    {
        let world = World::with(learning(create), |_| {}).await;
        world.shop.be_odd("POST /orders", Odd::Made("/orders/7"));
        assert_eq!(world.send("ada", "POST /orders", &[], "{}").await.status, 201);
        assert_eq!(world.code("ada", "GET /plain/7").await, code, "{create}");
    }
}

#[tokio::test]
async fn what_was_learned_counts_no_more_where_somebody_can_be_asked() {
    let bindings = super::BINDINGS.replace(
        "type: Order, id: path.id }, evidence: [resolver], safe",
        "type: Order, id: path.id }, evidence: [learned, resolver], safe",
    );
    let world = World::with(bindings.leak(), |_| {}).await;
    let made = world.send("ada", "POST /orders", &[], r#"{"note":"n"}"#).await;
    let made: serde_json::Value = serde_json::from_slice(&made.body).unwrap();
    let id = made["id"].as_u64().unwrap();
    // The service gave the id to somebody else, and nobody saw it.
    world.shop.orders.lock().unwrap().get_mut(&id).unwrap()["owner"] = "ben".into();
    assert_eq!(world.code("ada", &format!("GET /plain/{id}")).await, "object_not_found");
    assert_eq!(world.code("ben", &format!("GET /plain/{id}")).await, "200");
}

/// `getPlain` shows whose an order is, and goes by what was learned if it can.
fn shown_and_learned() -> &'static str {
    let plain = "type: Order, id: path.id }, evidence: [resolver], safe: true }";
    assert!(super::BINDINGS.contains(plain));
    let learned = "type: Order, id: path.id }, evidence: [learned, resolver], safe: true, shows: Order }";
    super::BINDINGS.replace(plain, learned).leak()
}

#[tokio::test]
async fn what_was_learned_is_enough_where_the_answer_confirms_it_and_else_the_others_are_asked() {
    let json = |text: &str| Odd::Answer("application/json", text.as_bytes().to_vec());
    // The next order is 211; last in each line: whether the resolver is asked.
    for (method, odd, is_asked) in [
        ("GET", Some(json(r#"{"id":211,"owner":"ada","org":"acme"}"#)), false),
        ("GET", Some(json(r#"{"id":211,"total":1}"#)), true),
        ("GET", Some(json(r#"{"id":211,"owner":"ada"}"#)), true),
        ("GET", Some(json("")), true),
        ("GET", None, false),
        ("HEAD", Some(Odd::Status(200)), true),
    ] {
        for is_reassigned in [false, true] {
            let world = World::with(shown_and_learned(), |_| {}).await;
            assert_eq!(world.send("ada", "POST /orders", &[], "{}").await.status, 201);
            if is_reassigned {
                world.shop.orders.lock().unwrap().get_mut(&211).unwrap()["owner"] = "ben".into();
            }
            let line = format!("{method} /plain/211");
            let says_it_is_hers = odd.is_some() && !is_asked;
            odd.iter().for_each(|odd| world.shop.be_odd(&line, odd.clone()));
            world.shop.calls();
            let status = world.ask("ada", &line).await.status;
            let calls = world.shop.calls();
            assert_eq!(calls.contains(&"GET /orders/211".to_owned()), is_asked, "{calls:?}");
            let is_let_out = !is_reassigned || says_it_is_hers;
            assert_eq!(status, if is_let_out { 200 } else { 404 }, "{calls:?}");
        }
    }
}

#[tokio::test]
async fn a_dispute_about_the_object_that_knows_the_owner_is_one_about_what_an_answer_shows() {
    let related = "tenant: { related: { type: Order, id: $.order_id } }\n    owner: { related: { type: Order, id: $.order_id } }";
    let bill =
        "getBill: { action: read, object: { type: Bill, id: path.id }, evidence: [resolver], safe: true }";
    assert!(super::BINDINGS.contains(related) && super::BINDINGS.contains(bill));
    let bindings = super::BINDINGS
        .replace(related, &related.replace("type: Order", "type: Listed"))
        .replace(bill, &bill.replace("[resolver]", "[response]"));
    let bindings: &'static str = bindings.leak();
    for (second, code) in [("acme", "200"), ("umbra", "object_not_found")] {
        let world = World::with(bindings, |_| {}).await;
        // The caller's list has the order twice.
        let list = format!(r#"{{"items":[{{"id":1,"org":"acme"}},{{"id":1,"org":"{second}"}}]}}"#);
        for page in ["GET /orders", "GET /orders?offset=0&limit=100"] {
            world.shop.be_odd(page, Odd::Answer("application/json", list.clone().into_bytes()));
        }
        assert_eq!(world.code("ada", "GET /bills/1").await, code, "{second}");
    }
}
