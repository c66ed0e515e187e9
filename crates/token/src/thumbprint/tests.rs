#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::thumbprint;

fn of(jwk: &Value) -> Option<String> {
    thumbprint(jwk.as_object().unwrap())
}

#[test]
fn the_example_of_rfc_8037_appendix_a_3() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    assert_eq!(of(&jwk).as_deref(), Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
}

#[test]
fn only_the_required_members_count_in_any_order() {
    let plain = json!({"kty": "EC", "crv": "P-256", "x": "a", "y": "b"});
    let more = json!({"y": "b", "kid": "k", "alg": "ES256", "x": "a", "crv": "P-256", "d": "c", "kty": "EC"});
    assert_eq!(of(&plain), of(&more));
    assert_ne!(of(&plain), of(&json!({"kty": "EC", "crv": "P-256", "x": "b", "y": "a"})));
}

#[test]
fn a_secret_or_an_incomplete_key_has_none() {
    for jwk in [
        json!({"kty": "oct", "k": "AAAA"}),
        json!({"kty": "EC", "crv": "P-256", "x": "a"}),
        json!({"kty": "RSA", "n": 1, "e": "AQAB"}),
        json!({}),
    ] {
        assert_eq!(of(&jwk), None);
    }
}
