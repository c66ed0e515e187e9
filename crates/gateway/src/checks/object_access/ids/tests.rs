#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use policy::Path;
use policy::bindings::IdPlace;

use super::{Fault, values, was_there};
use crate::checks::media_type::tests::sent;
use crate::exchange::{Exchange, OpenedId};
use crate::objects::ObjectName;

fn at(place: &IdPlace, exchange: &Exchange) -> Result<Vec<String>, Fault> {
    values(place, exchange).map(|ids| ids.iter().map(ToString::to_string).collect())
}

fn with_query(query: &str) -> Exchange {
    let mut exchange = sent(&[], None);
    exchange.route.query = Some(query.to_owned());
    exchange
}

#[test]
fn an_id_in_the_query_is_there_once_and_under_its_own_name() {
    let place = IdPlace::Query("id".into());
    assert_eq!(at(&place, &with_query("a=1&id=7&b=2")), Ok(vec!["7".to_owned()]));
    assert_eq!(at(&place, &with_query("%69d=a%20b")), Ok(vec!["a b".to_owned()]));
    for query in
        ["id=7&id=8", "id=7&ID=8", "id=7&id[]=8", "id[0]=8", "id=7&id.x=8", "id=7;id=8", "Id=7", "id=7&_id=8"]
    {
        assert_eq!(at(&place, &with_query(query)), Err(Fault::Several), "{query}");
    }
    let place = IdPlace::Query("order_id".into());
    for query in ["order_id=7&orderId=8", "order_id=7&order-id=8", "order_id=7&order.id=8"] {
        assert_eq!(at(&place, &with_query(query)), Err(Fault::Several), "{query}");
    }
    assert_eq!(at(&place, &with_query("order_id=7&order[x]=8")), Ok(vec!["7".to_owned()]));
    let place = IdPlace::Query("id".into());
    assert_eq!(at(&place, &with_query("a=1")), Err(Fault::Missing));
    assert_eq!(at(&place, &with_query("id=")), Err(Fault::Odd));
    assert_eq!(at(&place, &with_query("id=7%00")), Err(Fault::Odd));
    assert_eq!(at(&place, &with_query("id=%ff")), Err(Fault::Unreadable));
}

#[test]
fn an_id_in_a_header_or_cookie_is_there_once() {
    let header = IdPlace::Header("x-order".into());
    assert_eq!(at(&header, &sent(&[("x-order", " 7 ")], None)), Ok(vec!["7".to_owned()]));
    assert_eq!(at(&header, &sent(&[("x-order", "7"), ("x-order", "8")], None)), Err(Fault::Several));
    assert_eq!(at(&header, &sent(&[("x-order", "7, 8")], None)), Err(Fault::Several));
    let cookie = IdPlace::Cookie("order".into());
    assert_eq!(at(&cookie, &sent(&[("cookie", "a=1; order=7")], None)), Ok(vec!["7".to_owned()]));
    assert_eq!(at(&cookie, &sent(&[("cookie", "order=7; order=8")], None)), Err(Fault::Several));
    assert_eq!(
        at(&cookie, &sent(&[("cookie", "order=7"), ("cookie", "Order=8")], None)),
        Err(Fault::Several)
    );
}

