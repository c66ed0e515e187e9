//! An honest issuer with three keys, and tools to make what it would never make.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use serde_json::{Value, json};

use crate::signer::sign_hs_parts;
use crate::{Algorithm, KeySet, Rules, Signer, base64url};

pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) struct Bench {
    pub(crate) eddsa: Signer,
    pub(crate) es256: Signer,
    rsa: KeyPair,
    pub(crate) jwks: Value,
    pub(crate) keys: KeySet,
    /// Allows every algorithm there is: what is refused is refused by the keys.
    pub(crate) rules: Rules,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let eddsa = Signer::generate_for(Algorithm::EdDsa, "ed").unwrap();
        let es256 = Signer::generate_for(Algorithm::Es256, "es").unwrap();
        let rsa = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let mut bench = Self {
            jwks: Value::Null,
            keys: KeySet::parse_jwks(br#"{"keys":[]}"#).unwrap().0,
            rules: Rules {
                issuer: "https://issuer.example".to_owned(),
                audiences: vec!["https://api.example".to_owned()],
                algorithms: Algorithm::ASYMMETRIC.iter().chain(Algorithm::SYMMETRIC).copied().collect(),
                types: vec!["at+jwt".to_owned(), "jwt".to_owned()],
                leeway_s: 30,
                lifetime_max_s: Some(3600),
                required_claims: Vec::new(),
                legacy: false,
            },
            eddsa,
            es256,
            rsa,
        };
        bench.jwks = json!({ "keys": [bench.eddsa.public_jwk(), bench.es256.public_jwk(), bench.rsa_jwk()] });
        let (keys, faults) = KeySet::parse_jwks(bench.jwks.to_string().as_bytes()).unwrap();
        assert_eq!((keys.len(), faults), (3, vec![]));
        bench.keys = keys;
        bench
    }

    /// What an honest token says.
    pub(crate) fn claims(&self) -> String {
        self.claims_with("x", &json!(0))
    }

    /// The honest claims with one of them replaced, added, or removed by null.
    pub(crate) fn claims_with(&self, name: &str, value: &Value) -> String {
        let mut claims = json!({
            "iss": "https://issuer.example", "aud": "https://api.example", "sub": "alice", "jti": "1",
            "client_id": "shop", "scope": "orders.read orders.write", "iat": NOW - 10, "exp": NOW + 300,
        });
        if value.is_null() {
            claims.as_object_mut().unwrap().shift_remove(name);
        } else {
            claims[name] = value.clone();
        }
        claims.to_string()
    }

    /// The honest claims with text put in front of the first member.
    pub(crate) fn claims_and(&self, members: &str) -> String {
        self.claims().replacen('{', &format!("{{{members},"), 1)
    }

    /// Signed by the Ed25519 key, with any header and claims.
    pub(crate) fn signed(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        self.eddsa.sign_parts(header.as_ref(), claims.as_ref()).unwrap()
    }

    /// Honest claims, and a header that names the Ed25519 key and says more.
    pub(crate) fn header_and(&self, members: &str) -> String {
        self.signed(format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"ed",{members}}}"#), self.claims())
    }

    pub(crate) fn eddsa(&self, claims: &str) -> String {
        self.signed(r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#, claims)
    }

    pub(crate) fn es256(&self, claims: &str) -> String {
        self.es256.sign_parts(br#"{"alg":"ES256","typ":"at+jwt","kid":"es"}"#, claims.as_bytes()).unwrap()
    }

    pub(crate) fn rs256(&self, claims: &str) -> String {
        let message = message(r#"{"alg":"RS256","typ":"at+jwt","kid":"rsa"}"#, claims);
        let mut signature = vec![0; self.rsa.public_modulus_len()];
        self.rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", base64url::encode(&signature))
    }

    /// Signed with a shared secret, as an attacker would with public bytes.
    pub(crate) fn hs256(&self, header: &str, secret: &[u8]) -> String {
        sign_hs_parts(Algorithm::Hs256, secret, header.as_bytes(), self.claims().as_bytes()).unwrap()
    }

    /// SubjectPublicKeyInfo, what `openssl rsa -pubout -outform DER` prints.
    pub(crate) fn rsa_spki(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = self.rsa.public_key().as_der().unwrap();
        der.as_ref().to_vec()
    }

    /// PKCS#1 RSAPublicKey.
    pub(crate) fn rsa_pkcs1(&self) -> Vec<u8> {
        self.rsa.public_key().as_ref().to_vec()
    }

    pub(crate) fn rsa_jwk(&self) -> Value {
        // SEQUENCE, INTEGER n with its sign byte, INTEGER 65537 of five bytes.
        let der = self.rsa_pkcs1();
        let n = &der[der.len() - 5 - 256..der.len() - 5];
        json!({ "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": base64url::encode(n), "e": "AQAB" })
    }
}

/// `header.payload`, encoded.
pub(crate) fn message(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    format!("{}.{}", base64url::encode(header.as_ref()), base64url::encode(claims.as_ref()))
}

/// A token whose signature is replaced.
pub(crate) fn with_signature(token: &str, signature: &[u8]) -> String {
    let (message, _) = token.rsplit_once('.').unwrap();
    format!("{message}.{}", base64url::encode(signature))
}

pub(crate) fn signature_of(token: &str) -> Vec<u8> {
    base64url::decode(token.rsplit_once('.').unwrap().1).unwrap()
}
