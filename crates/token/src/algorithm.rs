//! The signature algorithms that exist here (RFC 7518 section 3.1, RFC 8037); `none` is not one of them.

/// A JWS algorithm. `EdDsa` is Ed25519 only; Ed448 is not supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
    EdDsa,
    Hs256,
    Hs384,
    Hs512,
}

impl Algorithm {
    /// Every algorithm whose verification key is public.
    pub const ASYMMETRIC: &[Self] = &[
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// Every algorithm whose key is a shared secret.
    pub const SYMMETRIC: &[Self] = &[Self::Hs256, Self::Hs384, Self::Hs512];

    pub(crate) const RSA: &[Self] =
        &[Self::Rs256, Self::Rs384, Self::Rs512, Self::Ps256, Self::Ps384, Self::Ps512];

    /// The value of `alg`, as registered.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// Case-sensitive. `Ed25519` (RFC 9864) is the same thing as `EdDSA` here, as no other curve is supported.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "Ed25519" {
            return Some(Self::EdDsa);
        }
        Self::ASYMMETRIC.iter().chain(Self::SYMMETRIC).copied().find(|algorithm| algorithm.name() == name)
    }

    pub fn is_symmetric(self) -> bool {
        Self::SYMMETRIC.contains(&self)
    }
}
