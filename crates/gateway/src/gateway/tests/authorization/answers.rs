use super::super::shop::Odd;
use super::{BINDINGS, World, face};

fn odd(media_type: &'static str, body: &str) -> Odd {
    Odd::Answer(media_type, body.as_bytes().to_vec())
}

/// Answers to one order that say nothing of it.
fn unreadable() -> Vec<(&'static str, Odd)> {
    vec![
        ("another media type", odd("text/html", "<p>secret</p>")),
        ("lines", odd("application/x-ndjson", "{\"id\":1}\n{\"id\":2}\n")),
        ("events", odd("text/event-stream", "data: secret\n\n")),
        ("another charset", odd("application/json; charset=utf-7", "{}")),
        ("broken", odd("application/json", "{\"id\":1,")),
        ("two of a name", odd("application/json", r#"{"id":1,"owner":"ada","owner":"ben","org":"acme"}"#)),
        ("nothing", odd("application/json", "")),
        ("a part", Odd::Status(206)),
    ]
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_passed_on() {
    let bindings = BINDINGS.replace(
        "evidence: [resolver], safe: true }\n  getListed",
        "evidence: [resolver], safe: true, shows: Order }\n  getListed",
    );
    let bindings: &'static str = bindings.leak();
    for (what, odd) in unreadable().into_iter().filter(|(what, _)| *what != "nothing") {
        let world = World::with(bindings, |_| {}).await;
        world.shop.be_odd("GET /plain/1", odd);
        let answer = world.ask("ada", "GET /plain/1").await;
        assert_eq!(answer.status, 502, "{what}");
        assert_eq!(answer.code(), "response_unfilterable", "{what}");
    }
}

#[tokio::test]
async fn an_answer_that_was_to_tell_whose_it_is_and_cannot_be_read_is_not_there() {
    let mut odds = unreadable();
    odds.push(("more than may be", odd("application/json", &format!("\"{}\"", "x".repeat(3_000)))));
    // Which the description does not allow.
    odds.push(("another shape", odd("application/json", r#"{"id":"1","owner":"ben","org":"acme"}"#)));
    for (what, odd) in odds {
        let world = World::with(BINDINGS, |settings| {
            settings.sizes.body_bytes_max = 2_000;
            settings.apis[0].modes.insert("response".to_owned(), model::Mode::Enforce);
        })
        .await;
        let missing = world.ask("ada", "GET /orders/999").await;
        world.shop.be_odd("GET /orders/1", odd);
        let answer = world.ask("ada", "GET /orders/1").await;
        assert_eq!(face(&answer), face(&missing), "{what}");
        let record = world.record(&answer).await;
        assert_ne!(record.authorization.unwrap().decision, model::Judgement::Allowed, "{what}");
    }
}

#[tokio::test]
async fn an_answer_without_an_owner_shows_nobodys_object() {
    let world = World::new().await;
    let missing = world.ask("ada", "GET /orders/999").await;
    for body in [
        r#"{"id":1}"#,
        r#"{"id":1,"owner":"ada"}"#,
        r#"{"id":1,"owner":null,"org":"acme"}"#,
        r#"{"id":1,"owner":["ada"],"org":"acme"}"#,
        r#"{"id":1,"owner":"ada","org":"umbra"}"#,
        r#"{"id":1,"owner":"","org":""}"#,
        r#"{"owner":"ada","org":"acme"}"#,
        "{}",
    ] {
        world.shop.be_odd("GET /orders/1", odd("application/json", body));
        let answer = world.ask("ada", "GET /orders/1").await;
        assert_eq!(face(&answer), face(&missing), "{body}");
    }
}

#[tokio::test]
async fn the_answer_to_a_write_that_shows_anothers_object_is_held_back() {
    let world = World::new().await;
    for body in [r#"{"id":101,"owner":"ben","org":"acme"}"#, r#"{"id":1,"owner":"ben","org":"acme"}"#] {
        world.shop.be_odd("PUT /orders/1", odd("application/json", body));
        let answer = world.send("ada", "PUT /orders/1", &[], r#"{"note":"x"}"#).await;
        assert_eq!(answer.code(), "object_not_found", "{body}");
    }
}

#[tokio::test]
async fn missing_and_foreign_look_the_same_whatever_is_asked() {
    let world = World::new().await;
    for (line, body) in [
        ("GET /orders/", ""),
        ("GET /plain/", ""),
        ("GET /listed/", ""),
        ("GET /bills/", ""),
        ("PUT /orders/", r#"{"note":"x"}"#),
        ("DELETE /orders/", ""),
    ] {
        let missing = world.send("ada", &format!("{line}999"), &[], body).await;
        for foreign in [101, 201] {
            let foreign = world.send("ada", &format!("{line}{foreign}"), &[], body).await;
            assert_eq!(face(&foreign), face(&missing), "{line}");
        }
    }
    let missing = world.ask("ada", "GET /people/nobody").await;
    assert_eq!(face(&world.ask("ada", "GET /people/ben").await), face(&missing));
}

#[tokio::test]
async fn a_tunnel_tells_nobody_whose_it_is() {
    let world = World::new().await;
    let snapshot = world.stand.gateway.snapshot.load_full();
    let is_it = |plan: &&std::sync::Arc<crate::snapshot::OperationPlan>| {
        plan.operation.as_ref().is_some_and(|operation| &*operation.id == "getOrder")
    };
    let plan = snapshot.apis[0].plans().find(is_it).unwrap();
    let check = plan.checks.iter().find(|prepared| prepared.about.name == "object_access").unwrap();
    let mut exchange = crate::pipeline::testing::exchange("GET", "/orders/1");
    exchange.response = Some(crate::exchange::Response {
        status: http::StatusCode::SWITCHING_PROTOCOLS,
        headers: http::HeaderMap::new(),
        body: None,
    });
    let mut passes = |awaits_answer| {
        exchange.awaits_answer = awaits_answer;
        match check.check.on_response_head(&exchange, &crate::question::Answers::default()) {
            crate::check::Step::Continue(edits) => edits.is_empty(),
            crate::check::Step::RefuseWith(_, refusal) => {
                assert_eq!(refusal.code, model::Code::ObjectNotFound);
                false
            }
            other => panic!("{other:?}"),
        }
    };
    assert!(passes(false) && !passes(true));
}
