//! An issuer: discovery, keys, and tokens of every kind a story needs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use token::Signer;

use crate::{Reply, Server};

/// A running issuer with one current key; [`Issuer::rotate`] replaces it.
pub struct Issuer {
    server: Arc<Server>,
    signers: Arc<Mutex<Vec<Signer>>>,
    down: Arc<AtomicBool>,
    pub url: String,
}

impl Issuer {
    pub fn start() -> Self {
        let signers = Arc::new(Mutex::new(vec![Signer::generate("key-1").unwrap()]));
        let down = Arc::new(AtomicBool::new(false));
        let url: Arc<Mutex<String>> = Arc::default();
        let (keys, is_down, own) = (Arc::clone(&signers), Arc::clone(&down), Arc::clone(&url));
        let server = Server::start(move |request| {
            if is_down.load(Ordering::SeqCst) {
                return Reply::json(503, "{}");
            }
            let own = own.lock().unwrap().clone();
            match request.target() {
                "/.well-known/openid-configuration" => {
                    Reply::json(200, &json!({ "issuer": own, "jwks_uri": format!("{own}keys") }).to_string())
                }
                "/keys" => {
                    let keys: Vec<Value> = keys.lock().unwrap().iter().map(Signer::public_jwk).collect();
                    Reply::json(200, &json!({ "keys": keys }).to_string())
                }
                _ => Reply::json(404, "{}"),
            }
        });
        *url.lock().unwrap() = format!("http://{}/", server.address);
        let url = url.lock().unwrap().clone();
        Self { server: Arc::new(server), signers, down, url }
    }

    /// Replaces the key by a new one, as issuers do.
    pub fn rotate(&self, kid: &str) {
        *self.signers.lock().unwrap() = vec![Signer::generate(kid).unwrap()];
    }

    /// From now on every answer is 503, or no longer.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// How often the keys were fetched.
    pub fn fetches(&self) -> usize {
        self.server.requests().iter().filter(|request| request.target() == "/keys").count()
    }

    /// An access token (RFC 9068) for ten minutes.
    pub fn token(&self, subject: &str, audience: &str, scope: &str) -> String {
        self.sign("at+jwt", &self.claims(subject, audience, scope))
    }

    pub fn claims(&self, subject: &str, audience: &str, scope: &str) -> Map<String, Value> {
        let now = now_s();
        let claims = json!({
            "iss": self.url, "aud": audience, "sub": subject, "client_id": "story", "scope": scope,
            "iat": now, "exp": now + 600, "jti": format!("{subject}-{now}"),
        });
        claims.as_object().cloned().unwrap_or_default()
    }

    pub fn sign(&self, typ: &str, claims: &Map<String, Value>) -> String {
        self.signers.lock().unwrap().first().unwrap().sign(typ, claims).unwrap()
    }
}

/// Seconds since 1970.
pub fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
