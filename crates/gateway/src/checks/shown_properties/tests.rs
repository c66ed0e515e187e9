#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use policy::{Facts, Known, Origin};

use super::ShownProperties;
use crate::check::{BodyNeed, Check};
use crate::checks::protected::{JSON, answered, left, subject, table};
use crate::question::Answers;

const ORDER: &str =
    r#"{"id":1,"user_id":7,"org":"acme","note":"n","margin":0.3,"card":{"last4":"1","cvc":"2"},"debug":{}}"#;

fn shown(subject: std::sync::Arc<policy::decide::Subject>, body: &str) -> String {
    let check: ShownProperties = table().prepare("getOrder");
    left(check.on_response_body(&answered(subject, 200, JSON, body), &Answers::default()), body)
}

#[test]
fn each_sees_what_its_rules_name_and_nobody_what_is_write_only() {
    for (name, roles, scopes, seen) in [
        ("8", &[][..], &[][..], r#"{"id":1,"card":{"last4":"1"}}"#),
        ("8", &[], &["notes"], r#"{"id":1,"note":"n","card":{"last4":"1"}}"#),
        ("7", &[], &["notes"], r#"{"id":1,"user_id":7,"org":"acme","note":"n","card":{"last4":"1"}}"#),
        (
            "8",
            &["admin"],
            &["notes"],
            r#"{"id":1,"user_id":7,"org":"acme","note":"n","margin":0.3,"card":{"last4":"1"},"debug":{}}"#,
        ),
    ] {
        assert_eq!(shown(subject(name, roles, scopes), ORDER), seen, "{name} {roles:?}");
    }
}

#[test]
fn what_became_known_of_the_object_says_whose_it_is_where_the_answer_does_not() {
    let check: ShownProperties = table().prepare("getOrder");
    let body = r#"{"id":1,"org":"acme"}"#;
    for (id, owner, seen) in [("1", "7", body), ("2", "7", r#"{"id":1}"#), ("1", "8", r#"{"id":1}"#)] {
        let mut exchange = answered(subject("7", &[], &[]), 200, JSON, body);
        let mut facts = Facts::default();
        facts.set("owner", owner, Origin::Producer);
        exchange.objects = vec![Known { resource: "Order".into(), id: id.into(), facts }];
        assert_eq!(left(check.on_response_body(&exchange, &Answers::default()), body), seen, "{id} {owner}");
    }
}

#[test]
fn items_of_a_list_are_held_to_the_rules_of_their_type() {
    let check: ShownProperties = table().prepare("listOrders");
    let body = format!(r#"{{"data":[{ORDER},{ORDER}],"total":2}}"#);
    let step =
        check.on_response_body(&answered(subject("8", &[], &[]), 200, JSON, &body), &Answers::default());
    let seen = r#"{"id":1,"card":{"last4":"1"}}"#;
    assert_eq!(left(step, &body), format!(r#"{{"data":[{seen},{seen}],"total":2}}"#));
}

#[test]
fn an_answer_that_cannot_be_read_does_not_pass() {
    let check: ShownProperties = table().prepare("getOrder");
    assert_eq!(check.response_body(), BodyNeed::Whole);
    let cannot = "the answer's media type, charset or coding cannot be filtered";
    for (status, headers, body, said) in [
        (200, &[("content-type", "text/html")][..], "<p>", cannot),
        (200, &[], "{}", cannot),
        (200, &[("content-type", "application/json; charset=utf-16")], "{}", cannot),
        (200, &[("content-type", "application/json"), ("content-encoding", "gzip")], "{}", cannot),
        (200, &[("content-type", "application/json"), ("content-type", "text/plain")], "{}", cannot),
        (200, &[("content-type", "application/x-ndjson")], "{}\n{}", cannot),
        (200, &[("content-type", "text/event-stream")], "data: {}", cannot),
        (206, JSON, "{}", "the answer is a part of one"),
        (200, JSON, r#"{"id":1,"id":2}"#, "the answer is not well-formed JSON"),
        (200, JSON, "\u{feff}{}", "the answer is not well-formed JSON"),
        (200, JSON, "{} {}", "the answer is not well-formed JSON"),
        (200, JSON, r#""text""#, "Order: there is no object where one is declared"),
    ] {
        let exchange = answered(subject("7", &["admin"], &[]), status, headers, body);
        let step = check.on_response_body(&exchange, &Answers::default());
        assert_eq!(left(step, body), format!("response_unfilterable ({said})"), "{headers:?} {body}");
    }
}

#[test]
fn without_anybody_to_show_it_to_nothing_is_shown() {
    let check: ShownProperties = table().prepare("getOrder");
    let mut exchange = answered(subject("7", &[], &[]), 200, JSON, ORDER);
    exchange.subject = None;
    assert!(left(check.on_response_body(&exchange, &Answers::default()), "").starts_with("fail"));
}

#[test]
fn empty_answers_and_errors_are_for_others() {
    let check: ShownProperties = table().prepare("getOrder");
    for (status, body) in [(204, ""), (200, ""), (404, r#"{"margin":1}"#), (302, "moved")] {
        let exchange = answered(subject("7", &[], &[]), status, JSON, body);
        assert_eq!(left(check.on_response_body(&exchange, &Answers::default()), body), body);
    }
}

#[test]
fn nobody_owns_nothing() {
    let body = r#"{"id":1,"user_id":"","org":"acme"}"#;
    assert_eq!(shown(subject("", &[], &[]), body), r#"{"id":1}"#);
    let check: ShownProperties = table().prepare("getOrder");
    let body = r#"{"id":1,"org":"acme"}"#;
    let mut exchange = answered(subject("", &[], &[]), 200, JSON, body);
    let mut facts = Facts::default();
    facts.set("owner", "", Origin::Producer);
    exchange.objects = vec![Known { resource: "Order".into(), id: "1".into(), facts }];
    assert_eq!(left(check.on_response_body(&exchange, &Answers::default()), body), r#"{"id":1}"#);
}
