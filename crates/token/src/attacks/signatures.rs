//! Attacks on the signature itself.

use super::bench::{Bench, signature_of, with_signature};
use super::{malformed, row, run};
use crate::{Fault, base64url};

/// The order of P-256, big-endian.
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

fn number(hex: &str) -> Vec<u8> {
    (0..64).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn ecdsa_signatures_are_two_numbers_in_range() {
    let bench = Bench::new();
    let token = bench.es256(&bench.claims());
    let honest = signature_of(&token);
    let (zero, order) = (vec![0; 32], number(ORDER));
    let one = [&zero[1..], &[1]].concat();
    let der = {
        let mut der = vec![0x30, 70, 2, 33, 0];
        der.extend_from_slice(&honest[..32]);
        der.extend_from_slice(&[2, 33, 0]);
        der.extend_from_slice(&honest[32..]);
        der
    };
    let attempts: Vec<(&'static str, Vec<u8>)> = vec![
        ("psychic: r = s = 0", [&zero[..], &zero].concat()),
        ("r = 0", [&zero[..], &honest[32..]].concat()),
        ("s = 0", [&honest[..32], &zero[..]].concat()),
        ("r = 0, s = 1", [&zero[..], &one].concat()),
        ("r = s = 1", [&one[..], &one].concat()),
        ("r = s = n", [&order[..], &order].concat()),
        ("r = n", [&order[..], &honest[32..]].concat()),
        ("s = n", [&honest[..32], &order[..]].concat()),
        ("all bits set", vec![0xff; 64]),
        ("in DER", der),
        ("DER of 0, 0", vec![0x30, 6, 2, 1, 0, 2, 1, 0]),
        ("a byte short", honest[..63].to_vec()),
        ("a byte long", [&honest[..], &[0]].concat()),
        ("a zero before", [&[0], &honest[..]].concat()),
        ("r alone", honest[..32].to_vec()),
        ("r and s exchanged", [&honest[32..], &honest[..32]].concat()),
        ("twice", [&honest[..], &honest].concat()),
        ("nothing", Vec::new()),
        ("64 KiB of it would not fit; 8 KiB", vec![1; 8 << 10]),
    ];
    let rows =
        attempts.into_iter().map(|(what, bytes)| row(what, with_signature(&token, &bytes), Fault::Signature));
    run(&bench, rows.collect(), 19);
}

#[test]
fn eddsa_and_rsa_signatures_have_one_length_and_one_value() {
    let bench = Bench::new();
    let (eddsa, rsa) = (bench.eddsa(&bench.claims()), bench.rs256(&bench.claims()));
    let (ed, rs) = (signature_of(&eddsa), signature_of(&rsa));
    // s + L: a second signature for verifiers that do not check the range (RFC 8032 section 5.1.7).
    let l: Vec<u8> = {
        let mut l = vec![
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        ];
        l.resize(31, 0);
        l.push(0x10);
        l
    };
    let mut carry = 0;
    let s_plus_l: Vec<u8> = ed[32..]
        .iter()
        .zip(&l)
        .map(|(s, l)| {
            let sum = u16::from(*s) + u16::from(*l) + carry;
            carry = sum >> 8;
            sum as u8
        })
        .collect();
    let rows = vec![
        row("EdDSA: zeros", with_signature(&eddsa, &[0; 64]), Fault::Signature),
        row(
            "EdDSA: identity and zero",
            with_signature(&eddsa, &[&[1], &[0; 63][..]].concat()),
            Fault::Signature,
        ),
        row("EdDSA: s + L", with_signature(&eddsa, &[&ed[..32], &s_plus_l].concat()), Fault::Signature),
        row("EdDSA: a byte short", with_signature(&eddsa, &ed[..63]), Fault::Signature),
        row("EdDSA: a byte long", with_signature(&eddsa, &[&ed[..], &[0]].concat()), Fault::Signature),
        row("EdDSA: nothing", with_signature(&eddsa, b""), Fault::Signature),
        row("RSA: zeros", with_signature(&rsa, &[0; 256]), Fault::Signature),
        row("RSA: one", with_signature(&rsa, &[&[0; 255][..], &[1]].concat()), Fault::Signature),
        row("RSA: all bits set", with_signature(&rsa, &[0xff; 256]), Fault::Signature),
        row("RSA: a byte short", with_signature(&rsa, &rs[1..]), Fault::Signature),
        row("RSA: a zero before", with_signature(&rsa, &[&[0], &rs[..]].concat()), Fault::Signature),
        row("RSA: a zero after", with_signature(&rsa, &[&rs[..], &[0]].concat()), Fault::Signature),
        row("RSA: nothing", with_signature(&rsa, b""), Fault::Signature),
    ];
    run(&bench, rows, 13);
}

#[test]
fn a_signature_belongs_to_one_token() {
    let bench = Bench::new();
    let token = bench.es256(&bench.claims());
    let other = bench.es256(&bench.claims_with("sub", &"attacker".into()));
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (other_message, other_signature) = other.rsplit_once('.').unwrap();
    let (head, _) = message.split_once('.').unwrap();
    let (_, other_payload) = other_message.split_once('.').unwrap();
    let header = base64url::encode(br#"{"alg":"ES256", "typ":"at+jwt","kid":"es"}"#);
    let (_, payload) = message.split_once('.').unwrap();
    let rows = vec![
        row("the signature of another", format!("{message}.{other_signature}"), Fault::Signature),
        row("the claims of another", format!("{head}.{other_payload}.{signature}"), Fault::Signature),
        row("the same header, spaced otherwise", format!("{header}.{payload}.{signature}"), Fault::Signature),
        row(
            "another key's signature",
            bench.es256(&bench.claims()).replace(
                &head.to_owned(),
                &base64url::encode(br#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#),
            ),
            Fault::Signature,
        ),
        row("the signature cut by one letter", token[..token.len() - 1].to_owned(), malformed()),
        row("the signature cut by two letters", token[..token.len() - 2].to_owned(), Fault::Signature),
    ];
    run(&bench, rows, 6);
}
