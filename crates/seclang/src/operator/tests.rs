#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! Each operator on values of its own, the public vectors of ModSecurity, and that what operators say of their values
//! (`literals`, `needs`) is true.

use super::{Argument, Captures, OPERATORS, Operator, find};
use crate::Files;

mod literals;
mod patterns;
mod vectors;

/// The data files of the tests.
pub(super) struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str, name: &str) -> Result<Vec<u8>, String> {
        match name {
            "words.data" => Ok(b"# words\nunion select\n\nEtc/Passwd\r\n".to_vec()),
            "networks.data" => Ok(b"192.0.2.0/24 # documentation\n\n2001:db8::/32\n".to_vec()),
            _ => Err("there is no such file".to_owned()),
        }
    }
}

pub(super) fn build(name: &str, argument: &[u8]) -> Result<Box<dyn Operator>, String> {
    let argument = Argument { text: argument, has_macros: false, source: "rules.conf", files: &NoFiles };
    find(name).expect(name)(&argument)
}

fn expanding(name: &str, text: &[u8]) -> Box<dyn Operator> {
    let argument = Argument { text, has_macros: true, source: "rules.conf", files: &NoFiles };
    find(name).expect(name)(&argument).unwrap()
}

#[test]
fn every_operator_that_is_offered_has_vectors_of_both_kinds() {
    for (name, _) in OPERATORS {
        let of = |expected: bool| {
            vectors::VECTORS.iter().any(|(known, .., matches)| known == name && *matches == expected)
        };
        let refused = vectors::REFUSED.iter().any(|(known, ..)| known == name);
        let constant = matches!(*name, "unconditionalMatch" | "noMatch");
        assert!(
            refused || of(true) && of(false) || constant && (of(true) || of(false)),
            "{name} has no vectors"
        );
    }
}

#[test]
fn gives_what_the_vectors_say() {
    for (name, argument, value, expected) in vectors::VECTORS {
        let operator = build(name, argument).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let shown = (argument.escape_ascii(), value.escape_ascii());
        let got = operator.matches(value, None, &mut Captures::default());
        assert_eq!(got, *expected, "@{name} {} of `{}`", shown.0, shown.1);
        if got {
            let in_value = value.iter().fold(crate::ByteSet::NONE, |set, byte| set.with(*byte));
            assert!(operator.needs().is_all() || operator.needs().meets(&in_value), "@{name} needs too much");
        }
    }
}

#[test]
fn refuses_arguments_that_are_no_good_with_a_reason() {
    for (name, argument, reason) in vectors::REFUSED {
        let Err(fault) = build(name, argument) else { panic!("@{name} {}", argument.escape_ascii()) };
        assert!(fault.contains(reason), "@{name} {}: {fault}", argument.escape_ascii());
    }
}

#[test]
fn captures_the_groups_of_a_regular_expression_and_the_match_itself() {
    let operator = build("rx", b"a(b)?(c+)").unwrap();
    let mut captures = Captures::default();
    assert!(operator.matches(b"xxaccd", None, &mut captures));
    assert_eq!((captures.get(0), captures.get(1), captures.get(2)), (Some((2, 5)), None, Some((3, 5))));
    let words = build("pm", b"one two").unwrap();
    captures.clear();
    assert!(words.matches(b"a TWO", None, &mut captures));
    assert_eq!(captures.get(0), Some((2, 5)));
    captures.clear();
    assert!(build("rxGlobal", b"(\\d)x").unwrap().matches(b"1x2x", None, &mut captures));
    assert_eq!([1, 2, 3].map(|group| captures.get(group)), [Some((0, 1)), Some((2, 4)), Some((2, 3))]);
}

#[test]
fn the_fingerprint_of_injected_sql_is_captured() {
    let mut captures = Captures::default();
    assert!(build("detectSQLi", b"").unwrap().matches(b"1' OR '1'='1", None, &mut captures));
    assert_eq!(captures.text.as_deref(), Some(b"s&sos".as_slice()));
}

#[test]
fn an_argument_with_macros_is_taken_as_expanded() {
    let mut captures = Captures::default();
    for (name, expanded, value) in [
        ("streq", "GET", "GET"),
        ("within", "GET POST", "POST"),
        ("eq", "7", "7"),
        ("rx", "^a+$", "aaa"),
        ("ipMatch", "192.0.2.0/24", "192.0.2.9"),
        ("beginsWith", "/v1", "/v1/x"),
    ] {
        let operator = expanding(name, b"%{tx.wanted}");
        assert!(operator.matches(value.as_bytes(), Some(expanded.as_bytes()), &mut captures), "{name}");
        assert!(!operator.matches(b"8", Some(expanded.as_bytes()), &mut captures), "{name}");
        assert_eq!(operator.literals(), None, "{name}: a macro is no word that is required");
    }
}

#[test]
fn a_macro_that_expands_to_no_expression_matches() {
    let operator = expanding("rx", b"%{args.pattern}");
    assert!(operator.matches(b"x", Some(b"("), &mut Captures::default()));
    assert!(operator.matches(b"x", Some(b"a{1000}{1000}{1000}"), &mut Captures::default()), "too large");
    assert!(!operator.matches(b"x", Some(b"y"), &mut Captures::default()));
}

/// The vectors that ModSecurity and Coraza share (secrules-language-tests), when their folder is named.
#[test]
fn agrees_with_the_public_vectors() {
    let Some(cases) = crate::trial_vectors::cases("operators") else { return };
    let mut wrong = Vec::new();
    for case in cases {
        let [argument, value] = ["param", "input"].map(|key| crate::trial_vectors::bytes(&case, key));
        let name = case["name"].as_str().unwrap();
        match build(name, &argument) {
            Ok(operator) => {
                let got = operator.matches(&value, None, &mut Captures::default());
                if got != (case["ret"] == 1) {
                    let [argument, value] = [argument, value].map(|bytes| bytes.escape_ascii().to_string());
                    wrong.push(format!("@{name} {argument} of `{value}`: {got}"));
                }
            }
            Err(fault) => println!("refused: @{name} {}: {fault}", argument.escape_ascii()),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
