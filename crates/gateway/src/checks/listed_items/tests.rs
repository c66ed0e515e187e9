#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::ListedItems;
use crate::check::Check;
use crate::checks::protected::{JSON, answered, left, subject, table};
use crate::question::Answers;

const ORDERS: &str = r#"{"data":[{"id":1,"user_id":7,"org":"acme"},{"id":2,"user_id":8,"org":"acme"},{"id":3,"user_id":7,"org":"evil"},{"id":4,"user_id":"7","org":"acme"},{"id":5,"org":"acme"},{"id":6,"user_id":7}],"total":600,"next":"c2"}"#;

fn listed(operation: &str, body: &str) -> String {
    let check: ListedItems = table().prepare(operation);
    left(
        check.on_response_body(&answered(subject("7", &[], &[]), 200, JSON, body), &Answers::default()),
        body,
    )
}

#[test]
fn only_items_of_the_caller_are_left_and_the_count_is_theirs() {
    let left =
        r#"{"data":[{"id":1,"user_id":7,"org":"acme"},{"id":4,"user_id":"7","org":"acme"}],"total":2}"#;
    assert_eq!(listed("listOrders", ORDERS), left);
}

#[test]
fn a_list_that_is_not_to_be_filtered_passes_whole_or_not_at_all() {
    let own = r#"{"data":[{"id":1,"user_id":7,"org":"acme"}],"total":600}"#;
    assert_eq!(listed("allOrders", own), own);
    let refused = "response_unfilterable (the list holds items that are not the caller's)";
    assert_eq!(listed("allOrders", ORDERS), refused);
}

#[test]
fn an_object_where_a_list_is_declared_does_not_pass() {
    let refused = "response_unfilterable (Order: there is no array where the list is declared)";
    for body in [r#"{"id":1,"user_id":7,"org":"acme"}"#, "[]", r#"{"data":{"0":{"id":2}}}"#] {
        assert_eq!(listed("listOrders", body), refused, "{body}");
    }
}

#[test]
fn items_that_are_no_objects_are_nobodys() {
    assert_eq!(listed("listOrders", r#"{"data":[1,"x",null,[]],"total":4}"#), r#"{"data":[],"total":0}"#);
}

#[test]
fn items_whose_tenant_or_owner_is_empty_are_nobodys() {
    let check: ListedItems = table().prepare("listOrders");
    let body = r#"{"data":[{"id":1,"user_id":"","org":""},{"id":2,"user_id":"","org":"acme"}],"total":2}"#;
    for name in ["7", ""] {
        let mut nobody = policy::decide::Subject::clone(&subject(name, &[], &[]));
        nobody.tenant = if name.is_empty() { "".into() } else { "acme".into() };
        let exchange = answered(std::sync::Arc::new(nobody), 200, JSON, body);
        let step = check.on_response_body(&exchange, &Answers::default());
        assert_eq!(left(step, body), r#"{"data":[],"total":0}"#, "{name}");
    }
}
