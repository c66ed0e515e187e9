//! Hostile input in bulk: the fuzz corpus replayed, and tokens and key sets mutated at random.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::attacks::bench::{Bench, NOW};
use crate::{Algorithm, KeySet, peek, verify, verify_jws};

/// xorshift64*, so that a failure can be repeated from the seed it prints.
struct Random(u64);

impl Random {
    fn new(name: &str) -> Self {
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(clock) | 1;
        println!("{name}: SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }
}

/// Pieces that matter to one of the readers.
const PIECES: &[&str] = &[
    ".",
    "..",
    "=",
    "-",
    "_",
    "A",
    "e30",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "null",
    "1e400",
    "-0",
    "0.5",
    "\\u0061",
    "\\ud800",
    "\"alg\":\"none\"",
    "\"exp\":1",
    "\"kid\":[]",
    "\"crit\":[]",
    "\"aud\":[]",
    "\u{0}",
    "\u{feff}",
    "\u{e9}",
];

/// One to four small changes.
fn mutate(random: &mut Random, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(chars.len() + 1);
        match random.below(6) {
            0 if at < chars.len() => chars[at] = char::from(32 + random.below(95) as u8),
            1 if at < chars.len() => {
                chars.remove(at);
            }
            2 => chars.truncate(at),
            3 if at < chars.len() => {
                let other = random.below(chars.len());
                chars.swap(at, other);
            }
            4 => {
                let (from, to) = (random.below(chars.len() + 1), random.below(chars.len() + 1));
                let copy: Vec<char> = chars[from.min(to)..from.max(to)].to_vec();
                chars.splice(at..at, copy);
            }
            _ => {
                chars.splice(at..at, PIECES[random.below(PIECES.len())].chars());
            }
        }
    }
    chars.into_iter().collect()
}

#[test]
fn no_mutation_of_a_token_verifies() {
    let bench = Bench::new();
    let mut random = Random::new("tokens");
    for token in [bench.eddsa(&bench.claims()), bench.es256(&bench.claims()), bench.rs256(&bench.claims())] {
        for _ in 0..4_000 {
            let mutated = mutate(&mut random, &token);
            let _ = peek(&mutated);
            let accepted = verify(&mutated, &bench.keys, &bench.rules, NOW).is_ok();
            assert!(!accepted || mutated == token, "{mutated}");
            assert!(
                verify_jws(&mutated, None, &bench.keys, Algorithm::ASYMMETRIC).is_err() || mutated == token
            );
        }
    }
}

#[test]
fn signed_nonsense_is_refused_or_keeps_the_rules() {
    let bench = Bench::new();
    let mut random = Random::new("signed");
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..6_000 {
        let header = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#;
        let (header, claims) = if round % 2 == 0 {
            (mutate(&mut random, header), bench.claims())
        } else {
            (header.to_owned(), mutate(&mut random, &bench.claims()))
        };
        match verify(&bench.signed(&header, &claims), &bench.keys, &bench.rules, NOW) {
            Err(_) => refused += 1,
            Ok(verified) => {
                accepted += 1;
                assert!(verified.expires_unix_s + 30 > NOW, "{claims}");
                assert_eq!(verified.claims["iss"], "https://issuer.example");
                assert_eq!(verified.algorithm, Algorithm::EdDsa);
                assert!(serde_json::from_str::<serde_json::Value>(&claims).is_ok(), "{claims}");
            }
        }
    }
    assert!(accepted > 20 && refused > 1_000, "the mutations reach both sides: {accepted}, {refused}");
}

#[test]
fn mutated_key_sets_never_panic_and_account_for_every_key() {
    let bench = Bench::new();
    let mut random = Random::new("key sets");
    let honest = bench.jwks.to_string();
    let mut read = 0;
    for _ in 0..3_000 {
        let mutated = mutate(&mut random, &honest);
        let _ = KeySet::parse_secret_jwks(mutated.as_bytes());
        if let Ok((keys, faults)) = KeySet::parse_jwks(mutated.as_bytes()) {
            read += 1;
            let set: serde_json::Value = serde_json::from_str(&mutated).unwrap();
            assert_eq!(keys.len() + faults.len(), set["keys"].as_array().unwrap().len(), "{mutated}");
        }
    }
    assert!(read > 100, "the mutations leave some sets readable: {read}");
}

#[test]
fn the_fuzz_corpus_is_refused_without_a_panic() {
    let bench = Bench::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/token");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let _ = peek(&text);
        assert!(verify(&text, &bench.keys, &bench.rules, NOW).is_err());
        assert!(verify_jws(&text, None, &bench.keys, Algorithm::ASYMMETRIC).is_err());
        let _ = verify_jws(&text, Some(b"detached"), &bench.keys, Algorithm::ASYMMETRIC);
        let _ = KeySet::parse_jwks(&bytes);
        let _ = KeySet::parse_secret_jwks(&bytes);
        count += 1;
    }
    assert!(count >= 31, "{count} seeds");
}
