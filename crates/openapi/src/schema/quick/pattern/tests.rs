#![allow(clippy::unwrap_used)]

use mutate::Random;

use super::{Pattern, row};
use crate::schema::keywords::Engine;

const ROWS: &[(&str, &str)] = &[
    ("^[A-Z]{3}-[0-9]{4}$", "ABC-0123"),
    ("^SKU-[0-9]{6}$", "SKU-000001"),
    (r"^\d{4}-\d{2}-\d{2}$", "2026-01-02"),
    (r"^\w+$", "name_1"),
    ("^[a-z0-9_-]{3,16}$", "some-name_1"),
    (r"^\+?[0-9]{1,15}$", "+49301234"),
    ("^[a-z]+-?[0-9]*$", "abc-12"),
    ("^#[0-9a-fA-F]{6}$", "#00ffAA"),
    (r"^v\d+\.\d+$", "v1.22"),
    ("^[A-Za-z .'-]{0,40}$", "Ada O'Neil-Smith"),
    ("^$", ""),
    ("^[-a]x?$", "-x"),
    (r"^[\w.]*@[a-z.]{2,}$", "a.b@c.d"),
];

#[test]
fn rows_match_what_the_engine_matches() {
    let mut random = Random::new(0x50_A77E);
    for (pattern, sample) in ROWS {
        let engine = Engine::new(pattern).unwrap();
        assert!(row(pattern).is_some(), "{pattern}");
        let ours = Pattern::new(pattern).unwrap();
        assert!(ours.is_match(sample), "{pattern}");
        for _ in 0..4_000 {
            let mut bytes = sample.as_bytes().to_vec();
            for _ in 0..random.below(4) {
                random.mutate(&mut bytes);
            }
            let text = String::from_utf8_lossy(&bytes);
            assert_eq!(ours.is_match(&text), engine.is_match(&text), "{pattern} {text:?}");
        }
    }
}

#[test]
fn mutated_patterns_match_what_the_engine_matches() {
    let mut random = Random::new(0x0DD_BA11);
    let mut rows = 0;
    for round in 0..6_000 {
        let (pattern, sample) = ROWS[random.below(ROWS.len())];
        let mut bytes = pattern.as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            random.mutate(&mut bytes);
        }
        let Ok(pattern) = String::from_utf8(bytes) else { continue };
        let (Some(ours), Some(engine)) = (Pattern::new(&pattern), Engine::new(&pattern)) else { continue };
        rows += usize::from(matches!(ours, Pattern::Row(_)));
        for _ in 0..20 {
            let mut text = sample.as_bytes().to_vec();
            for _ in 0..random.below(4) {
                random.mutate(&mut text);
            }
            let text = String::from_utf8_lossy(&text);
            assert_eq!(ours.is_match(&text), engine.is_match(&text), "round {round}: {pattern} {text:?}");
        }
    }
    assert!(rows > 500, "{rows}");
}

#[test]
fn what_could_match_in_two_ways_is_left_to_the_engine() {
    for pattern in [
        "^[a-z]+z$",
        "^a*b?[ab]$",
        "abc",
        "^abc",
        "^a|b$",
        "^(a)$",
        "^.$",
        "^[^a]$",
        "^a+?$",
        r"^\s$",
        "^[é]$",
        r"^a\$",
    ] {
        assert!(row(pattern).is_none(), "{pattern}");
    }
}
