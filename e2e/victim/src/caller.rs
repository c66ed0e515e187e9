//! Who calls: believed by the weak twin, verified by the hardened one.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// What the token says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    pub id: u64,
    pub tenant: String,
    pub roles: Vec<String>,
}

impl Caller {
    pub(crate) fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    fn read(claims: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let roles = claims.get("roles").and_then(Value::as_array).into_iter().flatten();
        Some(Self {
            // Some issuers name people otherwise than the application does, and tell its number in a claim of its own.
            id: claims.get("uid").and_then(Value::as_u64).or_else(|| text("sub")?.parse().ok())?,
            tenant: text("tenant")?.to_owned(),
            roles: roles.filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }
}

/// Takes any token from anywhere, and its word for everything.
pub(crate) fn believed(tokens: &[String]) -> Option<Caller> {
    tokens.iter().find_map(|token| {
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        Caller::read(serde_json::from_slice::<Value>(&payload).ok()?.as_object()?)
    })
}

/// What the hardened twin knows the tokens of its issuer by.
#[derive(Clone)]
pub struct Trust {
    pub(crate) keys: token::KeySet,
    pub(crate) rules: Arc<token::Rules>,
}

/// Exactly one token, from the `Authorization` field, that verifies.
pub(crate) fn verified(bearer: Option<&str>, trust: &Trust) -> Option<Caller> {
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let verified = token::verify(bearer?, &trust.keys, &trust.rules, now_s).ok()?;
    Caller::read(&verified.claims)
}