#[test]
fn every_id_of_a_body_is_found_and_none_is_left_out() {
    let json = |path: &str, body: &str| {
        let exchange = sent(&[("content-type", "application/json")], Some(body));
        at(&IdPlace::Body(Path::parse(path).unwrap()), &exchange)
    };
    assert_eq!(json("$.id", r#"{"id":7}"#), Ok(vec!["7".to_owned()]));
    assert_eq!(json("$.a[*].id", r#"{"a":[{"id":1},{"id":"x"}]}"#), Ok(vec!["1".to_owned(), "x".to_owned()]));
    assert_eq!(json("$.a[*].id", r#"{"a":[{"id":1},{}]}"#), Err(Fault::Missing));
    assert_eq!(json("$.a[*].id", r#"{"a":[{"id":1},7]}"#), Err(Fault::NotScalar));
    assert_eq!(json("$.a[*]", r#"{"a":"7"}"#), Err(Fault::NotScalar));
    assert_eq!(json("$.a[*]", r#"{"a":[]}"#), Err(Fault::Missing));
    assert_eq!(json("$.id", r#"{"id":null}"#), Err(Fault::Missing));
    assert_eq!(json("$.id", r#"{"id":1.5}"#), Err(Fault::NotScalar));
    assert_eq!(json("$.id", r#"{"id":{"$gt":""}}"#), Err(Fault::NotScalar));
    assert_eq!(json("$.id", r#"{"id":7,"ID":8}"#), Err(Fault::Several));
    assert_eq!(json("$.id", r#"{"id":7,"\u0131d":8}"#), Err(Fault::Several), "a dotless i");
    assert_eq!(json("$.of_id", r#"{"of_id":7,"ofId":8}"#), Err(Fault::Several));
    assert_eq!(json("$.pay.id", r#"{"pay":{"id":7},"Pay":{"id":8}}"#), Err(Fault::Several));
    for odd in ["true", "7.0", "1e1", "-7.0", "[7]", r#"{"$ne":1}"#] {
        assert_eq!(json("$.id", &format!(r#"{{"id":{odd}}}"#)), Err(Fault::NotScalar), "{odd}");
    }
    assert_eq!(json("$.id", r#"{"id":7,"id":8}"#), Err(Fault::Unreadable));
    assert_eq!(json("$.id", "[7]"), Err(Fault::NotScalar));
    assert_eq!(json("$.id", "id=7"), Err(Fault::Unreadable));
}

#[test]
fn a_name_that_is_declared_beside_the_id_is_no_second_one() {
    let mut table = crate::checks::protected::table();
    let description = std::sync::Arc::clone(&table.api().description);
    let id = |body: &str, operation: &str| {
        let mut exchange = sent(&[("content-type", "application/json")], Some(body));
        exchange.route.operation =
            description.operations.iter().find(|known| &*known.id == operation).cloned();
        at(&IdPlace::Body(Path::parse("$.id").unwrap()), &exchange)
    };
    let linked = r#"{"@id":"/orders/1","id":1}"#;
    assert_eq!(id(linked, "putOrder"), Ok(vec!["1".to_owned()]));
    assert_eq!(id(linked, "getOrder"), Err(Fault::Several), "it is not declared there");
    assert_eq!(id(r#"{"_id":"2","id":1}"#, "putOrder"), Err(Fault::Several));
    assert_eq!(id(r#"{"@id":"/orders/1"}"#, "putOrder"), Err(Fault::Missing));
    assert_eq!(id(r#"{"id":null,"_id":1}"#, "putOrder"), Err(Fault::Several));
}

#[test]
fn a_form_has_its_id_once() {
    let form = |body: &str| {
        let exchange = sent(&[("content-type", "application/x-www-form-urlencoded")], Some(body));
        at(&IdPlace::Body(Path::parse("$.id").unwrap()), &exchange)
    };
    assert_eq!(form("id=7&a=1"), Ok(vec!["7".to_owned()]));
    assert_eq!(form("id=7&id=8"), Err(Fault::Several));
    let other = sent(&[("content-type", "text/plain")], Some("7"));
    assert_eq!(at(&IdPlace::Body(Path::parse("$.id").unwrap()), &other), Err(Fault::Unreadable));
}

#[test]
fn what_the_request_named_was_there_before() {
    let mut exchange = sent(&[], None);
    let known =
        policy::Known { resource: "Article".into(), id: "a1".into(), facts: policy::Facts::default() };
    exchange.objects.push(known);
    exchange.opened.push(OpenedId { kind: "Client".into(), id: "c1".into(), sealed: "cli_x".into() });
    let was_there = |kind, id| was_there(&[], &exchange, ObjectName { kind, id });
    assert!(was_there("Article", "a1") && was_there("Client", "c1"));
    assert!(!was_there("Comment", "a1") && !was_there("Article", "a2") && !was_there("Client", "a1"));
}
