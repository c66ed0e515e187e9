//! How a credential of one security scheme is verified.

use std::sync::Arc;
use std::time::Duration;

use model::{Place, Secret};
use token::Algorithm;

/// How a credential of one security scheme is verified.
#[derive(Debug, Clone)]
pub struct Authenticator {
    pub place: Option<Place>,
    pub kind: AuthenticatorKind,
}

#[derive(Debug, Clone)]
pub enum AuthenticatorKind {
    Jwt(Jwt),
    Opaque(OpaqueTokens),
    ApiKeys(ApiKeys),
}

#[derive(Debug, Clone)]
pub struct Jwt {
    pub issuer: Arc<str>,
    /// At least one; the token's `aud` must hold one of them. Empty only under `legacy_token`.
    pub audiences: Vec<String>,
    pub algorithms: Vec<Algorithm>,
    pub keys: KeySource,
    pub token_lifetime_max: Option<Duration>,
    pub leeway: Duration,
    /// Accepted `typ`, lower case, without `application/`: by default `at+jwt` and `jwt`.
    pub types: Vec<String>,
    /// `insecure.legacy_token`: `iss`, `aud` and `typ` may be absent; they are still checked when present.
    pub legacy_token: bool,
    /// Claims beyond `exp` and `iss` that must be there.
    pub required_claims: Vec<String>,
    /// The claim that says who the user is, by name or path; `None`: `sub`.
    pub subject_claim: Option<Arc<str>>,
}

#[derive(Debug, Clone)]
pub enum KeySource {
    /// `ISSUER/.well-known/openid-configuration`, then RFC 8414's place.
    Discovery,
    JwksUri(String),
    /// A JWK Set read with the configuration.
    Jwks(Arc<token::KeySet>),
    /// A shared secret (HS256, HS384, HS512).
    Secret(Arc<token::KeySet>),
}

/// Tokens that say nothing by themselves: whoever knows is asked about each.
#[derive(Debug, Clone)]
pub struct OpaqueTokens {
    pub endpoint: String,
    pub asked: TokenAuthority,
    pub issuer: Option<Arc<str>>,
    /// The answer's `aud`, where it has one, must hold one of them; empty: any will do.
    pub audiences: Vec<String>,
    /// How long an active answer may be used again; never beyond its `exp`.
    pub cache: Duration,
    pub token_lifetime_max: Option<Duration>,
    /// The member that says who the user is, by name or path; `None`: `sub`.
    pub subject_claim: Option<Arc<str>>,
}

/// Who knows about a token, and how it is asked.
#[derive(Debug, Clone)]
pub enum TokenAuthority {
    /// An introspection endpoint, asked as a client of its own (RFC 7662 section 2.1).
    Introspection { client_id: String, client_secret: Secret<String> },
    /// The service itself, which is sent the token after this word and says who holds it.
    Service { scheme: Arc<str> },
}

#[derive(Debug, Clone)]
pub struct ApiKeys {
    pub keys: Vec<ApiKey>,
}

#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Names the key in records; not secret.
    pub id: Arc<str>,
    pub client: Arc<str>,
    pub tenant: Option<Arc<str>>,
    /// SHA-256 of the key. The key itself is not kept.
    pub sha256: [u8; 32],
    pub expires_unix_s: Option<u64>,
    pub scopes: Vec<Arc<str>>,
    /// `authorizes: true`: the key alone may satisfy an operation's security.
    pub authorizes: bool,
}

#[cfg(test)]
pub(crate) mod testing {
    use super::{Duration, OpaqueTokens, Secret, TokenAuthority};

    /// Asked about without anything that is optional.
    pub(crate) fn opaque_tokens() -> OpaqueTokens {
        OpaqueTokens {
            endpoint: "https://login.example/introspect".to_owned(),
            asked: TokenAuthority::Introspection {
                client_id: "gateway".to_owned(),
                client_secret: Secret::new("secret".to_owned()),
            },
            issuer: None,
            audiences: Vec::new(),
            cache: Duration::ZERO,
            token_lifetime_max: None,
            subject_claim: None,
        }
    }
}
