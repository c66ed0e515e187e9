//! Aliases and merge keys.

use bytes::Bytes;
use serde_json::json;

use super::{fault, read, value};
use crate::yaml::parse;
use crate::{FaultKind, Limits};

#[test]
fn aliases_are_values_of_their_own() {
    let text = "a: &x {k: [1, 2]}\nb: *x\nc: [*x, &y 5, *y]\n? &n name\n: *n\n*n2 : 0\n";
    assert_eq!(fault(text), FaultKind::Alias);
    let text = "a: &x {k: [1, 2]}\nb: *x\nc: [*x, &y 5, *y]\n? &n name\n: *n\n";
    let tape = read(text).unwrap();
    assert_eq!(
        tape.root().to_value(),
        json!({"a": {"k": [1, 2]}, "b": {"k": [1, 2]}, "c": [{"k": [1, 2]}, 5, 5], "name": "name"})
    );
    assert_eq!(tape.root().get("b").unwrap().raw(), "*x");
    assert_eq!(tape.root().pointer("/b/k").unwrap().raw(), "[1, 2]");
    assert_ne!(tape.root().pointer("/a/k").unwrap().id(), tape.root().pointer("/b/k").unwrap().id());
}

#[test]
fn an_alias_may_be_a_name_when_it_is_a_scalar() {
    assert_eq!(value("a: &x key\n*x : 1\n"), json!({"a": "key", "key": 1}));
    assert_eq!(value("a: &x 5\n*x : 1\n"), json!({"a": 5, "5": 1}));
    assert_eq!(fault("a: &x [1]\n*x : 1\n"), FaultKind::Key);
    assert_eq!(fault("a: &x a\n*x : 1\n"), FaultKind::DuplicateMember);
}

#[test]
fn an_alias_to_what_encloses_it_is_refused() {
    assert_eq!(fault("a: &x [1, *x]\n"), FaultKind::Alias);
    assert_eq!(fault("&x a: {b: &y {c: *y}}\n"), FaultKind::Alias);
}

#[test]
fn a_merged_member_gives_way_to_an_own_one_and_to_an_earlier_merged_one() {
    let base = "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\n";
    assert_eq!(value(&format!("{base}v: {{<<: *b, x: 9}}"))["v"], json!({"x": 9, "y": 2}));
    assert_eq!(value(&format!("{base}v: {{x: 9, <<: *b}}"))["v"], json!({"x": 9, "y": 2}));
    assert_eq!(value(&format!("{base}v: {{<<: [*b, *m]}}"))["v"], json!({"x": 1, "y": 2, "z": 4}));
    assert_eq!(value(&format!("{base}v: {{<<: {{q: 1}}}}"))["v"], json!({"q": 1}));
    assert_eq!(value(&format!("{base}v: {{<<: {{<<: *b, y: 7}}}}"))["v"], json!({"x": 1, "y": 7}));
    // Quoted, it is a name like any other.
    assert_eq!(value("{'<<': 1}"), json!({"<<": 1}));
}

#[test]
fn a_merge_leaves_no_trace_in_lengths_and_lookups() {
    let tape = read("b: &b {x: 1, y: {k: v}}\nv:\n  <<: *b\n  own: 2\nw: &w\n  <<: *b\nu: *w\n").unwrap();
    let v = tape.root().get("v").unwrap();
    assert_eq!(v.len(), 3);
    assert_eq!(v.members().map(|member| member.key).collect::<Vec<_>>(), ["own", "x", "y"]);
    assert!(v.get("<<").is_none());
    assert_eq!(v.pointer("/y/k").unwrap().as_str(), Some("v"));
    assert_eq!(tape.root().get("u").unwrap().to_value(), json!({"x": 1, "y": {"k": "v"}}));
    // What stands behind is found behind.
    assert_eq!(tape.root().members().count(), 4);
}

#[test]
fn merging_what_is_no_mapping_is_refused() {
    for text in ["{<<: 1}", "{<<: [1]}", "{<<: ~}", "a: &a [1]\nb: {<<: *a}"] {
        assert_eq!(fault(text), FaultKind::Merge, "{text}");
    }
    assert_eq!(fault("{<<: {a: 1}, <<: {b: 2}}"), FaultKind::DuplicateMember);
}

#[test]
fn a_merge_of_many_members_keeps_them_apart() {
    let base: String = (0..100).map(|at| format!("  k{at}: {at}\n")).collect();
    let own: String = (50..150).map(|at| format!("  k{at}: own\n")).collect();
    let tape = read(&format!("base: &b\n{base}v:\n  <<: *b\n{own}")).unwrap();
    let v = tape.root().get("v").unwrap();
    assert_eq!(v.len(), 150);
    assert_eq!(v.get("k49").unwrap().as_u64(), Some(49));
    assert_eq!(v.get("k50").unwrap().as_str(), Some("own"));
    assert_eq!(tape.root().get("base").unwrap().get("k99").unwrap().as_u64(), Some(99));
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = level - 1;
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{before}"); 10].join(", "));
    }
    assert_eq!(fault(&bomb), FaultKind::ValuesMax);
    let document = parse(Bytes::from(bomb), &Limits::document()).unwrap_err();
    assert_eq!(document.kind, FaultKind::Alias);
}

#[test]
fn aliases_that_nest_count_towards_the_depth() {
    let mut deep = "a0: &a0 [[[[x]]]]\n".to_owned();
    for level in 1..40 {
        deep += &format!("a{level}: &a{level} [[[[*a{}]]]]\n", level - 1);
    }
    assert_eq!(fault(&deep), FaultKind::DepthMax);
}
