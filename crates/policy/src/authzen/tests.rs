#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::cedar::tests::{at, bound, description, facts, user};

fn authorization() -> Arc<Authorization> {
    let (decider, _) = crate::cedar::build(&bound(), &description(), &[]);
    let (authorization, findings) = crate::compile(bound(), &description(), decider);
    Arc::new(authorization.unwrap_or_else(|| panic!("{findings:#?}")))
}

fn find(name: Option<&str>) -> Option<Arc<Authorization>> {
    name.is_none_or(|name| name == "orders").then(authorization)
}

fn bytes(value: &Value) -> Bytes {
    Bytes::from(value.to_string())
}

fn asked(operation: &str, owner: &str) -> Value {
    json!({
        "subject": { "type": "user", "id": "ann", "properties": { "tenant": "acme" } },
        "action": { "name": operation },
        "resource": { "type": "Order", "id": "7", "properties": { "tenant": "acme", "owner": owner } },
    })
}

fn said(body: &Value) -> Value {
    evaluate(&evaluation(&bytes(body)).unwrap(), 0, &find)
}

#[test]
fn an_owner_is_allowed_and_another_is_not() {
    assert_eq!(said(&asked("getOrder", "ann")), json!({ "decision": true }));
    assert_eq!(said(&asked("getOrder", "bob")), json!({ "decision": false }));
}

#[test]
fn class_and_roles_of_the_operation_count() {
    let mut body = asked("delete", "bob");
    assert_eq!(said(&body), json!({ "decision": false }));
    body["subject"]["properties"]["roles"] = json!(["admin"]);
    assert_eq!(said(&body), json!({ "decision": true }));
}

#[test]
fn what_is_not_known_is_a_denial_that_says_so() {
    for (body, status) in [
        (asked("getOrdre", "ann"), 404),
        (asked("unbound", "ann"), 404),
        (
            {
                let mut body = asked("getOrder", "ann");
                body["context"] = json!({ "api": "other" });
                body
            },
            404,
        ),
        (
            {
                let mut body = asked("getOrder", "ann");
                body["resource"]["type"] = json!("Invoice");
                body
            },
            400,
        ),
        (
            {
                let mut body = asked("getOrder", "ann");
                body["resource"]["properties"] = json!({});
                body
            },
            400,
        ),
        (
            {
                let mut body = asked("getOrder", "ann");
                body["resource"]["type"] = json!("orders/Api");
                body
            },
            400,
        ),
    ] {
        let answer = said(&body);
        assert_eq!(answer["decision"], json!(false), "{body}");
        assert_eq!(answer["context"]["error"]["status"], json!(status), "{body}");
    }
}

#[test]
fn an_api_is_named_by_the_type_or_by_the_context() {
    let mut body = asked("getOrder", "ann");
    body["resource"]["type"] = json!("orders/Order");
    assert_eq!(said(&body), json!({ "decision": true }));
    body["context"] = json!({ "api": "other" });
    assert_eq!(evaluation(&bytes(&body)), Err(QuestionFault::TwoApis));
}

