//! Who uses the application, and the issuer of their tokens.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use demo::stage::{self, Documents};
use serde_json::{Map, Value, json};
use token::Signer;

use crate::caller::Trust;

/// Whom tokens are for.
pub const AUDIENCE: &str = "victim-api";

/// Somebody with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub name: &'static str,
    pub id: u64,
    pub tenant: &'static str,
    pub role: &'static str,
}

/// Owns half of what is under test.
pub const fn ana() -> Person {
    Person { name: "owner", id: 101, tenant: "north", role: "member" }
}

/// Another one like her.
pub const fn ben() -> Person {
    Person { name: "peer", id: 102, tenant: "north", role: "member" }
}

pub const fn sam() -> Person {
    Person { name: "staff", id: 103, tenant: "north", role: "staff" }
}

pub const fn ada() -> Person {
    Person { name: "admin", id: 104, tenant: "north", role: "admin" }
}

pub const fn sue() -> Person {
    Person { name: "other tenant's owner", id: 201, tenant: "south", role: "member" }
}

pub const fn oto() -> Person {
    Person { name: "other tenant's admin", id: 204, tenant: "south", role: "admin" }
}

/// A running issuer.
pub struct Issuer {
    pub url: String,
    signer: Signer,
}

impl Issuer {
    /// # Errors
    /// A sentence when there is no key or no port.
    pub async fn start() -> Result<Self, String> {
        let signer = Signer::generate("victim").map_err(|error| error.to_string())?;
        let address = stage::serve(Arc::new(Documents::of(&signer))).await?;
        Ok(Self { url: format!("http://{address}/"), signer })
    }

    /// An access token (RFC 9068) for an hour.
    ///
    /// # Errors
    /// A sentence when it cannot be signed.
    pub fn token(&self, person: &Person) -> Result<String, String> {
        self.sign(&self.claims(person))
    }

    pub fn claims(&self, person: &Person) -> Map<String, Value> {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let claims = json!({
            "iss": self.url, "aud": AUDIENCE, "sub": person.id.to_string(), "client_id": "victim-app",
            "tenant": person.tenant, "roles": [person.role], "scope": "use",
            "iat": now_s, "exp": now_s + 3600, "jti": format!("{}-{now_s}", person.id),
        });
        claims.as_object().cloned().unwrap_or_default()
    }

    /// # Errors
    /// A sentence when it cannot be signed.
    pub fn sign(&self, claims: &Map<String, Value>) -> Result<String, String> {
        self.signer.sign("at+jwt", claims).map_err(|error| error.to_string())
    }

    /// What the hardened twin verifies tokens with.
    ///
    /// # Errors
    /// A sentence when our own key cannot be read.
    pub fn trust(&self) -> Result<Trust, String> {
        let set = stage::keys(&self.signer).to_string();
        let (keys, _) = token::KeySet::parse_jwks(set.as_bytes()).map_err(|error| error.to_string())?;
        let rules = token::Rules {
            issuer: self.url.clone(),
            audiences: vec![AUDIENCE.to_owned()],
            algorithms: token::Algorithm::ASYMMETRIC.to_vec(),
            types: vec!["at+jwt".to_owned()],
            leeway_s: 0,
            lifetime_max_s: None,
            required_claims: Vec::new(),
            legacy: false,
        };
        Ok(Trust { keys, rules: Arc::new(rules) })
    }
}
