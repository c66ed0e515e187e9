//! A verification key: public or secret by type, so that one can never stand in for the other.

mod ec;
mod ed25519;
mod hmac;
mod rsa;

pub(crate) use ec::EcKey;
pub(crate) use ed25519::Ed25519Key;
pub(crate) use hmac::SecretKey;
pub(crate) use rsa::RsaKey;

use crate::Algorithm;

/// Why a key is not usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    Malformed,
    Weak,
}

/// A public key together with the algorithms it may verify.
#[derive(Clone)]
pub(crate) enum PublicKey {
    Rsa(RsaKey),
    Ec(EcKey),
    Ed25519(Ed25519Key),
}

impl PublicKey {
    pub(crate) fn kty(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Ec(_) => "EC",
            Self::Ed25519(_) => "OKP",
        }
    }

    pub(crate) fn allows(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa(key) => key.allows(algorithm),
            Self::Ec(key) => key.algorithm() == algorithm,
            Self::Ed25519(_) => algorithm == Algorithm::EdDsa,
        }
    }

    pub(crate) fn algorithms(&self) -> Vec<Algorithm> {
        Algorithm::ASYMMETRIC.iter().copied().filter(|algorithm| self.allows(*algorithm)).collect()
    }

    /// `false` also when the key does not allow the algorithm.
    pub(crate) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa(key) => key.verify(algorithm, message, signature),
            Self::Ec(key) => key.algorithm() == algorithm && key.verify(message, signature),
            Self::Ed25519(key) => algorithm == Algorithm::EdDsa && key.verify(message, signature),
        }
    }
}
