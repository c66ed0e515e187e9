use std::sync::Arc;

use super::super::stand::Backend;
use super::{BINDINGS, World};
use crate::decision_point::DecisionPoint;
use crate::settings::Network;

/// Behind a decision point that is asked for these bindings.
async fn behind(bindings: String, port: u16) -> World {
    World::with(bindings.leak(), |settings| {
        settings.egress_allow.push(Network { address: [127, 0, 0, 1].into(), prefix: 32 });
        let endpoint = format!("http://127.0.0.1:{port}/access/v1/evaluation");
        let token = Some(model::Secret::new(b"point-token".to_vec()));
        settings.apis[0].decision_point = Some(Arc::new(DecisionPoint { endpoint, token }));
    })
    .await
}

#[tokio::test]
async fn a_decision_point_of_others_tells_of_an_object_and_its_no_is_a_no() {
    let (point, port, _stop) = Backend::begin();
    let bindings = BINDINGS.replace("evidence: [{ claim: sub }]", "evidence: [external]");
    let world = behind(bindings, port).await;
    let json = [("content-type", "application/json")];
    let told = r#"{"decision":true,"context":{"properties":{"tenant":"acme","owner":"ada"}}}"#;
    point.will_answer(200, &json, told);
    assert_eq!(world.code("ada", "GET /people/x").await, "200");
    let seen = point.last();
    assert_eq!(seen.target, "/access/v1/evaluation");
    assert_eq!(super::header(&seen.headers, "authorization"), "Bearer point-token");
    assert!(!seen.headers.contains_key("cookie"));
    for (status, body, code) in [
        (200, r#"{"decision":false}"#, "object_not_found"),
        (200, r#"{"decision":"true"}"#, "evidence_unavailable"),
        (200, "{}", "evidence_unavailable"),
        (500, "{}", "evidence_unavailable"),
        (
            200,
            r#"{"decision":true,"context":{"properties":{"tenant":"umbra","owner":"ada"}}}"#,
            "object_not_found",
        ),
        (
            200,
            r#"{"decision":true,"context":{"properties":{"tenant":"acme","owner":"ben"}}}"#,
            "object_not_found",
        ),
    ] {
        point.will_answer(status, &json, body);
        assert_eq!(world.code("ada", "GET /people/x").await, code, "{body}");
    }
    let people = world.shop.calls().into_iter().filter(|call| call.contains("/people/")).count();
    assert_eq!(people, 1, "only what was allowed was forwarded");
}

#[tokio::test]
async fn without_a_decision_point_nothing_is_known() {
    let bindings = BINDINGS.replace("evidence: [{ claim: sub }]", "evidence: [external]");
    let world = World::with(bindings.leak(), |_| {}).await;
    assert_eq!(world.code("ada", "GET /people/ada").await, "evidence_unavailable");
}

#[tokio::test]
async fn a_decision_point_is_asked_also_where_everything_is_known_and_its_silence_is_a_no() {
    let (point, port, _stop) = Backend::begin();
    let bindings = BINDINGS.replace("evidence: [{ claim: sub }]", "evidence: [{ claim: sub }, external]");
    let world = behind(bindings, port).await;
    let json = [("content-type", "application/json")];
    for (status, body, code) in [
        (200, r#"{"decision":true}"#, "200"),
        (200, r#"{"decision":false}"#, "object_not_found"),
        (500, "{}", "evidence_unavailable"),
    ] {
        point.will_answer(status, &json, body);
        assert_eq!(world.code("ada", "GET /people/ada").await, code, "{body}");
        assert_eq!(point.last().target, "/access/v1/evaluation");
    }
    let people = world.shop.calls().into_iter().filter(|call| call.contains("/people/")).count();
    assert_eq!(people, 1, "only what was allowed was forwarded");
}

#[tokio::test]
async fn a_decision_point_is_told_what_is_written() {
    let (point, port, _stop) = Backend::begin();
    let bindings = BINDINGS
        .replace("evidence: [resolver], takes: Order", "evidence: [resolver, external], takes: Order");
    let world = behind(bindings, port).await;
    point.will_answer(200, &[("content-type", "application/json")], r#"{"decision":true}"#);
    assert_eq!(world.send("ada", "PUT /orders/1", &[], r#"{"note":"x"}"#).await.status, 200);
    let asked: serde_json::Value = serde_json::from_slice(&point.last().body.unwrap()).unwrap();
    assert_eq!(asked["context"]["written"], serde_json::json!(["note"]), "{asked}");
}
