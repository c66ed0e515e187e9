//! Which keys of a set are used, and why others are not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::{KeyFaultKind, KeySet, KeySetError};
use crate::{Algorithm, Signer, base64url};

fn parse(keys: Value) -> (KeySet, Vec<KeyFaultKind>) {
    let (set, faults) = KeySet::parse_jwks(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    (set, faults.into_iter().map(|fault| fault.kind).collect())
}

fn fault_of(jwk: &Value) -> Option<KeyFaultKind> {
    let (set, faults) = parse(json!([jwk]));
    assert_eq!(set.len() + faults.len(), 1);
    faults.first().copied()
}

fn changed(jwk: &Value, name: &str, value: Value) -> Value {
    let mut jwk = jwk.clone();
    jwk[name] = value;
    jwk
}

fn without(jwk: &Value, name: &str) -> Value {
    let mut jwk = jwk.clone();
    jwk.as_object_mut().unwrap().shift_remove(name);
    jwk
}

#[test]
fn a_set_is_strict_json_with_keys() {
    let malformed = |text: &[u8]| KeySet::parse_jwks(text).err() == Some(KeySetError::Malformed);
    for text in ["", "[]", "{}", "null", r#"{"keys":{}}"#, r#"{"keys":[]}x"#, r#"{"keys":[],"keys":[]}"#] {
        assert!(malformed(text.as_bytes()), "{text}");
    }
    let key = Signer::generate("a").unwrap().public_jwk().to_string();
    let twice = key.replacen('{', r#"{"kid":"b","#, 1);
    assert!(malformed(format!(r#"{{"keys":[{twice}]}}"#).as_bytes()));
    assert_eq!(KeySet::parse_jwks(&vec![b' '; (1 << 20) + 1]).err(), Some(KeySetError::TooLarge));
    let many = vec![json!({}); 513];
    assert_eq!(
        KeySet::parse_jwks(json!({ "keys": many }).to_string().as_bytes()).err(),
        Some(KeySetError::TooLarge)
    );
    let (empty, faults) = KeySet::parse_jwks(br#"{"keys":[]}"#).unwrap();
    assert!(empty.is_empty() && faults.is_empty());
}

#[test]
fn keys_for_other_uses_are_left_out() {
    use KeyFaultKind::{AlgorithmMismatch, KindUnsupported, Malformed, OtherUse, PrivatePart, Secret};
    let es = Signer::generate_for(Algorithm::Es256, "es").unwrap().public_jwk();
    assert_eq!(fault_of(&es), None);
    assert_eq!(fault_of(&without(&es, "alg")), None);
    assert_eq!(fault_of(&without(&without(&es, "kid"), "use")), None);
    assert_eq!(fault_of(&changed(&es, "key_ops", json!(["verify"]))), None);
    for (name, value, kind) in [
        ("use", json!("enc"), OtherUse),
        ("use", json!(1), Malformed),
        ("key_ops", json!(["encrypt"]), OtherUse),
        ("key_ops", json!(["sign"]), OtherUse),
        ("key_ops", json!([]), OtherUse),
        ("key_ops", json!("verify"), Malformed),
        ("alg", json!("ECDH-ES"), OtherUse),
        ("alg", json!("none"), OtherUse),
        ("alg", json!("ES384"), AlgorithmMismatch),
        ("alg", json!("EdDSA"), AlgorithmMismatch),
        ("alg", json!("RS256"), AlgorithmMismatch),
        ("alg", json!("HS256"), AlgorithmMismatch),
        ("alg", json!(7), Malformed),
        ("kty", json!("oct"), Secret),
        ("kty", json!("AKP"), KindUnsupported),
        ("kty", json!("ec"), KindUnsupported),
        ("kty", json!("RSA"), AlgorithmMismatch),
        ("crv", json!("secp256k1"), KindUnsupported),
        ("crv", json!("P-384"), AlgorithmMismatch),
        ("d", json!("AAAA"), PrivatePart),
        ("k", json!("AAAA"), PrivatePart),
        ("x", json!(base64url::encode(&[1; 32])), Malformed),
        ("x", json!(base64url::encode(&[0xff; 32])), Malformed),
        ("x", json!(format!("{}=", es["x"].as_str().unwrap())), Malformed),
        ("x", json!(base64url::encode(&[0; 33])), Malformed),
        ("y", json!(1), Malformed),
        ("kid", json!(1), Malformed),
        ("kid", json!("a\nb"), Malformed),
        ("kid", json!(""), Malformed),
    ] {
        assert_eq!(fault_of(&changed(&es, name, value.clone())), Some(kind), "{name}: {value}");
    }
    assert_eq!(fault_of(&without(&es, "y")), Some(Malformed));
    assert_eq!(fault_of(&json!([])), Some(Malformed));
}

#[test]
fn octet_key_pairs_are_ed25519_of_full_order() {
    use KeyFaultKind::{KindUnsupported, Malformed, OtherUse, Weak};
    let ed = Signer::generate("ed").unwrap().public_jwk();
    assert_eq!(fault_of(&changed(&ed, "alg", json!("Ed25519"))), None);
    assert_eq!(fault_of(&changed(&ed, "crv", json!("X25519"))), Some(OtherUse));
    assert_eq!(fault_of(&changed(&ed, "crv", json!("Ed448"))), Some(KindUnsupported));
    assert_eq!(fault_of(&changed(&ed, "x", json!(base64url::encode(&[1; 31])))), Some(Malformed));
    let point = |first: u8, middle: u8, last: u8| {
        let bytes = [&[first][..], &[middle; 30], &[last]].concat();
        fault_of(&changed(&ed, "x", json!(base64url::encode(&bytes))))
    };
    for last in [0, 0x80] {
        assert_eq!((point(0, 0, last), point(1, 0, last)), (Some(Weak), Some(Weak)));
    }
    for (first, last) in [(0xec, 0x7f), (0xed, 0x7f), (0xee, 0xff)] {
        assert_eq!(point(first, 0xff, last), Some(Weak));
    }
}

#[test]
fn rsa_keys_are_strong_enough() {
    use KeyFaultKind::{Malformed, Weak};
    let rsa = crate::attacks::bench::Bench::new().rsa_jwk();
    let n = base64url::decode(rsa["n"].as_str().unwrap()).unwrap();
    let with_n = |n: &[u8]| fault_of(&changed(&rsa, "n", json!(base64url::encode(n))));
    let with_e = |e: &[u8]| fault_of(&changed(&rsa, "e", json!(base64url::encode(e))));
    assert_eq!((fault_of(&rsa), fault_of(&without(&rsa, "alg"))), (None, None));
    assert_eq!(with_n(&[&[0], &n[..]].concat()), Some(Malformed), "a leading zero");
    assert_eq!(with_n(&[&n[..255], &[2]].concat()), Some(Malformed), "an even modulus");
    assert_eq!(with_n(&[&[0x7f], &n[1..]].concat()), Some(Weak), "2047 bits");
    assert_eq!(with_n(&[&n[..], &[1]].concat()), None, "2056 bits");
    assert_eq!(with_n(&n.repeat(4)), None, "8192 bits");
    assert_eq!(with_n(&[&n.repeat(4)[..], &[1]].concat()), Some(Weak), "8200 bits");
    assert_eq!(with_n(&[]), Some(Malformed));
    for (e, kind) in [
        (&[1][..], Weak),
        (&[3], Weak),
        (&[1, 0, 0], Weak),
        (&[0xff, 0xff], Weak),
        (&[2, 0, 0, 0, 1], Weak),
        (&[0, 1, 0, 1], Malformed),
        (&[], Malformed),
        (&[1, 0, 0, 0, 0, 0, 0, 0, 1], Malformed),
    ] {
        assert_eq!(with_e(e), Some(kind), "{e:?}");
    }
    assert_eq!((with_e(&[1, 0, 3]), with_e(&[1, 0xff, 0xff, 0xff, 0xff])), (None, None));
    let (set, _) = parse(json!([without(&rsa, "alg")]));
    assert_eq!(set.algorithms(), Algorithm::RSA);
}

#[test]
fn one_kid_means_one_key() {
    use KeyFaultKind::{KidRepeated, Malformed};
    let key = |kid: &str, algorithm| Signer::generate_for(algorithm, kid).unwrap().public_jwk();
    let (a, b) = (key("a", Algorithm::EdDsa), key("a", Algorithm::EdDsa));
    let (set, faults) = parse(json!([a, b, key("c", Algorithm::EdDsa)]));
    assert_eq!((set.len(), faults), (1, vec![KidRepeated, KidRepeated]));
    assert!(set.has_kid("c") && !set.has_kid("a"));
    // The algorithm tells these two apart.
    let (set, faults) = parse(json!([a, key("a", Algorithm::Es256)]));
    assert_eq!((set.len(), faults), (2, vec![]));
    // The unreadable one may be the one that is meant.
    let (set, faults) = parse(json!([a, changed(&b, "x", json!("!"))]));
    assert_eq!((set.len(), faults), (0, vec![KidRepeated, Malformed]));
}

#[test]
fn a_key_without_a_kid_is_known_by_its_thumbprint() {
    let signer = Signer::generate("").unwrap();
    let (set, _) = parse(json!([without(&signer.public_jwk(), "kid")]));
    assert!(set.has_kid(signer.kid()) && !set.has_kid(""));
}

#[test]
fn secrets_are_long_enough_for_their_hash() {
    use Algorithm::{Hs256, Hs384, Hs512};
    assert_eq!(KeySet::from_secret(&[1; 31], false).err(), Some(KeySetError::SecretTooShort));
    assert_eq!(KeySet::from_secret(b"", true).err(), Some(KeySetError::SecretLength));
    assert_eq!(KeySet::from_secret(&[1; 4097], false).err(), Some(KeySetError::SecretLength));
    let algorithms =
        |length: usize, short| KeySet::from_secret(&vec![1; length], short).unwrap().algorithms();
    assert_eq!(algorithms(32, false), [Hs256]);
    assert_eq!(algorithms(48, false), [Hs256, Hs384]);
    assert_eq!(algorithms(64, false), [Hs256, Hs384, Hs512]);
    assert_eq!(algorithms(1, true), [Hs256, Hs384, Hs512]);
}

#[test]
fn secrets_and_public_keys_do_not_mix() {
    let secret = json!({"kty": "oct", "kid": "s", "k": base64url::encode(&[7; 32])});
    let public = Signer::generate("p").unwrap().public_jwk();
    let both = json!({ "keys": [secret, public] }).to_string();
    let (set, faults) = KeySet::parse_jwks(both.as_bytes()).unwrap();
    assert_eq!((set.len(), set.has_kid("p"), faults[0].kind), (1, true, KeyFaultKind::Secret));
    assert_eq!(KeySet::parse_secret_jwks(both.as_bytes()).err(), Some(KeySetError::Mixed));
}

#[test]
fn neither_debug_nor_a_fault_shows_a_key() {
    let jwk = Signer::generate("known").unwrap().public_jwk();
    let (set, _) = parse(json!([jwk]));
    assert_eq!(format!("{set:?}"), r#"KeySet([(Some("known"), "OKP")])"#);
    let secret = KeySet::from_secret(b"0123456789abcdef0123456789abcdef", false).unwrap();
    assert_eq!(format!("{secret:?}"), r#"KeySet([(None, "oct")])"#);
    let (_, faults) =
        KeySet::parse_jwks(json!({"keys": [changed(&jwk, "use", json!("enc"))]}).to_string().as_bytes())
            .unwrap();
    assert_eq!(faults[0].to_string(), r#"key 0 ("known") is left out: it is not for verifying signatures"#);
}
