//! The token that a service understands that cannot be changed: made by us, the only credential that it gets.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderName;
use model::Secret;
use serde_json::{Map, Value};
use token::{SignError, Signer};

/// Tokens that are kept for a part of their lifetime.
const KEPT_MAX: usize = 4_096;
/// A kept token has at least this part of its lifetime before it.
const FRESH_PART: u64 = 2;

pub enum LegacyKey {
    Hs256(Secret<Vec<u8>>),
    Signer(Arc<Signer>),
}

impl fmt::Debug for LegacyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hs256(_) => "HS256",
            Self::Signer(_) => "Signer",
        })
    }
}

/// Where a claim's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegacyClaim {
    Subject,
    Tenant,
    Issuer,
    Client,
    /// An array.
    Roles,
    /// A text, separated by spaces.
    Scopes,
    /// A claim of the caller's own token, as it is there.
    Claim(Arc<str>),
    Text(Arc<str>),
}

#[derive(Debug)]
pub struct LegacyToken {
    pub key: LegacyKey,
    pub claims: Vec<(Arc<str>, LegacyClaim)>,
    pub header: HeaderName,
    /// Stands before the token; empty: nothing does.
    pub scheme: Arc<str>,
    pub lifetime: Duration,
    /// By the claims: the token, and until when it is fresh.
    kept: Mutex<HashMap<String, (String, u64)>>,
}

impl LegacyToken {
    pub fn new(
        key: LegacyKey,
        claims: Vec<(Arc<str>, LegacyClaim)>,
        header: HeaderName,
        scheme: Arc<str>,
        lifetime: Duration,
    ) -> Self {
        Self { key, claims, header, scheme, lifetime, kept: Mutex::default() }
    }

    /// The value of the header. `claims` are those of the caller, without times.
    pub(crate) fn mint(&self, mut claims: Map<String, Value>, now_unix_s: u64) -> Result<String, SignError> {
        let whose = Value::Object(claims.clone()).to_string();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, _)) = kept.get(&whose).filter(|(_, until_s)| now_unix_s < *until_s) {
            return Ok(self.written(token));
        }
        let lifetime_s = self.lifetime.as_secs().max(1);
        claims.insert("iat".to_owned(), now_unix_s.into());
        claims.insert("exp".to_owned(), (now_unix_s + lifetime_s).into());
        let token = match &self.key {
            LegacyKey::Hs256(secret) => token::sign_hs256(secret.expose(), &claims)?,
            LegacyKey::Signer(signer) => signer.sign("JWT", &claims)?,
        };
        if kept.len() >= KEPT_MAX {
            kept.retain(|_, (_, until_s)| now_unix_s < *until_s);
            if kept.len() >= KEPT_MAX {
                kept.clear();
            }
        }
        let written = self.written(&token);
        kept.insert(whose, (token, now_unix_s + lifetime_s / FRESH_PART));
        Ok(written)
    }

    fn written(&self, token: &str) -> String {
        if self.scheme.is_empty() { token.to_owned() } else { format!("{} {token}", self.scheme) }
    }
}
