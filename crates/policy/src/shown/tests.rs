#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;

use super::{Cuts, Misshapen, list, objects, written_objects};
use crate::bindings::{List, Properties};
use crate::path::Path;
use crate::properties::tests::{lists, subject};
use crate::properties::{Guard, Rules};

fn parse(text: &str) -> tape::Tape {
    tape::json::parse(Bytes::copy_from_slice(text.as_bytes()), &tape::Limits::default()).unwrap()
}

/// What is left, which has to be JSON.
fn applied(text: &str, cuts: Cuts) -> String {
    let mut left = String::new();
    let mut at = 0;
    for (range, with) in cuts.into_ranges() {
        left.push_str(&text[at..range.start]);
        left.push_str(std::str::from_utf8(&with).unwrap());
        at = range.end;
    }
    left.push_str(&text[at..]);
    serde_json::from_str::<serde_json::Value>(&left).unwrap_or_else(|fault| panic!("{left}: {fault}"));
    left
}

fn shown(text: &str, read: &[&str]) -> String {
    let properties = Properties { read: Some(lists(&[("default", read)])), ..Properties::default() };
    let rules = Rules::reading(Some(&properties), Guard::default());
    let (subject, mut cuts) = (subject(&[], &[]), Cuts::default());
    cuts.properties(parse(text).root(), &rules.allowance(&subject, false));
    applied(text, cuts)
}

