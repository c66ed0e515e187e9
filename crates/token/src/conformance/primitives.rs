//! Wycheproof's signature vectors, on the keys themselves.

use serde_json::Value;

use super::{as_set, data, hex, id, list, text};
use crate::header::Header;
use crate::key::{EcKey, Ed25519Key, PublicKey, RsaKey};
use crate::{Algorithm, KeySet};

/// How many vectors of a file were accepted and refused as they say.
#[derive(Debug, PartialEq, Eq)]
struct Tally {
    valid: usize,
    invalid: usize,
    /// Left to the verifier by the vectors; refused here.
    acceptable_refused: usize,
    /// Under a key that is refused although the vector takes it.
    key_refused: Vec<u64>,
    /// How many groups also gave their key as a JWK, and were run through it as well.
    groups_with_jwk: usize,
}

fn run(file: &str, algorithm: Algorithm, key: fn(&Value) -> Option<PublicKey>) -> Option<Tally> {
    let vectors = data(file)?;
    let mut tally =
        Tally { valid: 0, invalid: 0, acceptable_refused: 0, key_refused: Vec::new(), groups_with_jwk: 0 };
    for group in list(&vectors, "testGroups") {
        let Some(key) = key(&group["publicKey"]) else {
            tally.key_refused.extend(list(group, "tests").iter().map(id));
            continue;
        };
        let set = group.get("publicKeyJwk").map(|jwk| {
            tally.groups_with_jwk += 1;
            let (set, faults) = KeySet::parse_jwks(&as_set(jwk)).expect("a key set");
            assert_eq!((set.len(), faults), (1, vec![]));
            set
        });
        for test in list(group, "tests") {
            let (message, signature) = (hex(text(test, "msg")), hex(text(test, "sig")));
            let accepted = key.verify(algorithm, &message, &signature);
            if let Some(set) = &set {
                let header = Header { algorithm: Some(algorithm), ..Header::default() };
                let by_set = set.verify(&header, &[algorithm], &message, &signature);
                assert_eq!(by_set.is_ok(), accepted, "{file} {}", id(test));
            }
            match (text(test, "result"), accepted) {
                ("valid", true) => tally.valid += 1,
                ("invalid", false) => tally.invalid += 1,
                ("acceptable", false) => tally.acceptable_refused += 1,
                (result, _) => panic!("{file} {}: {result}, accepted: {accepted}", id(test)),
            }
        }
    }
    let run = tally.valid + tally.invalid + tally.acceptable_refused + tally.key_refused.len();
    assert_eq!(vectors["numberOfTests"].as_u64(), Some(run as u64));
    Some(tally)
}

fn ec(key: &Value) -> Option<PublicKey> {
    let point = hex(text(key, "uncompressed"));
    EcKey::new("P-256", &point[1..33], &point[33..]).ok().map(PublicKey::Ec)
}

fn ed25519(key: &Value) -> Option<PublicKey> {
    Ed25519Key::new(&hex(text(key, "pk"))).ok().map(PublicKey::Ed25519)
}

fn rsa(key: &Value) -> Option<PublicKey> {
    let number =
        |name: &str| -> Vec<u8> { hex(text(key, name)).into_iter().skip_while(|byte| *byte == 0).collect() };
    RsaKey::new(&number("modulus"), &number("publicExponent"), None).ok().map(PublicKey::Rsa)
}

#[test]
fn ecdsa_p256_with_fixed_length_signatures() {
    let Some(tally) = run("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json", Algorithm::Es256, ec) else {
        return;
    };
    assert_eq!(
        tally,
        Tally { valid: 173, invalid: 89, acceptable_refused: 0, key_refused: vec![], groups_with_jwk: 103 }
    );
}

#[test]
fn ed25519_signatures() {
    let Some(tally) = run("wycheproof/ed25519_test.json", Algorithm::EdDsa, ed25519) else { return };
    assert_eq!(
        tally,
        Tally { valid: 88, invalid: 63, acceptable_refused: 0, key_refused: vec![], groups_with_jwk: 78 }
    );
}

#[test]
fn rsa_pss_signatures() {
    let Some(tally) = run("wycheproof/rsa_pss_2048_sha256_mgf1_32_test.json", Algorithm::Ps256, rsa) else {
        return;
    };
    assert_eq!(
        tally,
        Tally { valid: 63, invalid: 45, acceptable_refused: 0, key_refused: vec![], groups_with_jwk: 1 }
    );
}

#[test]
fn rsa_pkcs1_signatures() {
    // The acceptable one has a digest identifier without its NULL; 258 and 259 have keys with e = 3.
    let Some(tally) = run("wycheproof/rsa_signature_2048_sha256_test.json", Algorithm::Rs256, rsa) else {
        return;
    };
    assert_eq!(
        tally,
        Tally {
            valid: 7,
            invalid: 249,
            acceptable_refused: 1,
            key_refused: vec![258, 259],
            groups_with_jwk: 0
        }
    );
}
