//! Why a token is refused: a closed list whose text never holds a value of the token.

use model::Code;

/// A refusal of a token. `Display` is a lower-case fragment that is safe to show to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not three parts of strict base64url holding strict JSON objects.
    #[error("{0}")]
    Malformed(&'static str),
    /// A header parameter that is not accepted, or has the wrong form.
    #[error("{0}")]
    Header(&'static str),
    /// `alg` is unknown, `none`, not allowed by the rules, or not the key's.
    #[error("the algorithm is not accepted for this key")]
    Algorithm,
    #[error("the type is not accepted here")]
    Type,
    /// No key with this `kid`, or none at all: the issuer may have rotated its keys.
    #[error("no key of the issuer has this key id")]
    KeyUnknown,
    /// The token names no key, and more keys could have signed it than are tried.
    #[error("the token names no key and the issuer has too many that could have signed it")]
    KeyAmbiguous,
    #[error("the signature does not verify")]
    Signature,
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` lies in the future, beyond the leeway.
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the issuer is not the expected one")]
    Issuer,
    #[error("the audience is another")]
    Audience,
    /// A registered claim is missing or has the wrong form.
    #[error("{0}")]
    Claim(&'static str),
    /// A claim that names somebody could be read as another name by whoever is told it; which one.
    #[error("the claim `{0}` is not printable ASCII without a space at either end")]
    Name(&'static str),
    /// A claim that the configuration requires is missing or null; the name is the configuration's.
    #[error("the claim `{0}` is required")]
    ClaimRequired(String),
    #[error("the token lives longer than is allowed")]
    Lifetime,
}

impl Fault {
    pub fn code(&self) -> Code {
        match self {
            Self::Malformed(_) => Code::TokenMalformed,
            Self::Header(_) => Code::TokenHeader,
            Self::Algorithm => Code::TokenAlgorithm,
            Self::Type => Code::TokenType,
            Self::KeyUnknown | Self::KeyAmbiguous => Code::TokenKeyUnknown,
            Self::Signature => Code::TokenSignature,
            Self::Expired => Code::TokenExpired,
            Self::NotYetValid => Code::TokenNotYetValid,
            Self::Issuer => Code::TokenIssuer,
            Self::Audience => Code::TokenAudience,
            Self::Claim(_) | Self::Name(_) | Self::ClaimRequired(_) => Code::TokenClaims,
            Self::Lifetime => Code::TokenLifetime,
        }
    }
}
