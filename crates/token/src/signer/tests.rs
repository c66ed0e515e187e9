#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Map, json};

use super::{SignError, Signer, sign_hs, sign_hs256};
use crate::{Algorithm, KeySet, verify_jws};

/// RFC 8410 section 10.3.
const ED25519_PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
    -----END PRIVATE KEY-----\n";

fn keys(signer: &Signer) -> KeySet {
    KeySet::parse_jwks(json!({ "keys": [signer.public_jwk()] }).to_string().as_bytes()).unwrap().0
}

#[test]
fn what_a_signer_signs_verifies_under_its_published_key_only() {
    let claims = json!({"sub": "alice"}).as_object().unwrap().clone();
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let signer = Signer::generate_for(algorithm, "k1").unwrap();
        let token = signer.sign("at+jwt", &claims).unwrap();
        let payload = verify_jws(&token, None, &keys(&signer), &[algorithm]).unwrap();
        assert_eq!(payload, br#"{"sub":"alice"}"#);
        let other = Signer::generate_for(algorithm, "k1").unwrap();
        assert!(verify_jws(&token, None, &keys(&other), &[algorithm]).is_err());
    }
    assert_eq!(Signer::generate_for(Algorithm::Rs256, "").err(), Some(SignError::AlgorithmUnsupported));
}

#[test]
fn a_private_key_is_read_as_pem_and_as_der() {
    let pem = Signer::from_pkcs8(ED25519_PEM.as_bytes(), "").unwrap();
    let der = crate::pem::private_key(ED25519_PEM).unwrap();
    let der = Signer::from_pkcs8(&der, "").unwrap();
    assert_eq!(pem.algorithm(), Algorithm::EdDsa);
    assert_eq!(pem.kid(), der.kid());
    assert_eq!(pem.public_jwk()["x"], "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE");
    let generated =
        aws_lc_rs::signature::EcdsaKeyPair::generate(&super::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let es256 = Signer::from_pkcs8(generated.to_pkcs8v1().unwrap().as_ref(), "mine").unwrap();
    assert_eq!((es256.algorithm(), es256.kid()), (Algorithm::Es256, "mine"));
    let p384 =
        aws_lc_rs::signature::EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING);
    let p384 = p384.unwrap().to_pkcs8v1().unwrap();
    for key in
        [p384.as_ref(), b"", b"-----BEGIN PRIVATE KEY-----", ED25519_PEM.replace("MC4", "MC5").as_bytes()]
    {
        assert_eq!(Signer::from_pkcs8(key, "").err(), Some(SignError::KeyMalformed));
    }
}

#[test]
fn a_signer_shows_no_key() {
    let signer = Signer::from_pkcs8(ED25519_PEM.as_bytes(), "k").unwrap();
    assert_eq!(format!("{signer:?}"), r#"Signer { kid: "k", algorithm: EdDsa, .. }"#);
    assert!(signer.public_jwk().get("d").is_none());
}

#[test]
fn a_shared_secret_signs_with_its_own_algorithms_only() {
    let secret = KeySet::from_secret(&[1; 32], false).unwrap();
    let token = sign_hs256(&[1; 32], &Map::new()).unwrap();
    assert_eq!(verify_jws(&token, None, &secret, Algorithm::SYMMETRIC).unwrap(), b"{}");
    assert_eq!(sign_hs(Algorithm::EdDsa, &[1; 32], &Map::new()), Err(SignError::AlgorithmUnsupported));
    assert_eq!(sign_hs256(b"", &Map::new()), Err(SignError::SecretLength));
}
