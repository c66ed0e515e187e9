//! AuthZEN Authorization API 1.0 over the wire, both ways: a decision point that the gateway asks, and the gateway as one.

use std::sync::{Arc, Mutex};

use e2e::{Client, Reply, Server};
use serde_json::{Value, json};

use crate::ledger::{Ledger, SECRET};

/// Answers every evaluation as it is told, and knows whose notes are whose.
fn decision_point(answer: &Arc<Mutex<(u16, bool)>>) -> Server {
    let answer = Arc::clone(answer);
    Server::start(move |request| {
        let (status, decision) = *answer.lock().unwrap();
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let id: u64 = asked["resource"]["id"].as_str().unwrap_or_default().parse().unwrap_or(0);
        let owner = if id < 6 { "ann" } else { "bob" };
        let properties = json!({ "owner": owner, "tenant": "single" });
        let body = json!({ "decision": decision, "context": { "properties": properties } });
        Reply::json(status, &body.to_string())
    })
}

fn asking(story: &str, token: &str, point: &Server) -> Ledger {
    let external = format!(", external: {{ endpoint: \"http://{}/evaluation\"{token} }}", point.address);
    let changes = [(
        "getNote: { object: { type: Note, id: path.id }, evidence: [resolver] }",
        "getNote: { object: { type: Note, id: path.id }, evidence: [external] }",
    )];
    Ledger::set(story, &changes, &external, "")
}

#[test]
fn the_gateway_asks_a_decision_point_and_believes_what_it_says() {
    let answer = Arc::new(Mutex::new((200, true)));
    let point = decision_point(&answer);
    let ledger = asking("authzen-asks", ", token: \"${env:LEDGER_SECRET}\"", &point);
    assert_eq!(ledger.get("ann", "/notes/1").status, 200);
    assert_eq!(ledger.get("bob", "/notes/1").status, 404, "it said that the note is ann's");
    let asked = point.requests();
    assert_eq!(asked[0].line, "POST /evaluation HTTP/1.1");
    assert_eq!(asked[0].header("authorization"), Some(format!("Bearer {SECRET}").as_str()));
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!((&body["subject"]["id"], &body["subject"]["type"]), (&json!("ann"), &json!("user")));
    assert_eq!(body["subject"]["properties"]["issuer"], json!(ledger.issuer.url));
    assert_eq!((&body["action"]["name"], &body["resource"]["type"]), (&json!("getNote"), &json!("Note")));
    assert_eq!(body["resource"]["id"], json!("1"));
    // No credential of the caller goes there.
    assert!(!String::from_utf8_lossy(&asked[0].body).contains("eyJ"));
}

#[test]
fn a_decision_point_that_says_no_or_nothing_lets_nobody_through() {
    let answer = Arc::new(Mutex::new((200, false)));
    let point = decision_point(&answer);
    let ledger = asking("authzen-no", "", &point);
    assert_eq!(ledger.get("ann", "/notes/1").status, 404);
    *answer.lock().unwrap() = (500, true);
    assert_eq!(ledger.get("ann", "/notes/1").code(), "evidence_unavailable");
    *answer.lock().unwrap() = (200, true);
    assert_eq!(ledger.get("ann", "/notes/1").status, 200);
    // Without `token`, none is sent.
    assert!(point.requests().iter().all(|request| request.header("authorization").is_none()));
}

fn evaluation(subject: &str, owner: &str) -> Value {
    json!({
        "subject": { "type": "user", "id": subject, "properties": { "tenant": "single" } },
        "action": { "name": "getNote" },
        "resource": { "type": "Note", "id": "1", "properties": { "tenant": "single", "owner": owner } },
    })
}

#[test]
fn the_administration_port_decides_for_others() {
    let ledger = Ledger::with("authzen-answers", &[]);
    let admin = ledger.admin();
    let one = "/access/v1/evaluation";
    for (owner, decision) in [("ann", true), ("bob", false)] {
        let answer = admin.post_json(one, &evaluation("ann", owner).to_string());
        assert_eq!((answer.status, &answer.json()["decision"]), (200, &json!(decision)), "{}", answer.text());
    }
    // A client of the owner's name owns nothing.
    let mut client = evaluation("ann", "ann");
    client["subject"]["type"] = json!("client");
    assert_eq!(admin.post_json(one, &client.to_string()).json()["decision"], json!(false));
    let stranger = Client::new(ledger.gateway.admin);
    assert_eq!(stranger.post_json(one, &evaluation("ann", "ann").to_string()).status, 401);
    let batch = json!({ "evaluations": [evaluation("ann", "ann"), evaluation("bob", "ann"), evaluation("bob", "bob")] });
    let answer = admin.post_json("/access/v1/evaluations", &batch.to_string());
    let decisions: Vec<Value> =
        answer.json()["evaluations"].as_array().unwrap().iter().map(|one| one["decision"].clone()).collect();
    assert_eq!(decisions, [json!(true), json!(false), json!(true)]);
    let about = admin.get("/.well-known/authzen-configuration").json();
    assert!(about["access_evaluation_endpoint"].as_str().unwrap().ends_with(one), "{about}");
    assert_eq!(admin.post_json(one, "{}").status, 400);
}
