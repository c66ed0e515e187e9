//! Attacks on which algorithm and which key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::bench::{Bench, message};
use super::{NOW, Row, row, run};
use crate::{Algorithm, Fault, KeySet, Rules, sign_hs, verify};

#[test]
fn a_token_that_says_none_is_not_a_token() {
    let bench = Bench::new();
    let mut rows = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "none ", "", "null"] {
        let message = message(json!({"alg": alg, "typ": "at+jwt", "kid": "ed"}).to_string(), bench.claims());
        rows.push(row("none without a signature", format!("{message}."), Fault::Algorithm));
        rows.push(row("none with the signature of another", format!("{message}.AAAA"), Fault::Algorithm));
        let signed = bench.signed(json!({"alg": alg, "typ": "at+jwt"}).to_string(), bench.claims());
        rows.push(row("none, signed by the right key", signed, Fault::Algorithm));
    }
    run(&bench, rows, 21);
}

#[test]
fn a_public_key_is_never_a_secret() {
    let bench = Bench::new();
    let pem = |der: &[u8], label: &str, end: &str| {
        let body = STANDARD.encode(der);
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----{end}", lines.join("\n")).into_bytes()
    };
    let (spki, pkcs1, jwk) = (bench.rsa_spki(), bench.rsa_pkcs1(), bench.rsa_jwk());
    let n = jwk["n"].as_str().unwrap().as_bytes().to_vec();
    let ec = bench.es256.public_jwk();
    let secrets: Vec<(&'static str, &str, Vec<u8>)> = vec![
        ("RS256 to HS256 with the PEM as secret", "rsa", pem(&spki, "PUBLIC KEY", "\n")),
        ("RS256 to HS256 with the PEM, last newline cut", "rsa", pem(&spki, "PUBLIC KEY", "")),
        ("RS256 to HS256 with the PKCS#1 PEM", "rsa", pem(&pkcs1, "RSA PUBLIC KEY", "\n")),
        ("RS256 to HS256 with the DER", "rsa", spki.clone()),
        ("RS256 to HS256 with the PKCS#1 DER", "rsa", pkcs1.clone()),
        ("RS256 to HS256 with the JWK's text", "rsa", jwk.to_string().into_bytes()),
        (
            "RS256 to HS256 with the modulus",
            "rsa",
            crate::base64url::decode(jwk["n"].as_str().unwrap()).unwrap(),
        ),
        ("RS256 to HS256 with the modulus, encoded", "rsa", n),
        ("RS256 to HS256 with the whole set", "rsa", bench.jwks.to_string().into_bytes()),
        ("ES256 to HS256 with the JWK's text", "es", ec.to_string().into_bytes()),
        ("ES256 to HS256 with x", "es", crate::base64url::decode(ec["x"].as_str().unwrap()).unwrap()),
        ("ES256 to HS256 with x, encoded", "es", ec["x"].as_str().unwrap().as_bytes().to_vec()),
    ];
    let mut rows = Vec::new();
    for (what, kid, secret) in secrets {
        let named = json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}).to_string();
        rows.push(row(what, bench.hs256(&named, &secret), Fault::Algorithm));
        rows.push(row(what, bench.hs256(r#"{"alg":"HS256","typ":"at+jwt"}"#, &secret), Fault::Algorithm));
    }
    run(&bench, rows, 24);
}

#[test]
fn the_algorithm_is_the_keys_and_not_the_tokens() {
    let bench = Bench::new();
    let header = |alg: &str, kid: &str| json!({"alg": alg, "typ": "at+jwt", "kid": kid}).to_string();
    let signed = |alg: &str, kid: &str| bench.signed(header(alg, kid), bench.claims());
    let rows: Vec<Row> = vec![
        row("EdDSA key, token says ES256", signed("ES256", "ed"), Fault::Algorithm),
        row("EdDSA key, token says RS256", signed("RS256", "ed"), Fault::Algorithm),
        row("EdDSA key, token says HS256", signed("HS256", "ed"), Fault::Algorithm),
        row("P-256 key, token says ES384", signed("ES384", "es"), Fault::Algorithm),
        row("P-256 key, token says EdDSA", signed("EdDSA", "es"), Fault::Algorithm),
        row("an RS256 key, token says RS512", signed("RS512", "rsa"), Fault::Algorithm),
        row("an RS256 key, token says PS256", signed("PS256", "rsa"), Fault::Algorithm),
        row("another case", signed("eddsa", "ed"), Fault::Algorithm),
        row("another case", signed("Es256", "es"), Fault::Algorithm),
        row("a space", signed(" EdDSA", "ed"), Fault::Algorithm),
        row("an algorithm for encryption", signed("RSA-OAEP", "rsa"), Fault::Algorithm),
        row("an algorithm for key wrapping", signed("dir", "ed"), Fault::Algorithm),
        row("secp256k1", signed("ES256K", "es"), Fault::Algorithm),
        row("Ed448", signed("Ed448", "ed"), Fault::Algorithm),
        row("the key of another kid", signed("EdDSA", "es"), Fault::Algorithm),
        row("a kid that is not in the set", signed("EdDSA", "attacker"), Fault::KeyUnknown),
        row("an algorithm that the rules leave out", bench.eddsa(&bench.claims()), Fault::Algorithm)
            .under(Rules { algorithms: vec![Algorithm::Es256], ..bench.rules.clone() }),
        row("no algorithm is allowed", bench.eddsa(&bench.claims()), Fault::Algorithm)
            .under(Rules { algorithms: vec![], ..bench.rules.clone() }),
    ];
    run(&bench, rows, 18);
}

#[test]
fn a_secret_never_verifies_a_public_algorithm() {
    let bench = Bench::new();
    let secret = KeySet::from_secret(&[7; 64], false).unwrap();
    for token in [bench.eddsa(&bench.claims()), bench.es256(&bench.claims()), bench.rs256(&bench.claims())] {
        assert_eq!(verify(&token, &secret, &bench.rules, NOW).err(), Some(Fault::Algorithm));
    }
    let claims = serde_json::from_str::<serde_json::Value>(&bench.claims()).unwrap();
    let claims = claims.as_object().unwrap();
    for algorithm in Algorithm::SYMMETRIC {
        let honest = sign_hs(*algorithm, &[7; 64], claims).unwrap();
        assert!(verify(&honest, &secret, &bench.rules, NOW).is_ok());
        let guessed = sign_hs(*algorithm, &[8; 64], claims).unwrap();
        assert_eq!(verify(&guessed, &secret, &bench.rules, NOW).err(), Some(Fault::Signature));
    }
}

#[test]
fn a_token_without_a_key_id_is_tried_with_few_keys() {
    let bench = Bench::new();
    let header = r#"{"alg":"EdDSA","typ":"at+jwt"}"#;
    assert!(verify(&bench.signed(header, bench.claims()), &bench.keys, &bench.rules, NOW).is_ok());
    let of = |others: usize| {
        let mut keys = vec![bench.eddsa.public_jwk()];
        keys.extend((0..others).map(|n| crate::Signer::generate(&format!("k{n}")).unwrap().public_jwk()));
        KeySet::parse_jwks(json!({ "keys": keys }).to_string().as_bytes()).unwrap().0
    };
    let token = bench.signed(header, bench.claims());
    assert!(verify(&token, &of(3), &bench.rules, NOW).is_ok());
    assert_eq!(verify(&token, &of(4), &bench.rules, NOW).err(), Some(Fault::KeyAmbiguous));
    // With a kid, their number does not matter.
    assert!(verify(&bench.eddsa(&bench.claims()), &of(40), &bench.rules, NOW).is_ok());
}
