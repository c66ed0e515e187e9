#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod corpus;
mod expansion;

use bytes::Bytes;
use serde_json::json;

use crate::yaml::parse;
use crate::{Fault, FaultKind, Limits, Tape};
use mutate::Random;

fn read(text: &str) -> Result<Tape, Fault> {
    parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
}

fn value(text: &str) -> serde_json::Value {
    read(text).unwrap_or_else(|fault| panic!("{fault}: {text}")).root().to_value()
}

fn fault(text: &str) -> FaultKind {
    read(text).err().unwrap_or_else(|| panic!("accepted: {text}")).kind
}

#[test]
fn scalars_follow_the_core_schema() {
    let text = "
nulls: [null, ~, Null, ]
bools: [true, False, TRUE]
not_bools: [yes, no, on, off, y]
ints: [0, 12, -7, +3, 007, 0o17, 0xFf]
floats: [1.5, -.5, 1., 1e3, 1.5E-2, +12.25]
strings: [.inf, -.INF, .nan, 1_000, 0b1, 1e, ., 2020-01-01, 12:30, 1.2.3, 0o8, 0xg, null_, '1', \"true\"]
tagged: [!!str 1, !!int 5, !!float 3, !!bool true, !!null ~, !own 1, ! 2]
empty:
";
    assert_eq!(
        value(text),
        json!({
            "nulls": [null, null, null],
            "bools": [true, false, true],
            "not_bools": ["yes", "no", "on", "off", "y"],
            "ints": [0, 12, -7, 3, 7, 15, 255],
            "floats": [1.5, -0.5, 1.0, 1e3, 1.5e-2, 12.25],
            "strings": [".inf", "-.INF", ".nan", "1_000", "0b1", "1e", ".", "2020-01-01", "12:30", "1.2.3",
                        "0o8", "0xg", "null_", "1", "true"],
            "tagged": ["1", 5, 3, true, null, "1", "2"],
            "empty": null,
        })
    );
}

#[test]
fn numbers_keep_a_text_that_json_understands() {
    let tape = read("[+3, 0x1F, .5, 1., 12]").unwrap();
    let numbers: Vec<_> = tape.root().items().map(|item| item.number().unwrap()).collect();
    assert_eq!(numbers, ["3", "31", "0.5", "1.0", "12"]);
    assert_eq!(tape.root().index(1).unwrap().raw(), "0x1F");
}

#[test]
fn strings_of_every_style_are_decoded() {
    let text = "plain: a b\n  c\nsingle: 'it''s'\ndouble: \"\\u00e9\\x41\\n\\L\"\nliteral: |\n  one\n   two\nfolded: >-\n  a\n  b\n\n  c\n";
    assert_eq!(
        value(text),
        json!({"plain": "a b c", "single": "it's", "double": "éA\n\u{2028}", "literal": "one\n two\n", "folded": "a b\nc"})
    );
}

#[test]
fn spans_are_bytes_of_the_value() {
    let text = "é: ü\nlist:\n  - one\n  - {a: 'two', b: [3]}\nlast:\n  x: \"y\"\n\n\nend: 1\n";
    let tape = read(text).unwrap();
    let root = tape.root();
    assert_eq!(root.get("é").unwrap().raw(), "ü");
    assert_eq!(root.get("list").unwrap().raw(), "- one\n  - {a: 'two', b: [3]}");
    assert_eq!(root.pointer("/list/1").unwrap().raw(), "{a: 'two', b: [3]}");
    assert_eq!(root.pointer("/list/1/a").unwrap().raw(), "'two'");
    assert_eq!(root.get("last").unwrap().raw(), "x: \"y\"");
    assert_eq!(root.raw(), text.trim_end());
    let keys: Vec<_> = root.members().map(|member| &text[member.key_span()]).collect();
    assert_eq!(keys, ["é", "list", "last", "end"]);
}

#[test]
fn names_become_their_text() {
    assert_eq!(
        value("200: a\n1.50: b\ntrue: c\n~: d\n'x': e\n? f\n: g\n0x1F: h\n"),
        json!({"200": "a", "1.50": "b", "true": "c", "~": "d", "x": "e", "f": "g", "0x1F": "h"})
    );
}

#[test]
fn json_is_yaml() {
    let text = r#"{"a": [1, -2.5e3, true, null], "b": {"c": "\u00e9\ud83d\ude00\/"}}"#;
    let other: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(value(text), other);
}

#[test]
fn refuses_what_is_ambiguous_or_broken() {
    for (text, kind) in [
        ("a: 1\na: 2\n", FaultKind::DuplicateMember),
        ("a: 1\n'a': 2\n", FaultKind::DuplicateMember),
        ("404: 1\n\"404\": 2\n", FaultKind::DuplicateMember),
        ("{a: 1, \"\\x61\": 2}", FaultKind::DuplicateMember),
        ("[a]: 1\n", FaultKind::Key),
        ("? {a: 1}\n: 1\n", FaultKind::Key),
        ("a: 1\n---\nb: 2\n", FaultKind::Trailing),
        ("[1, 2", FaultKind::Incomplete),
        ("a: b: c\n", FaultKind::Syntax),
        ("a: [1}\n", FaultKind::Syntax),
        ("a:\n\tb: 1\n", FaultKind::Syntax),
        ("a: *b\n", FaultKind::Alias),
        ("1e999", FaultKind::Number),
        ("0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", FaultKind::Number),
        ("!!int x", FaultKind::Tag),
        ("!!int 1.5", FaultKind::Tag),
        ("!!bool 1", FaultKind::Tag),
        ("", FaultKind::Incomplete),
        ("# only a comment\n", FaultKind::Incomplete),
    ] {
        assert_eq!(fault(text), kind, "{text:?}");
    }
    let latin_1 = parse(Bytes::from_static(b"a: \xe9"), &Limits::default()).unwrap_err();
    assert_eq!((latin_1.kind, latin_1.offset), (FaultKind::Utf8, 3));
}

#[test]
fn faults_are_placed() {
    assert_eq!(read("a: 1\nb: 2\na: 3\n").unwrap_err().offset, 10);
    assert_eq!(read("é: 1\nb: [}\n").unwrap_err().offset, 9);
}

#[test]
fn each_limit_accepts_its_value_and_refuses_one_more() {
    let limits = Limits { depth_max: 3, values_max: 5, members_max: 2, bytes_max: 30 };
    let kind =
        |text: &str| parse(Bytes::copy_from_slice(text.as_bytes()), &limits).err().map(|fault| fault.kind);
    assert_eq!(kind("[[[1]]]"), None);
    assert_eq!(kind("[[[[1]]]]"), Some(FaultKind::DepthMax));
    assert_eq!(kind("- - - 1"), None);
    assert_eq!(kind("- - - - 1"), Some(FaultKind::DepthMax));
    assert_eq!(kind("[1, 2, 3, 4]"), None);
    assert_eq!(kind("[1, 2, 3, 4, 5]"), Some(FaultKind::ValuesMax));
    assert_eq!(kind("a: 1\nb: 2"), None);
    assert_eq!(kind("a: 1\nb: 2\nc: 3"), Some(FaultKind::MembersMax));
    assert_eq!(kind(&"x".repeat(30)), None);
    assert_eq!(kind(&"x".repeat(31)), Some(FaultKind::BytesMax));
}

#[test]
fn depth_bombs_of_each_kind_are_refused() {
    for text in ["[".repeat(200_000), "{a: ".repeat(200_000), "- ".repeat(200_000), "? ".repeat(200_000)] {
        let fault = parse(Bytes::from(text), &Limits::document()).unwrap_err();
        assert!(matches!(fault.kind, FaultKind::DepthMax | FaultKind::Key | FaultKind::Syntax), "{fault}");
    }
}

#[test]
fn mutated_documents_never_panic() {
    let documents = [
        "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /a: &a\n    get:\n      responses:\n        200: {description: ok}\n  /b: *a\n",
        "a: &x {k: 1, l: [1, 2]}\nb:\n  <<: *x\n  k: 2\nc: |\n  text\n   more\nd: >-\n  folded\n  text\n",
        "- \"esc \\u00e9 \\x41\"\n- 'it''s'\n- !!str 12\n- ? a\n  : b\n- [a, {b: c}, ~]\n",
        "%YAML 1.2\n---\na: 0x1F\nb: .inf\n...\n",
    ];
    let mut random = Random::new(0x59A3_1777);
    for round in 0..30_000 {
        let mut bytes = documents[random.below(documents.len())].as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            random.mutate(&mut bytes);
        }
        if let Ok(tape) = parse(Bytes::from(bytes.clone()), &Limits::default()) {
            // Every value is reachable and inside the text.
            let mut stack = vec![tape.root()];
            while let Some(node) = stack.pop() {
                assert!(node.span().end <= bytes.len(), "round {round}: {bytes:?}");
                assert!(std::str::from_utf8(&bytes[node.span()]).is_ok(), "round {round}: {bytes:?}");
                if let Some(number) = node.number() {
                    assert!(serde_json::from_str::<f64>(number).is_ok(), "round {round}: {number}");
                }
                stack.extend(node.items());
                stack.extend(node.members().map(|member| member.value));
            }
        }
    }
}
