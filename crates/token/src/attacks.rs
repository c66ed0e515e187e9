//! Attacks on JWT verifiers, each with what it is and the fault it must end in. Everything but the attack itself
//! is honest, so that a row can only be refused for what it is about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub(crate) mod bench;
mod claims;
mod confusion;
mod form;
mod headers;
mod signatures;

use bench::{Bench, NOW};

use crate::{Fault, Rules, peek, verify};

struct Row {
    what: &'static str,
    token: String,
    expected: Fault,
    /// The bench's, unless the attack needs others.
    rules: Option<Rules>,
}

fn row(what: &'static str, token: impl Into<String>, expected: Fault) -> Row {
    Row { what, token: token.into(), expected, rules: None }
}

impl Row {
    fn under(mut self, rules: Rules) -> Self {
        self.rules = Some(rules);
        self
    }
}

/// The faults that stand for a whole class here: their texts may change.
fn malformed() -> Fault {
    Fault::Malformed("")
}

fn header() -> Fault {
    Fault::Header("")
}

fn claim() -> Fault {
    Fault::Claim("")
}

/// Runs a list; `count` keeps a row from being lost unseen.
fn run(bench: &Bench, rows: Vec<Row>, count: usize) {
    assert_eq!(rows.len(), count);
    for row in rows {
        let rules = row.rules.unwrap_or_else(|| bench.rules.clone());
        let fault = match verify(&row.token, &bench.keys, &rules, NOW) {
            Ok(_) => panic!("accepted: {}", row.what),
            Err(fault) => fault,
        };
        let same = match (&fault, &row.expected) {
            (Fault::Malformed(_), Fault::Malformed(_))
            | (Fault::Header(_), Fault::Header(_))
            | (Fault::Claim(_) | Fault::Name(_), Fault::Claim(_)) => true,
            (fault, expected) => fault == expected,
        };
        assert!(same, "{}: {fault:?} instead of {:?}", row.what, row.expected);
        // The text goes to the caller and into records: nothing of the token may be in it.
        let text = fault.to_string();
        assert!(text.len() < 100 && !text.contains("attacker") && text.is_ascii(), "{}: {text}", row.what);
        let _ = peek(&row.token);
    }
}

#[test]
fn the_honest_tokens_of_the_bench_are_accepted() {
    let bench = Bench::new();
    for token in [bench.eddsa(&bench.claims()), bench.es256(&bench.claims()), bench.rs256(&bench.claims())] {
        let verified =
            verify(&token, &bench.keys, &bench.rules, NOW).unwrap_or_else(|fault| panic!("{fault:?}"));
        assert_eq!(verified.subject.as_deref(), Some("alice"));
    }
}
