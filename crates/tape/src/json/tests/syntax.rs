//! What RFC 8259 accepts and refuses, case by case.

use super::{fault, read};
use crate::FaultKind::{DuplicateMember, Incomplete, Number, Surrogate, Syntax, Trailing, Utf8};
use crate::{FaultKind, Limits, json};
use bytes::Bytes;

#[test]
fn accepts_what_the_grammar_has() {
    for text in [
        "null",
        "true",
        "false",
        " \t\r\n1\n",
        "0",
        "-0",
        "-0.0",
        "0e0",
        "1E+2",
        "1e-999",
        "123456789012345678901234567890",
        "0.000000000000000000000000000000000000000000000000001",
        "[]",
        "{}",
        "[[],{},[ ]]",
        "{ }",
        r#""""#,
        r#""\"\\\/\b\f\n\r\t""#,
        r#""\u0000\uFFFF\ud83d\uDE00""#,
        "\"\u{7f}\u{80}\u{10ffff}\u{2028}\"",
        r#"{"a":1,"A":2,"\u00e9":3,"e\u0301":4}"#,
    ] {
        let tape = read(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
        let other: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(tape.root().to_value(), other, "{text}");
    }
}

#[test]
fn refuses_what_the_grammar_has_not() {
    let cases: &[(&str, FaultKind, usize)] = &[
        ("", Incomplete, 0),
        (" ", Incomplete, 1),
        ("[", Incomplete, 1),
        ("[1", Incomplete, 2),
        ("[1,", Incomplete, 3),
        ("[1,]", Syntax, 3),
        ("[,1]", Syntax, 1),
        ("[1,,2]", Syntax, 3),
        ("[1 2]", Syntax, 3),
        ("[1}", Syntax, 2),
        ("]", Syntax, 0),
        ("{", Incomplete, 1),
        ("{1:2}", Syntax, 1),
        ("{a:2}", Syntax, 1),
        ("{'a':2}", Syntax, 1),
        (r#"{"a""#, Incomplete, 4),
        (r#"{"a" 1}"#, Syntax, 5),
        (r#"{"a":}"#, Syntax, 5),
        (r#"{"a":1,}"#, Syntax, 7),
        (r#"{"a":1;"b":2}"#, Syntax, 6),
        (r#"{"a":1]"#, Syntax, 6),
        (r#"{"a":1:2}"#, Syntax, 6),
        ("tru", Syntax, 0),
        ("True", Syntax, 0),
        ("nul", Syntax, 0),
        ("nulll", Trailing, 4),
        ("NaN", Syntax, 0),
        ("Infinity", Syntax, 0),
        ("-Infinity", Syntax, 1),
        ("-", Incomplete, 1),
        ("+1", Syntax, 0),
        ("01", Trailing, 1),
        ("-01", Trailing, 2),
        ("1.", Incomplete, 2),
        ("[1.]", Syntax, 3),
        (".5", Syntax, 0),
        ("1e", Incomplete, 2),
        ("1e+", Incomplete, 3),
        ("[1ex]", Syntax, 3),
        ("1.5.5", Trailing, 3),
        ("0x1F", Trailing, 1),
        ("1_000", Trailing, 1),
        ("1e400", Number, 0),
        ("-1e400", Number, 0),
        ("\"", Incomplete, 1),
        ("\"abc", Incomplete, 4),
        ("'a'", Syntax, 0),
        ("\"\t\"", Syntax, 1),
        ("\"12345678\n\"", Syntax, 9),
        ("\"\0\"", Syntax, 1),
        (r#""\x""#, Syntax, 1),
        (r#""\a""#, Syntax, 1),
        (r#""\"#, Incomplete, 2 - 1),
        (r#""\u12"#, Incomplete, 1),
        (r#""\u12G4""#, Syntax, 1),
        (r#""\u+123""#, Syntax, 1),
        (r#""\ud800""#, Surrogate, 1),
        (r#""\ud800x""#, Surrogate, 1),
        (r#""\ud800\n""#, Surrogate, 1),
        (r#""\ud800\ud800""#, Surrogate, 1),
        (r#""\udc00\ud800""#, Surrogate, 1),
        (r#""ok\ud83d\ude00\udfff""#, Surrogate, 15),
        ("1 2", Trailing, 2),
        ("{}{}", Trailing, 2),
        ("[]]", Trailing, 2),
        ("1 // comment", Trailing, 2),
        ("/* */ 1", Syntax, 0),
        ("\u{feff}1", Syntax, 0),
        ("1\u{feff}", Trailing, 1),
        ("[\u{a0}1]", Syntax, 1),
        ("[\u{b}1]", Syntax, 1),
        ("[\u{c}1]", Syntax, 1),
        ("1\0", Trailing, 1),
    ];
    for (text, kind, offset) in cases {
        assert_eq!(fault(text), (*kind, *offset), "{text:?}");
    }
}

#[test]
fn refuses_bytes_that_are_not_utf_8() {
    let cases: &[(&[u8], usize)] = &[
        (b"\"\xff\"", 1),
        (b"\"a\xc3\"", 2),
        (b"\"\xc0\xaf\"", 1),
        (b"\"\xed\xa0\x80\"", 1),
        (b"\"\xf4\x90\x80\x80\"", 1),
        (b"[\xe9]", 1),
        (b"\xff\xfe[\0]\0", 0),
    ];
    for (text, offset) in cases {
        let fault = json::parse(Bytes::copy_from_slice(text), &Limits::default()).unwrap_err();
        assert_eq!((fault.kind, fault.offset), (Utf8, *offset), "{text:?}");
    }
}

#[test]
fn refuses_names_that_are_equal_after_decoding() {
    assert_eq!(fault(r#"{"a":1,"a":2}"#), (DuplicateMember, 7));
    assert_eq!(fault(r#"{"a":1,"\u0061":2}"#), (DuplicateMember, 7));
    assert_eq!(fault(r#"{"\u0061":1,"b":0,"a":2}"#), (DuplicateMember, 18));
    assert_eq!(fault(r#"[{"x":{"":{},"":[]}}]"#), (DuplicateMember, 13));
    assert_eq!(fault(r#"{"é":1,"\u00E9":2}"#).0, DuplicateMember);
    // The same name in nested and neighbouring objects is no repetition.
    read(r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}"#).unwrap();
}

#[test]
fn strings_end_at_the_right_byte_whatever_their_length_and_place() {
    // The reader looks at eight bytes at a time; every offset in those eight is met here.
    for before in 0..17 {
        for (special, decoded) in
            [("", ""), ("\\n", "\n"), ("é", "é"), ("\u{10ffff}", "\u{10ffff}"), ("\\\"", "\"")]
        {
            for after in 0..17 {
                let (b, a) = ("b".repeat(before), "~".repeat(after));
                let tape = read(&format!("[\"{b}{special}{a}\",1]")).unwrap();
                assert_eq!(tape.root().index(0).unwrap().as_str(), Some(&*format!("{b}{decoded}{a}")));
                assert_eq!(tape.root().index(1).unwrap().as_u64(), Some(1));
                for control in ["\0", "\u{1f}", "\n"] {
                    let text = format!("\"{b}{special}{control}{a}\"");
                    assert_eq!(fault(&text), (Syntax, 1 + before + special.len()), "{text:?}");
                }
            }
        }
    }
}