#[test]
fn malformed_questions_are_refused() {
    for (body, fault) in [
        (r#"{"#, QuestionFault::Json(tape::FaultKind::Incomplete)),
        (r#"[]"#, QuestionFault::NotAnObject),
        (
            r#"{"subject":{"type":"user","id":"a"},"subject":{"type":"user","id":"b"}}"#,
            QuestionFault::Json(tape::FaultKind::DuplicateMember),
        ),
        (r#"{"action":{"name":"x"}}"#, QuestionFault::Missing("subject")),
        (r#"{"subject":{"type":"root","id":"a"}}"#, QuestionFault::SubjectType),
        (r#"{"subject":{"type":"user","id":7}}"#, QuestionFault::Shape("subject.id")),
        (
            r#"{"subject":{"type":"user","id":"a","properties":{"roles":[1]}}}"#,
            QuestionFault::Shape("subject.properties.roles"),
        ),
        (r#"{"subject":"ann"}"#, QuestionFault::Shape("subject")),
    ] {
        assert_eq!(evaluation(&Bytes::from_static(body.as_bytes())), Err(fault), "{body}");
    }
}

fn batch(semantic: &str) -> Vec<Value> {
    let mut body = asked("getOrder", "ann");
    let of = |owner: &str| json!({ "resource": { "type": "Order", "id": "7", "properties": { "tenant": "acme", "owner": owner } } });
    body["evaluations"] = json!([{}, of("bob"), of("ann"), { "action": 7 }]);
    body["options"] = json!({ "evaluations_semantic": semantic });
    let Evaluations::Many(batch) = evaluations(&bytes(&body)).unwrap() else { panic!("a batch") };
    evaluate_all(&batch, 0, &find)["evaluations"].as_array().unwrap().clone()
}

#[test]
fn a_batch_takes_defaults_and_ends_as_its_semantic_says() {
    let verdicts = |semantic: &str| -> Vec<bool> {
        batch(semantic).iter().map(|answer| answer["decision"].as_bool().unwrap()).collect()
    };
    assert_eq!(verdicts("execute_all"), [true, false, true, false]);
    assert_eq!(verdicts("deny_on_first_deny"), [true, false]);
    assert_eq!(verdicts("permit_on_first_permit"), [true]);
    assert_eq!(batch("execute_all")[3]["context"]["error"]["status"], json!(400));
}

#[test]
fn a_batch_of_none_is_one_question_and_an_unknown_semantic_is_refused() {
    let mut body = asked("getOrder", "ann");
    assert!(matches!(evaluations(&bytes(&body)), Ok(Evaluations::One(_))));
    body["evaluations"] = json!([]);
    assert!(matches!(evaluations(&bytes(&body)), Ok(Evaluations::One(_))));
    body["evaluations"] = json!([{}]);
    body["options"] = json!({ "evaluations_semantic": "any" });
    assert_eq!(evaluations(&bytes(&body)), Err(QuestionFault::Semantic));
    body["evaluations"] = json!(vec![json!({}); EVALUATIONS_MAX + 1]);
    assert_eq!(evaluations(&bytes(&body)), Err(QuestionFault::TooMany));
}

#[test]
fn what_we_ask_is_what_we_would_understand() {
    let (subject, known) = (user("ann", "acme"), facts(&[("tenant", "acme"), ("owner", "ann")]));
    let target = Target::Object { kind: "Order", id: "7", facts: &known };
    let query = Query { subject: &subject, operation: "getOrder", target, circumstances: at(0) };
    let understood = evaluation(&question("orders", &query)).unwrap();
    assert_eq!(understood.api.as_deref(), Some("orders"));
    assert_eq!(understood.subject, subject);
    assert_eq!(evaluate(&understood, 0, &find), json!({ "decision": true }));
}

#[test]
fn only_a_true_decision_of_a_whole_answer_allows() {
    let read = |body: &'static str| answer(200, Bytes::from_static(body.as_bytes()));
    let yes = read(r#"{"decision":true,"context":{"properties":{"owner":"ann","tenant":7}}}"#).unwrap();
    assert!(yes.allowed);
    assert_eq!(
        (yes.facts.owner().map(|said| &**said), yes.facts.tenant().map(|said| &**said)),
        (Some("ann"), Some("7"))
    );
    assert!(!read(r#"{"decision":false}"#).unwrap().allowed);
    assert_eq!(read(r#"{"decision":"true"}"#), Err(AnswerFault::Decision));
    assert_eq!(read(r#"{"decision":1}"#), Err(AnswerFault::Decision));
    assert_eq!(read(r#"{}"#), Err(AnswerFault::Decision));
    assert!(matches!(read(r#"{"decision":true,"decision":false}"#), Err(AnswerFault::Json(_))));
    assert_eq!(answer(403, Bytes::from_static(br#"{"decision":true}"#)), Err(AnswerFault::Status));
}
