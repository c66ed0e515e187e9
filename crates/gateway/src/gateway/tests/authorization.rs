//! Authorization from socket to socket, before a service that checks nothing.

mod answers;
mod external;
mod faults;
mod functions;
mod issuers;
mod limits;
mod lists;
mod own;
mod policies;
mod sources;
mod timing;
mod told;
mod writes;

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use model::Record;
use net::Stop;
use serde_json::json;
use token::{KeySet, Signer};

use super::issuers::jwt;
use super::shop::{DESCRIPTION, Shop};
use super::stand::{Answer, Stand};
use crate::fixtures::stage::{authorize, authorize_by};
use crate::pipeline::testing::description;
use crate::settings::{Authenticator, AuthenticatorKind, KeySource, Settings, Upstream};

const ISSUER: &str = "https://login.example";
const BINDINGS: &str = include_str!("bindings.yaml");

/// The shop behind the gateway, with all checks.
struct World {
    stand: Stand,
    shop: Arc<Shop>,
    signer: Signer,
    _shop_stop: Stop,
}

impl World {
    async fn new() -> Self {
        Self::with(BINDINGS, |_| {}).await
    }

    async fn with(bindings: &'static str, change: impl FnOnce(&mut Settings)) -> Self {
        let (shop, port, shop_stop) = Shop::begin();
        let signer = Signer::generate("key-1").unwrap();
        let document = json!({ "keys": [signer.public_jwk()] }).to_string();
        let (keys, _) = KeySet::parse_jwks(document.as_bytes()).unwrap();
        let stand = Stand::new(crate::checks::ALL, |settings| {
            let api = &mut settings.apis[0];
            api.description = description(DESCRIPTION);
            api.upstream = Upstream::plain(port);
            api.identity.forward_credential = true;
            api.authorization = Some(authorize(bindings, &api.description).unwrap());
            let jwt = jwt(ISSUER, KeySource::Jwks(Arc::new(keys)));
            let authenticator = Authenticator { place: None, kind: AuthenticatorKind::Jwt(jwt) };
            api.authenticators.insert(Arc::from("bearer"), vec![authenticator]);
            settings.tenant_claim = Some("org".into());
            change(settings);
        })
        .await;
        Self { stand, shop, signer, _shop_stop: shop_stop }
    }

    /// With policies beside the built-in ones.
    async fn ruled(bindings: &'static str, policies: &str) -> Self {
        let text = Bytes::from(format!("{}\n{policies}", policy::cedar::BUILT_IN));
        Self::with(bindings, |settings| {
            let api = &mut settings.apis[0];
            let policies = [(Arc::from("own.cedar"), text)];
            api.authorization = Some(authorize_by(bindings, &policies, &api.description).unwrap());
        })
        .await
    }

    fn token(&self, name: &str, more: &[(&str, serde_json::Value)]) -> String {
        // One second for all: answers are kept for callers whose claims are the same.
        static NOW_S: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| {
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
        });
        let now_s = *NOW_S;
        let org = if name == "cem" { "umbra" } else { "acme" };
        let mut claims = json!({
            "iss": ISSUER, "aud": "orders", "sub": name, "org": org, "iat": now_s, "exp": now_s + 300,
        });
        let members = claims.as_object_mut().unwrap();
        for (claim, value) in more {
            members.insert((*claim).to_owned(), value.clone());
        }
        members.retain(|_, value| !value.is_null());
        format!("Bearer {}", self.signer.sign("jwt", members).unwrap())
    }

    /// `GET /orders/1` as somebody.
    async fn ask(&self, name: &str, line: &str) -> Answer {
        self.send(name, line, &[], "").await
    }

    async fn send(&self, name: &str, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (method, target) = line.split_once(' ').unwrap();
        let token = self.token(name, &[]);
        let mut all = vec![("authorization", token.as_str())];
        if !body.is_empty() {
            all.push(("content-type", "application/json"));
        }
        all.extend(headers);
        self.stand.send(method, target, &all, body).await
    }

    async fn code(&self, name: &str, line: &str) -> String {
        let answer = self.ask(name, line).await;
        if answer.status < 400 { answer.status.to_string() } else { answer.code() }
    }

    async fn record(&self, answer: &Answer) -> Record {
        self.stand.record(answer).await
    }
}

/// What tells two answers apart, the request's own id aside.
fn face(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let mut problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some(members) = problem.as_object_mut() {
        members.retain(|name, _| name != "request_id" && name != "instance");
    }
    (answer.status, headers, problem.to_string())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    super::stand::text(headers, name)
}
