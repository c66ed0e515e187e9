//! For tests of checks as tables of (exchange, answers) -> step: one API of a short description, a clock turned by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use model::{Caller, Code, ManualClock, Refusal};
use serde_json::{Map, Value, json};
use token::{Algorithm, KeySet, Signer};

use crate::check::{Build, Edit, Preparation, Step};
use crate::exchange::{Body, Exchange, Head, Peer, Route, TraceContext};
use crate::settings::{
    Api, ApiKey, ApiKeys, Authenticator, AuthenticatorKind, Jwt, KeySource, Limit, OpaqueTokens, Per,
    Settings, Sizes, opaque_tokens,
};
use crate::shared::Shared;

/// 2027-01-15T08:00:00Z.
pub(super) const NOW_S: u64 = 1_800_000_000;
pub(super) const ISSUER: &str = "https://login.example/";
pub(super) const AUDIENCE: &str = "orders-api";

/// Operations with every kind of security, and one of each place for a credential.
const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: Orders, version: "1" }
components:
  securitySchemes:
    bearer: { type: http, scheme: bearer }
    other: { type: oauth2, flows: {} }
    key: { type: apiKey, in: header, name: X-API-Key }
    old: { type: apiKey, in: query, name: legacy_key }
    session: { type: apiKey, in: cookie, name: sid }
    basic: { type: http, scheme: basic }
    dpop: { type: http, scheme: DPoP }
    swagger: { type: apiKey, in: header, name: Authorization }
  schemas:
    Grant: { type: object, properties: { access_token: { type: string } } }
paths:
  /public: { get: { operationId: public, security: [], responses: { "200": { description: ok } } } }
  /missing: { get: { operationId: missing, responses: { "200": { description: ok } } } }
  /read: { get: { operationId: read, security: [{ bearer: [orders.read] }], responses: { "200": { description: ok } } } }
  /any: { get: { operationId: any, security: [{ bearer: [] }], responses: { "200": { description: ok } } } }
  /either: { get: { operationId: either, security: [{ bearer: [admin] }, { key: [] }], responses: { "200": { description: ok } } } }
  /both: { get: { operationId: both, security: [{ bearer: [orders.read], key: [] }], responses: { "200": { description: ok } } } }
  /mixed: { get: { operationId: mixed, security: [{ bearer: [admin], key: [] }, { key: [] }], responses: { "200": { description: ok } } } }
  /key: { get: { operationId: key, security: [{ key: [] }], responses: { "200": { description: ok } } } }
  /roles: { get: { operationId: roles, security: [{ key: [orders.read] }], responses: { "200": { description: ok } } } }
  /optional: { get: { operationId: optional, security: [{}, { bearer: [] }], responses: { "200": { description: ok } } } }
  /two: { get: { operationId: two, security: [{ bearer: [] }, { other: [] }], responses: { "200": { description: ok } } } }
  /swagger: { get: { operationId: swagger, security: [{ swagger: [] }], responses: { "200": { description: ok } } } }
  /old: { get: { operationId: old, security: [{ old: [] }], responses: { "200": { description: ok } } } }
  /declared:
    get:
      operationId: declared
      security: []
      parameters:
        - { name: token, in: query, schema: { type: string } }
        - { name: Api-Key, in: query, schema: { type: string } }
        - { name: legacy_key, in: query, schema: { type: string } }
        - { name: jwt, in: cookie, schema: { type: string } }
      responses: { "200": { description: ok } }
  /form:
    post:
      operationId: form
      security: []
      requestBody: { content: { application/x-www-form-urlencoded: { schema: { type: object } } } }
      responses: { "200": { description: ok } }
  /upload:
    post:
      operationId: upload
      security: []
      requestBody: { content: { multipart/form-data: { schema: { type: object } } } }
      responses: { "200": { description: ok } }
  /grant:
    post:
      operationId: grant
      security: []
      requestBody:
        content: { application/x-www-form-urlencoded: { schema: { $ref: "#/components/schemas/Grant" } } }
      responses: { "200": { description: ok } }
"##;

struct OneFile;

impl openapi::Files for OneFile {
    fn read(&self, _path: &str) -> Result<Bytes, String> {
        Ok(Bytes::from_static(DESCRIPTION.as_bytes()))
    }
}

pub(super) struct Table {
    pub(super) settings: Settings,
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Arc<ManualClock>,
}

impl Table {
    pub(super) fn new() -> Self {
        let (description, findings) = openapi::load("api.yaml", &[], &OneFile);
        let description = description.unwrap_or_else(|| panic!("{findings:?}"));
        let clock = Arc::new(ManualClock::new(NOW_S * 1000));
        let sizes = Sizes { limit_keys_max: 1_000, tokens_cached_max: 1_000, ..Sizes::default() };
        let shared = Shared::new(Arc::clone(&clock) as _, &sizes);
        let settings = Settings::plain(vec![Api::plain("orders", Arc::new(description), 1)]);
        Self { settings, shared, clock }
    }

    pub(super) fn api(&mut self) -> &mut Api {
        &mut self.settings.apis[0]
    }

    pub(super) fn authenticate(mut self, scheme: &str, kind: AuthenticatorKind) -> Self {
        let authenticators = &mut self.api().authenticators;
        authenticators.entry(scheme.into()).or_default().push(Authenticator { place: None, kind });
        self
    }

