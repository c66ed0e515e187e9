#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use bytes::Bytes;

use super::{Query, parse::query};
use crate::document::{Arena, Node, NodeId};

fn arena(text: &'static str) -> (Arena, NodeId) {
    let tape = tape::json::parse(Bytes::from(text), &tape::Limits::document()).unwrap();
    let mut arena = Arena::default();
    let file = arena.add_file(Arc::from("a.json"), Bytes::from(text)).unwrap();
    let root = arena.graft(file, &tape);
    (arena, root)
}

fn select(expression: &str, arena: &Arena, root: NodeId) -> Vec<String> {
    let query = Query::parse(expression).unwrap_or_else(|fault| panic!("{expression}: {fault:?}"));
    let selected = query.run(arena, root).unwrap();
    selected.into_iter().map(|id| Node::new(arena, id).path()).collect()
}

/// The document of RFC 9535 section 1.5, with what its other tables need.
const STORE: &str = r#"{"store":{"book":[
{"category":"reference","author":"Nigel Rees","title":"Sayings of the Century","price":8.95},
{"category":"fiction","author":"Evelyn Waugh","title":"Sword of Honour","price":12.99},
{"category":"fiction","author":"Herman Melville","title":"Moby Dick","isbn":"0-553-21311-3","price":8.99},
{"category":"fiction","author":"J. R. R. Tolkien","title":"The Lord of the Rings","isbn":"0-395-19395-8","price":22.99}],
"bicycle":{"color":"red","price":399}},"x-flag":true,"o":{"j j":{"k.k":3}},"a":["a","b","c","d","e","f","g"],"n":null}"#;

#[test]
fn selects_what_rfc_9535_says() {
    let (arena, root) = arena(STORE);
    let book = |at: &[usize]| at.iter().map(|at| format!("/store/book/{at}")).collect::<Vec<_>>();
    let items = |at: &[usize]| at.iter().map(|at| format!("/a/{at}")).collect::<Vec<_>>();
    let table: Vec<(&str, Vec<String>)> = vec![
        ("$", vec![String::new()]),
        ("$.store.book[*].author", (0..4).map(|at| format!("/store/book/{at}/author")).collect()),
        ("$..author", (0..4).map(|at| format!("/store/book/{at}/author")).collect()),
        ("$.store.*", vec!["/store/book".into(), "/store/bicycle".into()]),
        ("$..book[2]", book(&[2])),
        ("$..book[-1]", book(&[3])),
        ("$..book[9]", vec![]),
        ("$..book[0,1]", book(&[0, 1])),
        ("$..book[:2]", book(&[0, 1])),
        ("$..book[?@.isbn]", book(&[2, 3])),
        ("$..book[?(@.isbn)]", book(&[2, 3])),
        ("$..book[?!@.isbn]", book(&[0, 1])),
        ("$..book[?@.price<10]", book(&[0, 2])),
        ("$..book[?@.price >= 12.99 && @.category == 'fiction']", book(&[1, 3])),
        ("$..book[?@.price > 20 || @.title == \"Moby Dick\"]", book(&[2, 3])),
        ("$..book[?!(@.category == 'fiction')]", book(&[0])),
        ("$..book[?@.category != 'fiction']", book(&[0])),
        ("$..book[?match(@.author, '.*Waugh')]", book(&[1])),
        ("$..book[?match(@.author, 'Waugh')]", vec![]),
        ("$..book[?search(@.author, 'Waugh')]", book(&[1])),
        ("$..book[?length(@.title) == 9]", book(&[2])),
        ("$..book[?count(@.*) > 4]", book(&[2, 3])),
        ("$..book[?@.price == value($..bicycle.price)]", vec![]),
        ("$.store[?@.price == $.store.bicycle.price]", vec!["/store/bicycle".into()]),
        ("$[?@ == null]", vec!["/n".into()]),
        ("$[?@ == true]", vec!["/x-flag".into()]),
        ("$.o['j j']['k.k']", vec!["/o/j j/k.k".into()]),
        ("$ .o [\"j j\"] [ 'k.k' ]", vec!["/o/j j/k.k".into()]),
        ("$.x-flag", vec!["/x-flag".into()]),
        ("$['\\u0061'][1:3]", items(&[1, 2])),
        ("$.a[5:]", items(&[5, 6])),
        ("$.a[1:5:2]", items(&[1, 3])),
        ("$.a[5:1:-2]", items(&[5, 3])),
        ("$.a[::-1]", items(&[6, 5, 4, 3, 2, 1, 0])),
        ("$.a[::0]", vec![]),
        ("$.a[?@ > 'e']", items(&[5, 6])),
        ("$['a','a'][0]", items(&[0])),
        ("$.nothing", vec![]),
    ];
    for (expression, expected) in table {
        assert_eq!(select(expression, &arena, root), expected, "{expression}");
    }
}

#[test]
fn refuses_what_is_not_a_jsonpath() {
    for expression in [
        "",
        "store",
        "$.",
        "$..",
        "$[",
        "$[]",
        "$.paths./users",
        "$['a'",
        "$['a]",
        "$[01]",
        "$[-0]",
        "$[1.5]",
        "$[?]",
        "$[?@.a ==]",
        "$[?@.* == 1]",
        "$[?(@.a]",
        "$[?!@.a == 1]",
        "$ ",
        "$.a b",
        "$['\\x']",
        "$['\\ud800']",
        "$[?1]",
        "$[9007199254740992]",
    ] {
        assert!(Query::parse(expression).is_err(), "{expression}");
    }
    assert!(query(&format!("$[?{}", "(".repeat(100_000))).is_err());
    assert!(query(&format!("$[?{}", "!".repeat(100_000))).is_err());
    assert!(query(&format!("$[?{}", "@[?".repeat(100_000))).is_err());
    assert!(query(&format!("$[?{}", "length(".repeat(100_000))).is_err());
}

#[test]
fn a_query_that_takes_too_long_is_given_up() {
    let (arena, root) = arena(STORE);
    let endless = Query::parse("$..[?$..[?$..[?$..[?$..[?$..*]]]]]").unwrap();
    assert_eq!(endless.run(&arena, root).unwrap_err().why, "it takes too many steps");
}
