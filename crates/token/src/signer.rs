//! Makes tokens: identity assertions for backends, and everything that tests need signed.

#[cfg(test)]
mod tests;

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Map, Value, json};

use crate::key::SecretKey;
use crate::{Algorithm, base64url, pem, thumbprint};

/// A private key for EdDSA (Ed25519) or ES256 (P-256), with its key id.
pub struct Signer {
    key: PrivateKey,
    kid: String,
}

enum PrivateKey {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    #[error("the key is not an Ed25519 or P-256 private key in PKCS#8, as PEM or DER")]
    KeyMalformed,
    #[error("no signer exists for this algorithm")]
    AlgorithmUnsupported,
    #[error("the secret is empty or too long")]
    SecretLength,
    #[error("the cryptographic library failed")]
    Library,
}

impl Signer {
    /// A new Ed25519 key. An empty `kid` stands for the key's thumbprint.
    pub fn generate(kid: &str) -> Result<Self, SignError> {
        Self::generate_for(Algorithm::EdDsa, kid)
    }

    /// A new key for EdDSA or ES256. An empty `kid` stands for the key's thumbprint.
    pub fn generate_for(algorithm: Algorithm, kid: &str) -> Result<Self, SignError> {
        let key = match algorithm {
            Algorithm::EdDsa => {
                PrivateKey::Ed25519(Ed25519KeyPair::generate().map_err(|_| SignError::Library)?)
            }
            Algorithm::Es256 => PrivateKey::P256(
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| SignError::Library)?,
            ),
            _ => return Err(SignError::AlgorithmUnsupported),
        };
        Self::named(key, kid)
    }

    /// From unencrypted PKCS#8 (RFC 5958), PEM or DER. An empty `kid` stands for the key's thumbprint.
    pub fn from_pkcs8(key: &[u8], kid: &str) -> Result<Self, SignError> {
        let armoured = std::str::from_utf8(key).ok().and_then(pem::private_key);
        let der = armoured.as_ref().map_or(key, |der| der.as_slice());
        let key = if let Ok(key) = Ed25519KeyPair::from_pkcs8(der) {
            PrivateKey::Ed25519(key)
        } else {
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
                .map(PrivateKey::P256)
                .map_err(|_| SignError::KeyMalformed)?
        };
        Self::named(key, kid)
    }

    fn named(key: PrivateKey, kid: &str) -> Result<Self, SignError> {
        let kid = if kid.is_empty() {
            thumbprint(&key.public()).ok_or(SignError::Library)?
        } else {
            kid.to_owned()
        };
        Ok(Self { key, kid })
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub fn algorithm(&self) -> Algorithm {
        match self.key {
            PrivateKey::Ed25519(_) => Algorithm::EdDsa,
            PrivateKey::P256(_) => Algorithm::Es256,
        }
    }

    /// The public key with `use`, `alg` and `kid`, to be published in a JWK Set.
    pub fn public_jwk(&self) -> Value {
        let mut jwk = self.key.public();
        jwk.insert("use".to_owned(), json!("sig"));
        jwk.insert("alg".to_owned(), json!(self.algorithm().name()));
        jwk.insert("kid".to_owned(), json!(self.kid));
        Value::Object(jwk)
    }

    /// A compact token with `alg`, `typ` and `kid` in its header. The claims are taken as they are.
    pub fn sign(&self, header_typ: &str, claims: &Map<String, Value>) -> Result<String, SignError> {
        let header = json!({ "alg": self.algorithm().name(), "typ": header_typ, "kid": self.kid });
        self.sign_parts(header.to_string().as_bytes(), Value::Object(claims.clone()).to_string().as_bytes())
    }

    /// Signs any header and payload, well-formed or not.
    pub(crate) fn sign_parts(&self, header: &[u8], payload: &[u8]) -> Result<String, SignError> {
        let message = format!("{}.{}", base64url::encode(header), base64url::encode(payload));
        let signature = self.key.sign(message.as_bytes())?;
        Ok(format!("{message}.{}", base64url::encode(&signature)))
    }
}

/// Shows the key id and the algorithm, no key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

impl PrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match self {
            Self::Ed25519(key) => key.try_sign(message),
            Self::P256(key) => key.sign(&SystemRandom::new(), message),
        }
        .map(|signature| signature.as_ref().to_vec())
        .map_err(|_| SignError::Library)
    }

    /// `kty`, `crv` and coordinates.
    fn public(&self) -> Map<String, Value> {
        let (kty, crv, x, y) = match self {
            Self::Ed25519(key) => ("OKP", "Ed25519", key.public_key().as_ref(), None),
            Self::P256(key) => {
                // An uncompressed point: 4, x, y.
                let point = key.public_key().as_ref();
                let (x, y) =
                    point.get(1..).and_then(|xy| xy.split_at_checked(xy.len() / 2)).unwrap_or_default();
                ("EC", "P-256", x, Some(y))
            }
        };
        let mut jwk = Map::new();
        jwk.insert("kty".to_owned(), json!(kty));
        jwk.insert("crv".to_owned(), json!(crv));
        jwk.insert("x".to_owned(), json!(base64url::encode(x)));
        if let Some(y) = y {
            jwk.insert("y".to_owned(), json!(base64url::encode(y)));
        }
        jwk
    }
}

/// A token under a shared secret of any length; its verifier decides which lengths it takes.
pub fn sign_hs(
    algorithm: Algorithm,
    secret: &[u8],
    claims: &Map<String, Value>,
) -> Result<String, SignError> {
    let header = json!({ "alg": algorithm.name(), "typ": "JWT" });
    let claims = Value::Object(claims.clone());
    sign_hs_parts(algorithm, secret, header.to_string().as_bytes(), claims.to_string().as_bytes())
}

/// HS256, for backends that know nothing better.
pub fn sign_hs256(secret: &[u8], claims: &Map<String, Value>) -> Result<String, SignError> {
    sign_hs(Algorithm::Hs256, secret, claims)
}

/// Signs any header and payload, well-formed or not.
pub(crate) fn sign_hs_parts(
    algorithm: Algorithm,
    secret: &[u8],
    header: &[u8],
    payload: &[u8],
) -> Result<String, SignError> {
    let key = SecretKey::new(secret, None, true).map_err(|_| SignError::SecretLength)?;
    let message = format!("{}.{}", base64url::encode(header), base64url::encode(payload));
    let tag = key.sign(algorithm, message.as_bytes()).ok_or(SignError::AlgorithmUnsupported)?;
    Ok(format!("{message}.{}", base64url::encode(tag.as_ref())))
}