#[test]
fn hidden_properties_go_with_their_commas_wherever_they_stand() {
    let text = r#"{"a":1, "b": {"x":1,"y":[2]} ,"c":"s","d":[]}"#;
    for (read, left) in [
        (&["a", "b", "c", "d"][..], text),
        (&["a"], r#"{"a":1}"#),
        (&["d"], r#"{"d":[]}"#),
        (&["b"], r#"{"b": {"x":1,"y":[2]}}"#),
        (&["b.y", "d"], r#"{"b": {"y":[2]} ,"d":[]}"#),
        (&["a", "c"], r#"{"a":1 ,"c":"s"}"#),
        (&[], "{}"),
    ] {
        let got: serde_json::Value = serde_json::from_str(&shown(text, read)).unwrap();
        let expected: serde_json::Value = serde_json::from_str(left).unwrap();
        assert_eq!(got, expected, "{read:?}");
    }
}

#[test]
fn escaped_names_are_the_names_they_mean() {
    assert_eq!(shown(r#"{"pass\u0077ord":"x","id":1}"#, &["id"]), r#"{"id":1}"#);
}

#[test]
fn arrays_of_objects_are_objects_and_scalars_are_not_what_is_below_them() {
    assert_eq!(shown(r#"{"a":[{"x":1,"y":2},{"y":3}]}"#, &["a.x"]), r#"{"a":[{"x":1},{}]}"#);
    assert_eq!(shown(r#"{"a":"secret"}"#, &["a.x"]), "{}");
    assert_eq!(shown(r#"{"a":["secret",{"x":1}]}"#, &["a.x"]), "{}");
    assert_eq!(shown(r#"{"a":null}"#, &["a.x"]), r#"{"a":null}"#);
    assert_eq!(shown(r#"[{"x":1,"y":2}]"#, &["x"]), r#"[{"x":1}]"#);
}

fn orders(filter: bool) -> List {
    List {
        kind: "Order".into(),
        items: Path::parse("$.data[*]").unwrap(),
        filter,
        total: Some(Path::parse("$.meta.total").unwrap()),
        drop: vec![Path::parse("$.meta.next").unwrap(), Path::parse("$.facets").unwrap()],
        overfetch: None,
    }
}

fn filtered(text: &str, own: &str) -> Result<String, Misshapen> {
    let tape = parse(text);
    let cuts =
        list(tape.root(), &orders(true), &mut |item| item.get("o").and_then(|o| o.as_str()) == Some(own))?;
    Ok(applied(text, cuts))
}

#[test]
fn foreign_items_go_and_counts_and_cursors_say_nothing_of_them() {
    let text = r#"{"data":[{"o":"b"},{"o":"a"},{"o":"b"},{"o":"a","n":2},{"o":"c"}],"meta":{"total":99,"next":"c2"},"facets":{"b":2}}"#;
    let left = filtered(text, "a").unwrap();
    assert_eq!(left, r#"{"data":[{"o":"a"},{"o":"a","n":2}],"meta":{"total":2}}"#);
    assert_eq!(filtered(text, "z").unwrap(), r#"{"data":[],"meta":{"total":0}}"#);
}

#[test]
fn a_list_of_another_shape_cannot_be_filtered() {
    for (text, fault) in [
        (r#"{"data":{"0":{"o":"b"}}}"#, Misshapen::NoArray),
        (r#"{"items":[]}"#, Misshapen::NoArray),
        ("[]", Misshapen::NoArray),
        (r#"{"data":[],"meta":{"total":"9"}}"#, Misshapen::NoCount),
    ] {
        assert_eq!(filtered(text, "a").unwrap_err(), fault, "{text}");
    }
}

#[test]
fn a_property_within_an_item_that_goes_is_not_cut_twice() {
    let text = r#"[{"o":"b","s":1},{"o":"a","s":2}]"#;
    let tape = parse(text);
    let properties = Properties { read: Some(lists(&[("default", &["o"])])), ..Properties::default() };
    let rules = Rules::reading(Some(&properties), Guard::default());
    let (subject, mut cuts) = (subject(&[], &[]), Cuts::default());
    cuts.properties(tape.root(), &rules.allowance(&subject, false));
    cuts.items(tape.root(), |index, _| index == 1);
    assert_eq!(applied(text, cuts), r#"[{"o":"a"}]"#);
}

#[test]
fn a_representation_that_is_no_object_is_a_fault() {
    let at = Path::parse("$.user").unwrap();
    assert_eq!(objects(parse(r#"{"user":{}}"#).root(), &at).unwrap().len(), 1);
    assert_eq!(objects(parse(r#"{"user":[{},{}]}"#).root(), &at).unwrap().len(), 2);
    assert_eq!(objects(parse(r#"{"user":null}"#).root(), &at).unwrap().len(), 0);
    assert_eq!(objects(parse("{}").root(), &at).unwrap().len(), 0);
    for (at, text) in [
        ("$.user", r#"{"user":"x"}"#),
        ("$.user", "[]"),
        ("$[*]", r#"{"user":{}}"#),
        ("$.data[*]", r#"{"data":{"id":1}}"#),
        ("$.data[*].user", r#"{"data":["x"]}"#),
    ] {
        let at = Path::parse(at).unwrap();
        assert_eq!(objects(parse(text).root(), &at).unwrap_err(), Misshapen::NoObject, "{text}");
    }
}

#[test]
fn what_a_request_writes_stands_where_it_is_declared_and_nowhere_else() {
    let count = |at: &str, text: &str| {
        written_objects(parse(text).root(), &Path::parse(at).unwrap(), &crate::Declared::new(None, &[]))
            .map(|objects| objects.len())
    };
    for (at, text, expected) in [
        ("$", r#"{"a":1}"#, Ok(1)),
        ("$", r#"[{},{}]"#, Ok(2)),
        ("$", "null", Ok(0)),
        ("$", "7", Err(Misshapen::NoObject)),
        ("$.order", r#"{"order":{}}"#, Ok(1)),
        ("$.order", r#"{"order":{},"Order":{}}"#, Err(Misshapen::Disguised)),
        ("$.order", r#"{"ORDER":{}}"#, Err(Misshapen::Disguised)),
        ("$.new_order", r#"{"newOrder":{}}"#, Err(Misshapen::Disguised)),
        ("$.order.line", r#"{"order":{"line":{},"Line":{}}}"#, Err(Misshapen::Disguised)),
        // Some services take what stands beside it for the object itself.
        ("$.order", r#"{"user_id":8}"#, Err(Misshapen::NoObject)),
        ("$.order", r#"{"order":null,"user_id":8}"#, Err(Misshapen::NoObject)),
        ("$.order", "{}", Err(Misshapen::NoObject)),
        ("$.order", "null", Err(Misshapen::NoObject)),
        ("$.orders[*]", r#"{"orders":[]}"#, Ok(0)),
        ("$.orders[*]", r#"{"orders":[{},{}]}"#, Ok(2)),
        ("$.orders[*].of", r#"{"orders":[{}]}"#, Err(Misshapen::NoObject)),
    ] {
        assert_eq!(count(at, text), expected, "{at} {text}");
    }
}
