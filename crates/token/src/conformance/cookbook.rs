//! RFC 7520 section 4, every example in every form it is given in, and its keys of section 3.

use serde_json::Value;

use super::{as_set, data, text};
use crate::{Algorithm, Fault, KeyFaultKind, KeySet, verify_jws};

/// The public half of an example's key, as an issuer would publish it.
fn public_set(keys: &[&Value]) -> KeySet {
    let public: Vec<Value> = keys
        .iter()
        .map(|key| {
            let mut key = (*key).clone();
            for name in ["d", "p", "q", "dp", "dq", "qi"] {
                key.as_object_mut().unwrap().shift_remove(name);
            }
            key
        })
        .collect();
    let (set, faults) = KeySet::parse_jwks(&as_set(&serde_json::json!({ "keys": public }))).unwrap();
    assert_eq!((set.len(), faults), (keys.len(), vec![]));
    set
}

fn secret_set(key: &Value) -> KeySet {
    KeySet::parse_secret_jwks(&as_set(key)).unwrap().0
}

/// Verifies every form under `output` and that each stops verifying when its payload is another.
fn verify_example(file: &str, algorithm: Algorithm, detached: bool, forms: &[&str]) {
    let Some(example) = data(&format!("jose-cookbook/jws/{file}.json")) else { return };
    let key = &example["input"]["key"];
    let keys = if text(key, "kty") == "oct" { secret_set(key) } else { public_set(&[key]) };
    let payload = text(&example["input"], "payload").as_bytes();
    let output = example["output"].as_object().unwrap();
    assert_eq!(output.keys().collect::<Vec<_>>(), forms, "{file}: every form is run");
    for (form, jws) in output {
        let jws = jws.as_str().map_or_else(|| jws.to_string(), str::to_owned);
        let verified = verify_jws(&jws, detached.then_some(payload), &keys, &[algorithm]);
        assert_eq!(verified.as_deref(), Ok(payload), "{file} {form}");
        let other = if detached {
            verify_jws(&jws, Some(b"another"), &keys, &[algorithm])
        } else {
            verify_jws(&jws.replace("SXTigJlz", "SXTigJlt"), None, &keys, &[algorithm])
        };
        assert_eq!(other, Err(Fault::Signature), "{file} {form}");
    }
}

const ALL: &[&str] = &["compact", "json", "json_flat"];
const JSON: &[&str] = &["json", "json_flat"];

#[test]
fn rsa_v15_signature() {
    verify_example("4_1.rsa_v15_signature", Algorithm::Rs256, false, ALL);
}

#[test]
fn rsa_pss_signature() {
    verify_example("4_2.rsa-pss_signature", Algorithm::Ps384, false, ALL);
}

#[test]
fn ecdsa_signature() {
    verify_example("4_3.ecdsa_signature", Algorithm::Es512, false, ALL);
}

#[test]
fn hmac_sha2_integrity_protection() {
    verify_example("4_4.hmac-sha2_integrity_protection", Algorithm::Hs256, false, ALL);
}

#[test]
fn signature_with_detached_content() {
    verify_example("4_5.signature_with_detached_content", Algorithm::Hs256, true, ALL);
}

#[test]
fn protecting_specific_header_fields() {
    verify_example("4_6.protecting_specific_header_fields", Algorithm::Hs256, false, JSON);
}

#[test]
fn protecting_content_only() {
    verify_example("4_7.protecting_content_only", Algorithm::Hs256, false, JSON);
}

#[test]
fn multiple_signatures_verify_by_either_kind_of_key_and_fail_when_one_is_forged() {
    let Some(example) = data("jose-cookbook/jws/4_8.multiple_signatures.json") else { return };
    let payload = text(&example["input"], "payload").as_bytes();
    let jws = example["output"]["json"].to_string();
    let keys = example["input"]["key"].as_array().unwrap();
    let public = public_set(&[&keys[0], &keys[1]]);
    let secret = secret_set(&keys[2]);
    assert_eq!(verify_jws(&jws, None, &public, Algorithm::ASYMMETRIC).as_deref(), Ok(payload));
    assert_eq!(verify_jws(&jws, None, &secret, Algorithm::SYMMETRIC).as_deref(), Ok(payload));
    // The public keys may not sign here, and the secret is not among them.
    assert_eq!(verify_jws(&jws, None, &public, Algorithm::SYMMETRIC), Err(Fault::KeyUnknown));
    assert_eq!(verify_jws(&jws, None, &public, &[]), Err(Fault::Algorithm));
    // A bad signature beside a good one is not passed over.
    let mut forged = example["output"]["json"].clone();
    let first = forged["signatures"][0]["signature"].as_str().unwrap().replacen('M', "N", 1);
    forged["signatures"][0]["signature"] = first.into();
    assert_eq!(verify_jws(&forged.to_string(), None, &public, Algorithm::ASYMMETRIC), Err(Fault::Signature));
}

#[test]
fn keys_of_section_3() {
    let one = |file: &str| {
        let jwk = data(&format!("jose-cookbook/jwk/{file}.json"))?;
        let (set, faults) = KeySet::parse_jwks(&as_set(&jwk)).unwrap();
        Some((set.len(), faults.first().map(|fault| fault.kind)))
    };
    let Some(ec) = one("3_1.ec_public_key") else { return };
    assert_eq!(ec, (1, None));
    assert_eq!(one("3_2.ec_private_key"), Some((0, Some(KeyFaultKind::PrivatePart))));
    assert_eq!(one("3_3.rsa_public_key"), Some((1, None)));
    assert_eq!(one("3_4.rsa_private_key"), Some((0, Some(KeyFaultKind::PrivatePart))));
    assert_eq!(one("3_5.symmetric_key_mac_computation"), Some((0, Some(KeyFaultKind::Secret))));
    assert_eq!(one("3_6.symmetric_key_encryption"), Some((0, Some(KeyFaultKind::Secret))));
    let mac = secret_set(&data("jose-cookbook/jwk/3_5.symmetric_key_mac_computation.json").unwrap());
    assert_eq!((mac.len(), mac.algorithms()), (1, vec![Algorithm::Hs256]));
    let encryption = secret_set(&data("jose-cookbook/jwk/3_6.symmetric_key_encryption.json").unwrap());
    assert!(encryption.is_empty());
}

#[test]
fn the_ed25519_example_of_rfc_8037_appendix_a_4() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let keys = public_set(&[&serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x})]);
    let jws = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(verify_jws(jws, None, &keys, &[Algorithm::EdDsa]).unwrap(), b"Example of Ed25519 signing");
}
