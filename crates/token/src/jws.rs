//! JSON Web Signature (RFC 7515): the compact form, and the two JSON forms for whoever needs them.

mod general;

use crate::header::Header;
use crate::{Algorithm, Fault, KeySet, base64url};

/// Longer tokens are refused before anything is decoded.
pub const TOKEN_BYTES_MAX: usize = 16 << 10;

/// Verifies a signed message and returns its payload.
///
/// `jws` is in the compact form, or in the flattened or general JSON form when it begins with `{`. `detached` is
/// the payload where the message leaves it out (RFC 7515 appendix F). Of several signatures, those that no key of
/// the set could have made are passed over; at least one must verify, and none may fail. The header's rules are
/// those of tokens, except that in the JSON forms parameters may be unprotected, as RFC 7515 allows: the key
/// still decides about the algorithm.
pub fn verify_jws(
    jws: &str,
    detached: Option<&[u8]>,
    keys: &KeySet,
    algorithms: &[Algorithm],
) -> Result<Vec<u8>, Fault> {
    if jws.starts_with('{') {
        return general::verify(jws, detached, keys, algorithms);
    }
    let parts = Parts::split(jws)?;
    let header = Header::parse(parts.header)?;
    let Some(payload) = detached else {
        parts.verify(&header, keys, algorithms)?;
        return parts.payload();
    };
    if !parts.payload.is_empty() {
        return Err(Fault::Malformed("the payload is both in the message and apart from it"));
    }
    let signature = decode_signature(parts.signature)?;
    let message = signing_input(parts.header, &base64url::encode(payload));
    keys.verify(&header, algorithms, &message, &signature)?;
    Ok(payload.to_vec())
}

/// The three parts of the compact form (RFC 7515 section 7.1), still encoded.
pub(crate) struct Parts<'t> {
    pub(crate) header: &'t str,
    payload: &'t str,
    signature: &'t str,
    /// `header.payload`, what the signature is over.
    message: &'t str,
}

impl<'t> Parts<'t> {
    pub(crate) fn split(token: &'t str) -> Result<Self, Fault> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Fault::Malformed("the token is longer than 16 KiB"));
        }
        let three = Fault::Malformed("the token does not have three parts");
        let (message, signature) = token.rsplit_once('.').ok_or(three.clone())?;
        let (header, payload) = message.split_once('.').ok_or(three.clone())?;
        if payload.contains('.') || header.is_empty() {
            return Err(three);
        }
        Ok(Self { header, payload, signature, message })
    }

    pub(crate) fn verify(
        &self,
        header: &Header,
        keys: &KeySet,
        algorithms: &[Algorithm],
    ) -> Result<Algorithm, Fault> {
        let signature = decode_signature(self.signature)?;
        keys.verify(header, algorithms, self.message.as_bytes(), &signature)
    }

    pub(crate) fn payload(&self) -> Result<Vec<u8>, Fault> {
        base64url::decode(self.payload).ok_or(Fault::Malformed("the payload is not strict base64url"))
    }
}

fn decode_signature(encoded: &str) -> Result<Vec<u8>, Fault> {
    base64url::decode(encoded).ok_or(Fault::Malformed("the signature is not strict base64url"))
}

fn signing_input(header: &str, payload: &str) -> Vec<u8> {
    [header.as_bytes(), b".", payload.as_bytes()].concat()
}
