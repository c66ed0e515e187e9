//! One JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2) becomes a key, or a reason why not.

use serde_json::{Map, Value};

use super::{KeyFaultKind, Named};
use crate::key::{EcKey, Ed25519Key, PublicKey, RsaKey, SecretKey, Unusable};
use crate::{Algorithm, base64url, thumbprint};

type Jwk = Map<String, Value>;

const KID_BYTES_MAX: usize = 256;
/// Private members of every kind (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

pub(super) fn public(jwk: &Jwk) -> Result<Named<PublicKey>, KeyFaultKind> {
    let kty = text(jwk, "kty")?.ok_or(KeyFaultKind::Malformed)?;
    if kty == "oct" {
        return Err(KeyFaultKind::Secret);
    }
    check_use(jwk)?;
    let algorithm = algorithm(jwk)?;
    let key = match kty {
        "RSA" => rsa(jwk, algorithm)?,
        "EC" => ec(jwk, algorithm)?,
        "OKP" => okp(jwk, algorithm)?,
        _ => return Err(KeyFaultKind::KindUnsupported),
    };
    // A key whose private part anyone can read proves nothing.
    if PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
        return Err(KeyFaultKind::PrivatePart);
    }
    let thumbprint = thumbprint(jwk);
    let kid = kid(jwk)?.or_else(|| thumbprint.clone());
    Ok(Named { kid, thumbprint, key })
}

pub(super) fn secret(jwk: &Jwk) -> Result<Named<SecretKey>, KeyFaultKind> {
    if text(jwk, "kty")?.ok_or(KeyFaultKind::Malformed)? != "oct" {
        return Err(KeyFaultKind::KindUnsupported);
    }
    check_use(jwk)?;
    let only = algorithm(jwk)?;
    if only.is_some_and(|algorithm| !algorithm.is_symmetric()) {
        return Err(KeyFaultKind::AlgorithmMismatch);
    }
    let secret = zeroize::Zeroizing::new(bytes(jwk, "k")?);
    let key = SecretKey::new(&secret, only, false).map_err(kind)?;
    Ok(Named { kid: kid(jwk)?, thumbprint: None, key })
}

/// A `kid` that is fit to be shown to an operator.
pub(super) fn kid_to_show(jwk: &Value) -> Option<String> {
    kid(jwk.as_object()?).ok()?
}

fn kid(jwk: &Jwk) -> Result<Option<String>, KeyFaultKind> {
    let kid = text(jwk, "kid")?;
    if kid.is_some_and(|kid| kid.is_empty() || kid.len() > KID_BYTES_MAX || kid.chars().any(char::is_control))
    {
        return Err(KeyFaultKind::Malformed);
    }
    Ok(kid.map(str::to_owned))
}

/// `use` and `key_ops` (RFC 7517 sections 4.2 and 4.3) must leave room for verifying signatures.
fn check_use(jwk: &Jwk) -> Result<(), KeyFaultKind> {
    if text(jwk, "use")?.is_some_and(|usage| usage != "sig") {
        return Err(KeyFaultKind::OtherUse);
    }
    let Some(operations) = jwk.get("key_ops") else { return Ok(()) };
    let operations = operations.as_array().ok_or(KeyFaultKind::Malformed)?;
    if operations.iter().any(|operation| !operation.is_string()) {
        return Err(KeyFaultKind::Malformed);
    }
    if operations.iter().any(|operation| operation == "verify") {
        Ok(())
    } else {
        Err(KeyFaultKind::OtherUse)
    }
}

/// `alg`, when the key names one. An algorithm that is not a signature's makes it a key for something else.
fn algorithm(jwk: &Jwk) -> Result<Option<Algorithm>, KeyFaultKind> {
    text(jwk, "alg")?.map(|name| Algorithm::parse(name).ok_or(KeyFaultKind::OtherUse)).transpose()
}

fn rsa(jwk: &Jwk, algorithm: Option<Algorithm>) -> Result<PublicKey, KeyFaultKind> {
    if algorithm.is_some_and(|algorithm| !Algorithm::RSA.contains(&algorithm)) {
        return Err(KeyFaultKind::AlgorithmMismatch);
    }
    RsaKey::new(&bytes(jwk, "n")?, &bytes(jwk, "e")?, algorithm).map(PublicKey::Rsa).map_err(kind)
}

fn ec(jwk: &Jwk, algorithm: Option<Algorithm>) -> Result<PublicKey, KeyFaultKind> {
    let crv = text(jwk, "crv")?.ok_or(KeyFaultKind::Malformed)?;
    let of_curve = EcKey::algorithm_of(crv).ok_or(KeyFaultKind::KindUnsupported)?;
    if algorithm.is_some_and(|algorithm| algorithm != of_curve) {
        return Err(KeyFaultKind::AlgorithmMismatch);
    }
    EcKey::new(crv, &bytes(jwk, "x")?, &bytes(jwk, "y")?).map(PublicKey::Ec).map_err(kind)
}

fn okp(jwk: &Jwk, algorithm: Option<Algorithm>) -> Result<PublicKey, KeyFaultKind> {
    match text(jwk, "crv")?.ok_or(KeyFaultKind::Malformed)? {
        "Ed25519" => {}
        "X25519" | "X448" => return Err(KeyFaultKind::OtherUse),
        _ => return Err(KeyFaultKind::KindUnsupported),
    }
    if algorithm.is_some_and(|algorithm| algorithm != Algorithm::EdDsa) {
        return Err(KeyFaultKind::AlgorithmMismatch);
    }
    Ed25519Key::new(&bytes(jwk, "x")?).map(PublicKey::Ed25519).map_err(kind)
}

fn kind(fault: Unusable) -> KeyFaultKind {
    match fault {
        Unusable::Malformed => KeyFaultKind::Malformed,
        Unusable::Weak => KeyFaultKind::Weak,
    }
}

/// A member that must be a string when it is there.
fn text<'j>(jwk: &'j Jwk, name: &str) -> Result<Option<&'j str>, KeyFaultKind> {
    jwk.get(name).map(|value| value.as_str().ok_or(KeyFaultKind::Malformed)).transpose()
}

fn bytes(jwk: &Jwk, name: &str) -> Result<Vec<u8>, KeyFaultKind> {
    let encoded = text(jwk, name)?.ok_or(KeyFaultKind::Malformed)?;
    base64url::decode(encoded).ok_or(KeyFaultKind::Malformed)
}
