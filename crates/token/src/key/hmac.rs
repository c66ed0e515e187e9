//! HMAC secrets for HS* (RFC 7518 section 3.2): at least as long as the hash.

use aws_lc_rs::hmac;

use super::Unusable;
use crate::Algorithm;

/// Short secrets are found by trying; this is the floor unless the operator insists.
const SECRET_BYTES_MIN: usize = 32;
const SECRET_BYTES_MAX: usize = 4096;

/// One shared secret, prepared for each algorithm it is long enough for.
#[derive(Clone)]
pub(crate) struct SecretKey {
    keys: Vec<(Algorithm, hmac::Key)>,
}

impl SecretKey {
    /// `only`: the algorithm the JWK names. `allow_short`: any length from one byte, for every algorithm.
    pub(crate) fn new(secret: &[u8], only: Option<Algorithm>, allow_short: bool) -> Result<Self, Unusable> {
        if secret.is_empty() || secret.len() > SECRET_BYTES_MAX {
            return Err(Unusable::Malformed);
        }
        if secret.len() < SECRET_BYTES_MIN && !allow_short {
            return Err(Unusable::Weak);
        }
        let keys: Vec<_> = Algorithm::SYMMETRIC
            .iter()
            .copied()
            .filter(|algorithm| only.is_none_or(|only| only == *algorithm))
            .filter_map(|algorithm| Some((algorithm, mac(algorithm)?)))
            .filter(|(_, mac)| allow_short || secret.len() >= mac.tag_len())
            .map(|(algorithm, mac)| (algorithm, hmac::Key::new(mac, secret)))
            .collect();
        if keys.is_empty() { Err(Unusable::Weak) } else { Ok(Self { keys }) }
    }

    pub(crate) fn allows(&self, algorithm: Algorithm) -> bool {
        self.key(algorithm).is_some()
    }

    pub(crate) fn algorithms(&self) -> Vec<Algorithm> {
        self.keys.iter().map(|(algorithm, _)| *algorithm).collect()
    }

    /// Constant-time; the whole tag, never a part of it.
    pub(crate) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.key(algorithm).is_some_and(|key| hmac::verify(key, message, signature).is_ok())
    }

    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<hmac::Tag> {
        self.key(algorithm).map(|key| hmac::sign(key, message))
    }

    fn key(&self, algorithm: Algorithm) -> Option<&hmac::Key> {
        self.keys.iter().find(|(allowed, _)| *allowed == algorithm).map(|(_, key)| key)
    }
}

fn mac(algorithm: Algorithm) -> Option<hmac::Algorithm> {
    match algorithm {
        Algorithm::Hs256 => Some(hmac::HMAC_SHA256),
        Algorithm::Hs384 => Some(hmac::HMAC_SHA384),
        Algorithm::Hs512 => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}
