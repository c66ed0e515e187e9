#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
//! That what passes as plain is no SQL to the judge either.

use libinjectionrs::sqli::sqli_data::SQL_KEYWORDS;
use mutate::Random;

use super::{BETWEEN, is_plain};
use crate::libinjection::phrases;

fn is_sql(value: &[u8]) -> bool {
    libinjectionrs::detect_sqli(&phrases::joined(value)).is_injection()
}

#[test]
fn honest_texts_are_plain() {
    for text in [
        "blue running shoes, size 42, with laces",
        "2026-11-22T10:00:00+01:00",
        "550e8400-e29b-41d4-a716-446655440000",
        "https://shop.test/a/b?c=d;e=f",
        "S\u{e3}o Paulo, 50% off",
        "",
        "json.items.array_0.sku",
        "orders-app/4.2 (iOS 18.1)",
        "see note (b), page 3",
        "f (x) y",
    ] {
        assert!(is_plain(text.as_bytes()), "{text}");
    }
}

#[test]
fn what_sql_knows_is_judged() {
    for text in [
        "1 or 1=1",
        "1or 1=1",
        "1.or 1=1",
        "a.UNION",
        "0xabor 1",
        "with x rollup",
        "at, b time",
        "a--",
        "(1 a)",
        "a=(b)",
        "a, (b)",
        "a (b) = c",
        "a = , -1 (b)",
        "a user (b)",
        "a mod b (c)",
        "true (a)",
        "it's",
        "a\u{a0}b",
        "a b#",
        "@a",
    ] {
        assert!(!is_plain(text.as_bytes()), "{text}");
    }
}

/// What the whole proof rests on.
#[test]
fn no_fingerprint_is_made_of_names_numbers_and_signs_alone() {
    let kinds = b"N1O,.:;?";
    let fingerprints = SQL_KEYWORDS.iter().filter(|keyword| keyword.token_type == b'F');
    assert!(fingerprints.clone().count() > 1_000);
    for known in fingerprints {
        assert!(!known.word.bytes().skip(1).all(|kind| kinds.contains(&kind)), "{}", known.word);
    }
}

/// What that of brackets rests on.
#[test]
fn fingerprints_with_brackets_have_signs_beside_them_or_begin_with_a_number() {
    let kinds = b"N1O,.:;?()";
    let words = SQL_KEYWORDS.iter().filter(|keyword| keyword.token_type == b'F');
    let fingerprints = words.filter_map(|known| known.word.get(1..));
    let mut count = 0;
    for known in fingerprints.filter(|known| known.bytes().all(|kind| kinds.contains(&kind))) {
        count += 1;
        assert!(
            known.contains("O(")
                || known.contains(",(")
                || known.starts_with("N)O")
                || known.starts_with('1'),
            "{known}"
        );
        assert!(known.starts_with(['N', '1']), "{known}");
    }
    assert!(count > 30, "{count}");
}

#[test]
fn nothing_plain_is_judged_sql() {
    let mut random = Random::new(29);
    let words: Vec<&str> =
        SQL_KEYWORDS.iter().filter(|known| known.token_type != b'F').map(|known| known.word).collect();
    let parts: Vec<&str> = words.iter().flat_map(|word| word.split([' ', '.'])).collect();
    let plain = ["blue", "x1", "7", "42", "1e5", ".5", "0x1f", "S\u{e3}o", "size", "b", "n", "e", "1f"];
    let mut between: Vec<u8> = (0..=255).filter(|byte| BETWEEN.has(*byte)).collect();
    let (mut count, mut bracketed) = (0, 0);
    for round in 0..300_000 {
        if round == 150_000 {
            between.extend(b"()()()()  ");
        }
        let mut value = Vec::new();
        for _ in 0..=random.below(7) {
            let word = if random.below(3) == 0 {
                parts[random.below(parts.len())]
            } else {
                plain[random.below(plain.len())]
            };
            value.extend_from_slice(word.as_bytes());
            for _ in 0..random.below(3) {
                value.push(between[random.below(between.len())]);
            }
        }
        if round % 5 == 0 {
            random.mutate(&mut value);
        }
        if is_plain(&value) {
            count += 1;
            bracketed += usize::from(value.contains(&b'(') || value.contains(&b')'));
            assert!(!is_sql(&value), "{}", value.escape_ascii());
        }
    }
    assert!(count > 10_000 && bracketed > 5_000, "{count} were plain, {bracketed} with brackets");
}
