#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod agreement;
mod corpus;
mod limits;
mod syntax;

use bytes::Bytes;

use crate::json::parse;
use crate::{Fault, FaultKind, Kind, Limits, Tape, View};

fn read(text: &str) -> Result<Tape, Fault> {
    parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
}

fn fault(text: &str) -> (FaultKind, usize) {
    let fault = read(text).err().unwrap_or_else(|| panic!("accepted: {text}"));
    (fault.kind, fault.offset)
}

#[test]
fn every_value_has_its_span_and_its_decoded_content() {
    let text = r#" {"a" : [1, -2.5e3 ,true], "b\n": {"c":"x\u00e9y"}, "":null} "#;
    let tape = read(text).unwrap();
    let root = tape.root();
    assert_eq!(root.kind(), Kind::Object);
    assert_eq!(root.span(), 1..text.len() - 1);
    assert_eq!(root.len(), 3);
    assert_eq!(tape.len(), 8);
    let a = root.get("a").unwrap();
    assert_eq!(a.raw(), "[1, -2.5e3 ,true]");
    assert_eq!(a.items().map(|item| item.raw()).collect::<Vec<_>>(), ["1", "-2.5e3", "true"]);
    assert_eq!(a.index(1).unwrap().as_f64(), Some(-2500.0));
    assert_eq!(a.index(1).unwrap().as_i64(), None);
    assert_eq!(a.index(0).unwrap().as_u64(), Some(1));
    let b = root.get("b\n").unwrap();
    assert_eq!(b.get("c").unwrap().as_str(), Some("xéy"));
    assert_eq!(b.get("c").unwrap().raw(), r#""x\u00e9y""#);
    let keys: Vec<_> = root.members().map(|member| (member.key, &text[member.key_span()])).collect();
    assert_eq!(keys, [("a", "\"a\""), ("b\n", "\"b\\n\""), ("", "\"\"")]);
    assert!(root.get("").unwrap().is_null());
    assert!(root.get("absent").is_none());
}

#[test]
fn pointers_follow_rfc_6901() {
    let tape = read(r#"{"a/b":{"m~n":[10,20]},"":1,"~1":2}"#).unwrap();
    let root = tape.root();
    assert_eq!(root.pointer("").unwrap().id(), root.id());
    assert_eq!(root.pointer("/a~1b/m~0n/1").unwrap().as_u64(), Some(20));
    assert_eq!(root.pointer("/").unwrap().as_u64(), Some(1));
    assert_eq!(root.pointer("/~01").unwrap().as_u64(), Some(2));
    for none in ["a", "/a~1b/m~0n/01", "/a~1b/m~0n/-", "/a~1b/m~0n/2", "/~2", "/~", "/a~1b/m~0n/0/0"] {
        assert!(root.pointer(none).is_none(), "{none}");
    }
}

#[test]
fn ids_lead_back_to_values_and_never_to_names() {
    let tape = read(r#"{"a":[true,{"b":"c"}]}"#).unwrap();
    let mut found = 0;
    for id in 0..100 {
        if let Some(node) = tape.node(id) {
            assert_eq!(node.id(), id);
            found += 1;
        }
    }
    assert_eq!(found, tape.len());
}

#[test]
fn debug_output_has_no_content() {
    let tape = read(r#"{"password":"hunter2"}"#).unwrap();
    let member = tape.root().members().next().unwrap();
    let shown = format!("{tape:?} {:?} {member:?}", tape.root());
    assert!(!shown.contains("hunter2") && !shown.contains("password"), "{shown}");
}

#[test]
fn a_fault_says_the_rule_and_the_byte_and_nothing_of_the_text() {
    let fault = read(r#"{"secret":1,"secret":2}"#).unwrap_err();
    assert_eq!(fault.to_string(), "a member name is repeated, at byte 12");
}

#[test]
fn a_view_is_kind_and_content() {
    let tape = read(r#"[null, true, false, -1.5, "\u0061b", [1, 2], {"k": 3}]"#).unwrap();
    let told: Vec<String> = tape
        .root()
        .items()
        .map(|item| match item.view() {
            View::Null => "null".to_owned(),
            View::Bool(value) => value.to_string(),
            View::Number(text) => format!("number {text}"),
            View::String(text) => format!("string {text}"),
            View::Array(items) => items.map(|item| item.raw()).collect::<Vec<_>>().join(" "),
            View::Object(members) => members.map(|m| format!("{}={}", m.key, m.value.raw())).collect(),
        })
        .collect();
    assert_eq!(told, ["null", "true", "false", "number -1.5", "string ab", "1 2", "k=3"]);
}