    /// The check as prepared for an operation; `unmatched` is the synthetic one.
    pub(super) fn try_prepare<T: Build>(&self, operation: &str) -> Result<Option<T>, String> {
        let api = &self.settings.apis[0];
        let found = api.description.operations.iter().find(|found| &*found.id == operation);
        assert!(found.is_some() || operation == "unmatched", "no operation {operation}");
        T::build(&Preparation {
            settings: &self.settings,
            api,
            operation: found,
            shared: &self.shared,
            service: None,
        })
    }

    pub(super) fn prepare<T: Build>(&self, operation: &str) -> T {
        self.try_prepare(operation).unwrap().expect("the operation needs the check")
    }
}

/// A request of nobody in particular to no path in particular.
pub(super) fn exchange(headers: &[(&str, &str)]) -> Exchange {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Exchange {
        request_id: "request".into(),
        trace: TraceContext { trace_id: 1, span_id: 1, parent_id: None, sampled: false },
        received_unix_ms: NOW_S * 1000,
        received_ns: 0,
        peer: Peer { address: "192.0.2.1".parse().unwrap(), from: None, tls: false, protocol: "http/1.1" },
        head: Head { method: Method::GET, host: "api.example".to_owned(), headers: map, has_body: false },
        route: Route {
            api: "orders".into(),
            operation: None,
            path: openapi::NormalPath::new("/x").unwrap(),
            path_values: Vec::new(),
            query: None,
        },
        caller: None,
        subject: None,
        objects: Vec::new(),
        opened: Vec::new(),
        awaits_answer: false,
        authorization: None,
        inspection: None,
        body: None,
        response: None,
    }
}

pub(super) fn from_address(address: &str) -> Exchange {
    let mut exchange = exchange(&[]);
    exchange.peer.address = address.parse::<IpAddr>().unwrap();
    exchange
}

pub(super) fn with_caller(caller: Caller) -> Exchange {
    Exchange { caller: Some(caller), ..exchange(&[]) }
}

pub(super) fn with_body(content_type: &str, body: &'static str) -> Exchange {
    let body = Body::new(Bytes::from_static(body.as_bytes()), tape::Limits::default());
    Exchange { body: Some(body), ..exchange(&[("content-type", content_type)]) }
}

pub(super) fn bearer(token: &str) -> Exchange {
    exchange(&[("authorization", &format!("Bearer {token}"))])
}

pub(super) fn limit(name: &str, per: Per, count: u64) -> Limit {
    Limit::plain(name, per, count)
}

pub(super) fn key_set(signer: &Signer) -> Arc<KeySet> {
    let document = json!({ "keys": [signer.public_jwk()] }).to_string();
    Arc::new(KeySet::parse_jwks(document.as_bytes()).unwrap().0)
}

pub(super) fn jwt(keys: KeySource) -> Jwt {
    Jwt {
        issuer: ISSUER.into(),
        audiences: vec![AUDIENCE.to_owned()],
        algorithms: Algorithm::ASYMMETRIC.to_vec(),
        keys,
        token_lifetime_max: None,
        leeway: Duration::from_secs(30),
        types: vec!["at+jwt".to_owned(), "jwt".to_owned()],
        legacy_token: false,
        required_claims: Vec::new(),
        subject_claim: None,
    }
}

pub(super) fn configured(signer: &Signer) -> Jwt {
    jwt(KeySource::Jwks(key_set(signer)))
}

/// Claims of a good token, changed by `change`: a `null` removes.
pub(super) fn claims(change: &Value) -> Map<String, Value> {
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "client_id": "shop", "scope": "orders.read orders.list",
        "iat": NOW_S, "exp": NOW_S + 300, "jti": "token-1",
    });
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect()
}

pub(super) fn sign(signer: &Signer, change: &Value) -> String {
    signer.sign("at+jwt", &claims(change)).unwrap()
}

pub(super) fn introspection() -> OpaqueTokens {
    OpaqueTokens {
        issuer: Some(ISSUER.into()),
        audiences: vec![AUDIENCE.to_owned()],
        cache: Duration::from_secs(60),
        ..opaque_tokens()
    }
}

/// A set of one key, the word `key-KEY`.
pub(super) fn api_keys(id: &str, authorizes: bool) -> AuthenticatorKind {
    let mut sha256 = [0; 32];
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("key-{id}").as_bytes());
    sha256.copy_from_slice(digest.as_ref());
    AuthenticatorKind::ApiKeys(ApiKeys {
        keys: vec![ApiKey {
            id: id.into(),
            client: format!("client-{id}").as_str().into(),
            tenant: None,
            sha256,
            expires_unix_s: Some(NOW_S + 100),
            scopes: vec!["orders.read".into()],
            authorizes,
        }],
    })
}

pub(super) fn refused(step: Step) -> Refusal {
    match step {
        Step::Refuse(refusal) | Step::RefuseWith(_, refusal) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

pub(super) fn code(step: Step) -> Option<Code> {
    match step {
        Step::Refuse(refusal) | Step::RefuseWith(_, refusal) => Some(refusal.code),
        Step::Continue(_) => None,
        other => panic!("neither refused nor passed: {other:?}"),
    }
}

pub(super) fn edits(step: Step) -> Vec<Edit> {
    match step {
        Step::Continue(edits) => edits,
        other => panic!("not passed: {other:?}"),
    }
}

pub(super) fn caller(step: Step) -> Caller {
    let caller = edits(step).into_iter().find_map(|edit| match edit {
        Edit::Caller(caller) => Some(caller),
        _ => None,
    });
    caller.expect("a caller")
}
