//! What the backend is told about the caller, in fields that nobody else can set.

use http::HeaderName;
use model::{Caller, Code};
use net::upstream::RequestHead;
use serde_json::{Map, Value, json};

use super::legacy;
use crate::pipeline::Run;
use crate::settings::{Assertion, BackendIdentity};

const SUBJECT: HeaderName = HeaderName::from_static("bartizan-subject");
const ISSUER: HeaderName = HeaderName::from_static("bartizan-issuer");
const CLIENT: HeaderName = HeaderName::from_static("bartizan-client");
const SCOPES: HeaderName = HeaderName::from_static("bartizan-scopes");
const ASSERTION: HeaderName = HeaderName::from_static("bartizan-assertion");

/// Adds the caller's fields; nothing for an anonymous one. A name that cannot stand in a header as it is is our
/// error, for no credential with such a name verifies: to leave it out would make the backend see another caller.
pub(super) fn inject(run: &Run, identity: &BackendIdentity, head: &mut RequestHead) -> Result<(), Code> {
    let Some(caller) = run.exchange.caller.as_ref().filter(|caller| !caller.is_anonymous()) else {
        return Ok(());
    };
    if let Some(principal) = &caller.principal {
        // A subject is unique within its issuer only (RFC 7519 section 4.1.2).
        put(head, &ISSUER, &principal.issuer)?;
        put(head, &SUBJECT, &principal.subject)?;
    }
    if let Some(client) = &caller.client {
        put(head, &CLIENT, client)?;
    }
    if !caller.scopes.is_empty() {
        if !caller.scopes.iter().all(|scope| token::is_scope(scope)) {
            return Err(Code::InternalError);
        }
        put(head, &SCOPES, &scopes(caller))?;
    }
    if let Some(assertion) = &identity.assertion {
        put(head, &ASSERTION, &sign(run, caller, assertion)?)?;
    }
    if let Some(token) = &identity.legacy_token {
        legacy::inject(&run.exchange, caller, token, head)?;
    }
    Ok(())
}

fn put(head: &mut RequestHead, name: &HeaderName, text: &str) -> Result<(), Code> {
    if !token::is_name(text) {
        return Err(Code::InternalError);
    }
    super::say(head, name, text.as_bytes())
}

fn scopes(caller: &Caller) -> String {
    caller.scopes.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(" ")
}

/// A short-lived JWT (RFC 7519) for exactly this request: `jti` is the request id, `operation` what was allowed.
fn sign(run: &Run, caller: &Caller, assertion: &Assertion) -> Result<String, Code> {
    let exchange = &run.exchange;
    let now_unix_s = exchange.received_unix_ms / 1_000;
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("iss", json!(assertion.issuer));
    claim("aud", json!(assertion.audience));
    if let Some(principal) = &caller.principal {
        claim("sub", json!(&*principal.subject));
        claim("sub_iss", json!(&*principal.issuer));
    }
    if let Some(client) = &caller.client {
        claim("client_id", json!(&**client));
    }
    claim("scope", json!(scopes(caller)));
    claim("iat", json!(now_unix_s));
    claim("exp", json!(now_unix_s + assertion.lifetime.as_secs().max(1)));
    claim("jti", json!(&*exchange.request_id));
    let operation = exchange.route.operation.as_ref();
    claim("operation", json!(operation.map_or("unmatched", |operation| &*operation.id)));
    assertion.signer.sign("bartizan+jwt", &claims).map_err(|_| Code::InternalError)
}
