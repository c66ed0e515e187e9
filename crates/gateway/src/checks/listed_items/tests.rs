#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;

use super::ListedItems;
use crate::check::{BodyNeed, Check};
use crate::checks::protected::{BINDINGS, JSON, answered, left, subject, table, writing};
use crate::fixtures::stage::authorize_by;
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

#[test]
fn policies_of_a_list_see_what_its_request_writes() {
    let mut table = table();
    let own = r#"forbid (principal, action, resource is Order) when { context.written.contains("note") };"#;
    let policies = [("own.cedar".into(), Bytes::from(format!("{}{own}", policy::cedar::BUILT_IN)))];
    let description = std::sync::Arc::clone(&table.api().description);
    table.api().authorization = Some(authorize_by(BINDINGS, &policies, &description).unwrap());
    let check: ListedItems = table.prepare("listOrders");
    assert_eq!(check.request_body(), Some(BodyNeed::Whole));
    for (body, total) in [(r#"{"page":1}"#, 2), (r#"{"note":"x"}"#, 0)] {
        let mut exchange = writing(subject("7", &[], &[]), "application/json", body);
        exchange.response = answered(subject("7", &[], &[]), 200, JSON, ORDERS).response;
        let left = left(check.on_response_body(&exchange, &Answers::default()), ORDERS);
        assert!(left.ends_with(&format!("\"total\":{total}}}")), "{left}");
    }
}
