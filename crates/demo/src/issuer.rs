//! The demo's issuer: discovery, keys, and tokens that are good or deliberately bad.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use token::Signer;

use crate::stage::{self, Documents};

/// A running issuer and the key that it signs with.
pub(crate) struct Issuer {
    pub url: String,
    signer: Signer,
}

pub(crate) async fn start() -> Result<Issuer, String> {
    let signer = Signer::generate("demo").map_err(|error| error.to_string())?;
    let address = stage::serve(Arc::new(Documents::of(&signer))).await?;
    Ok(Issuer { url: format!("http://{address}/"), signer })
}

impl Issuer {
    /// An access token (RFC 9068); a negative lifetime makes one that has expired.
    pub(crate) fn token(
        &self,
        sub: &str,
        scope: &str,
        audience: &str,
        lifetime_s: i64,
    ) -> Result<String, String> {
        self.typed("at+jwt", sub, scope, audience, lifetime_s)
    }

    pub(crate) fn typed(
        &self,
        typ: &str,
        sub: &str,
        scope: &str,
        aud: &str,
        lifetime_s: i64,
    ) -> Result<String, String> {
        sign(&self.signer, typ, &self.claims(sub, scope, aud, lifetime_s))
    }

    /// Signed with a key of the forger's own under the issuer's key id.
    pub(crate) fn forged(&self, sub: &str, scope: &str, audience: &str) -> Result<String, String> {
        let forger = Signer::generate("demo").map_err(|error| error.to_string())?;
        sign(&forger, "at+jwt", &self.claims(sub, scope, audience, 600))
    }

    fn claims(&self, sub: &str, scope: &str, audience: &str, lifetime_s: i64) -> Value {
        let now =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).cast_signed();
        let issued = now + lifetime_s.min(0) - 1;
        json!({
            "iss": self.url, "aud": audience, "sub": sub, "client_id": "shop-app", "scope": scope,
            "iat": issued, "exp": now + lifetime_s, "jti": format!("{sub}-{audience}-{lifetime_s}"),
        })
    }
}

fn sign(signer: &Signer, typ: &str, claims: &Value) -> Result<String, String> {
    let claims = claims.as_object().cloned().unwrap_or_default();
    signer.sign(typ, &claims).map_err(|error| error.to_string())
}
