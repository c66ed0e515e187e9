//! The one credential of our making that a service gets which understands no other.

use http::HeaderName;
use model::{Caller, Code};
use net::upstream::RequestHead;
use serde_json::{Map, Value, json};

use crate::exchange::Exchange;
use crate::settings::{LegacyClaim, LegacyToken};

/// Headers in which services look for tokens. None of them passes beside the token of our making.
const CARRIERS: &[&str] = &[
    "access-token",
    "api-key",
    "apikey",
    "auth-token",
    "authentication",
    "authorization",
    "id-token",
    "proxy-authorization",
    "token",
    "x-access-token",
    "x-amz-security-token",
    "x-api-key",
    "x-auth",
    "x-auth-token",
    "x-authorization",
    "x-id-token",
    "x-session-token",
];

/// Sets the one credential. Those of others do not come this far: [`displaces`] keeps them out.
pub(super) fn inject(
    exchange: &Exchange,
    caller: &Caller,
    token: &LegacyToken,
    head: &mut RequestHead,
) -> Result<(), Code> {
    let now_unix_s = exchange.received_unix_ms / 1_000;
    let minted = token.mint(claims(exchange, caller, token), now_unix_s).map_err(|_| Code::InternalError)?;
    head.put_secret(&token.header, minted.as_bytes()).map_err(|_| Code::InternalError)
}

/// Whether a field stays here beside a token of our making. Also for anonymous callers: what nobody has verified is no
/// credential.
pub(super) fn displaces(token: &LegacyToken, name: &HeaderName) -> bool {
    *name == token.header || CARRIERS.contains(&name.as_str())
}

/// What has no value is left out: an empty name would be somebody's.
fn claims(exchange: &Exchange, caller: &Caller, token: &LegacyToken) -> Map<String, Value> {
    let subject = exchange.subject.as_deref();
    let text = |value: Option<&str>| value.filter(|value| !value.is_empty()).map(|value| json!(value));
    let mut claims = Map::new();
    for (name, from) in &token.claims {
        let value = match from {
            // Where it is known whom the API means, no other name goes in its place: it would be another's there.
            LegacyClaim::Subject => text(match subject {
                Some(subject) => Some(&*subject.subject),
                None => caller.principal.as_ref().map(|principal| &*principal.subject),
            }),
            LegacyClaim::Tenant => text(
                subject
                    .map(|subject| &*subject.tenant)
                    .filter(|known| !known.is_empty())
                    .or(caller.tenant.as_deref()),
            ),
            LegacyClaim::Issuer => text(caller.principal.as_ref().map(|principal| &*principal.issuer)),
            LegacyClaim::Client => text(caller.client.as_deref()),
            LegacyClaim::Roles => {
                subject.map(|subject| json!(subject.roles.iter().map(|role| &**role).collect::<Vec<_>>()))
            }
            LegacyClaim::Scopes => {
                text(Some(&caller.scopes.iter().map(|scope| &**scope).collect::<Vec<_>>().join(" ")))
            }
            LegacyClaim::Claim(claim) => policy::claim(&caller.claims, claim).cloned(),
            LegacyClaim::Text(said) => Some(json!(&**said)),
        };
        claims.extend(value.map(|value| (name.to_string(), value)));
    }
    claims
}
