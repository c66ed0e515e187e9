//! Agreement with another reader on texts that nobody wrote.

use bytes::Bytes;
use serde_json::Value;

use crate::json::parse;
use crate::{FaultKind, Limits, Node};
use mutate::Random;

/// A text of JSON, in any of its spellings.
fn write(random: &mut Random, depth: usize, out: &mut String) {
    let space = |random: &mut Random, out: &mut String| {
        out.push_str(["", "", " ", "\n", "\t \r"][random.below(5)]);
    };
    space(random, out);
    match random.below(if depth == 0 { 6 } else { 8 }) {
        0 => out.push_str(["null", "true", "false"][random.below(3)]),
        1 | 2 => {
            let numbers =
                ["0", "-0", "1e5", "-12.50E-3", "18446744073709551615", "-9223372036854775808", "3.0"];
            out.push_str(numbers[random.below(numbers.len())]);
        }
        3..=5 => string(random, out),
        6 => {
            out.push('[');
            let count = random.below(5);
            for at in 0..count {
                out.push_str(if at > 0 { "," } else { "" });
                write(random, depth - 1, out);
            }
            out.push(']');
        }
        _ => {
            out.push('{');
            let count = random.below(5);
            for at in 0..count {
                out.push_str(if at > 0 { "," } else { "" });
                space(random, out);
                string(random, out);
                space(random, out);
                out.push(':');
                write(random, depth - 1, out);
            }
            out.push('}');
        }
    }
    space(random, out);
}

fn string(random: &mut Random, out: &mut String) {
    let parts = [
        "a",
        "b",
        "/",
        "\\/",
        "\\\\",
        "\\\"",
        "\\u0041",
        "\\ud83d\\ude00",
        "é",
        "𝄞",
        "longer than eight",
        "\\n",
    ];
    out.push('"');
    for _ in 0..random.below(6) {
        out.push_str(parts[random.below(parts.len())]);
    }
    out.push('"');
}

/// Whether a span holds exactly its value, for every value.
fn spans_hold(node: Node<'_>, text: &str) {
    let alone: Value = serde_json::from_str(&text[node.span()]).expect("a span is a value");
    assert_eq!(alone, node.to_value());
    assert!(!text[node.span()].starts_with(char::is_whitespace));
    node.items().for_each(|item| spans_hold(item, text));
    for member in node.members() {
        let name: String = serde_json::from_str(&text[member.key_span()]).expect("a name is a string");
        assert_eq!(name, member.key);
        spans_hold(member.value, text);
    }
}

#[test]
fn well_formed_texts_read_as_serde_json_reads_them() {
    let mut random = Random::new(0x5EED_1234);
    let mut accepted = 0;
    for round in 0..20_000 {
        let mut text = String::new();
        write(&mut random, 4, &mut text);
        let value: Value = serde_json::from_str(&text).expect("the text is well-formed");
        match parse(Bytes::from(text.clone()), &Limits::default()) {
            Ok(tape) => {
                accepted += 1;
                assert_eq!(tape.root().to_value(), value, "round {round}: {text}");
                spans_hold(tape.root(), &text);
            }
            // serde_json keeps the last of two members; nothing else may differ.
            Err(fault) => assert_eq!(fault.kind, FaultKind::DuplicateMember, "round {round}: {text}"),
        }
    }
    assert!(accepted > 10_000);
}

#[test]
fn mutated_texts_never_panic_and_are_judged_as_serde_json_judges_them() {
    let mut random = Random::new(0xB0B5_1ED5);
    for round in 0..60_000 {
        let mut text = String::new();
        write(&mut random, 3, &mut text);
        let mut bytes = text.into_bytes();
        for _ in 0..=random.below(3) {
            random.mutate(&mut bytes);
        }
        let ours = parse(Bytes::from(bytes.clone()), &Limits::default());
        let theirs: Result<Value, _> = serde_json::from_slice(&bytes);
        match (ours, theirs) {
            (Ok(tape), Ok(value)) => assert_eq!(tape.root().to_value(), value, "round {round}: {bytes:?}"),
            (Err(_), Err(_)) => {}
            (Err(fault), Ok(_)) => {
                assert_eq!(fault.kind, FaultKind::DuplicateMember, "round {round}: {bytes:?}");
            }
            (Ok(_), Err(error)) => panic!("round {round}: only we accept {bytes:?}: {error}"),
        }
    }
}
