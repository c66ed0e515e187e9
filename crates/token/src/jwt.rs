//! JSON Web Token (RFC 7519): a signed token whose claims hold here and now.

mod claims;
mod numeric_date;

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Map, Value};

use crate::header::Header;
use crate::jws::Parts;
use crate::{Algorithm, Fault, KeySet, json};

/// A larger `leeway_s` has the effect of this one.
pub const LEEWAY_S_MAX: u64 = 30;

/// Claims of ID tokens (OpenID Connect Core 1.0 sections 2 and 3.3.2.11, FAPI 1.0 part 2 section 5.2.2.1) that access
/// tokens have no use for.
const OF_ID_TOKENS: &[&str] = &["nonce", "at_hash", "c_hash", "s_hash"];
/// The claim of logout tokens and security events (RFC 8417 section 2.2).
const EVENTS: &str = "events";

/// What a token must be, for one issuer at one place.
///
/// `typ: JWT` says nothing about what a token is for, and its issuer may give one audience other tokens under it. So
/// where `types` accepts `jwt`, such a token is refused when it holds a claim of an ID token (`nonce`, `at_hash`,
/// `c_hash`, `s_hash`) or of a logout token or security event (`events`); a token of type `at+jwt`, or of any other
/// that is accepted, is taken at its word. Under `legacy` only `events` is refused, because some issuers put `nonce`
/// into access tokens.
#[derive(Debug, Clone)]
pub struct Rules {
    /// `iss`, compared exactly.
    pub issuer: String,
    /// `aud` must hold one of them; without any, no `aud` is accepted.
    pub audiences: Vec<String>,
    pub algorithms: Vec<Algorithm>,
    /// Accepted `typ`, without regard to case and to a leading `application/` (RFC 7515 section 4.1.9). Without
    /// any, no `typ` is accepted.
    pub types: Vec<String>,
    /// For clocks that differ; at most [`LEEWAY_S_MAX`] counts.
    pub leeway_s: u64,
    /// The longest accepted `exp - iat`, or `exp` from now where there is no `iat`.
    pub lifetime_max_s: Option<u64>,
    /// Claims that must be there and not null, beyond `exp`.
    pub required_claims: Vec<String>,
    /// `iss`, `aud` and `typ` may be absent, and `sub` a whole number; what is present is checked all the same. See
    /// above for ID tokens.
    pub legacy: bool,
}

/// What a token says before anything of it is verified: enough to choose whose keys to ask, and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peek {
    pub issuer: Option<String>,
    pub kid: Option<String>,
    /// `None` when the token names `none` or an algorithm that does not exist here.
    pub algorithm: Option<Algorithm>,
}

/// The claims of a token that was verified.
#[derive(Clone)]
pub struct Verified {
    pub claims: Map<String, Value>,
    /// `sub`; see [`crate::is_name`].
    pub subject: Option<String>,
    /// `client_id` (RFC 9068), else `azp` (OpenID Connect); a name like `sub`.
    pub client: Option<String>,
    /// `scope`, else `scp`; a string with spaces or an array of strings, each scope once; see [`crate::is_scope`].
    pub scopes: Vec<String>,
    pub expires_unix_s: u64,
    pub jti: Option<String>,
    pub algorithm: Algorithm,
}

/// Shows neither claims nor names.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("algorithm", &self.algorithm)
            .field("expires_unix_s", &self.expires_unix_s)
            .finish_non_exhaustive()
    }
}

/// Reads a token without verifying it. Nothing in the answer may be trusted.
pub fn peek(token: &str) -> Result<Peek, Fault> {
    let parts = Parts::split(token)?;
    let header = Header::parse(parts.header)?;
    let claims = parse_claims(&parts)?;
    let issuer = claims.get("iss").and_then(Value::as_str).map(str::to_owned);
    Ok(Peek { issuer, kid: header.kid, algorithm: header.algorithm })
}

/// Verifies a compact token at `now_unix_s`: form, header, key, signature, then claims, in this order.
///
/// [`Fault::KeyUnknown`] says that the set may be old; every other fault stays with the same keys.
pub fn verify(token: &str, keys: &KeySet, rules: &Rules, now_unix_s: u64) -> Result<Verified, Fault> {
    let parts = Parts::split(token)?;
    let header = Header::parse(parts.header)?;
    check_type(&header, rules)?;
    let algorithm = parts.verify(&header, keys, &rules.algorithms)?;
    let claims = parse_claims(&parts)?;
    check_purpose(&header, &claims, rules)?;
    claims::check(claims, algorithm, rules, now_unix_s)
}

fn parse_claims(parts: &Parts<'_>) -> Result<Map<String, Value>, Fault> {
    json::object(&parts.payload()?).ok_or(Fault::Malformed("the claims are not a strict JSON object"))
}

/// A token made for another purpose by the same issuer (an ID token, a logout token, a security event) must not
/// pass as an access token (RFC 8725 section 3.11).
fn check_type(header: &Header, rules: &Rules) -> Result<(), Fault> {
    if header.cty.as_deref().is_some_and(|cty| !bare(cty).eq_ignore_ascii_case("json")) {
        return Err(Fault::Header("`cty` is not that of claims"));
    }
    match &header.typ {
        None if rules.legacy => Ok(()),
        None => Err(Fault::Type),
        Some(typ) if rules.types.iter().any(|accepted| bare(accepted).eq_ignore_ascii_case(bare(typ))) => {
            Ok(())
        }
        Some(_) => Err(Fault::Type),
    }
}

/// Where the type does not tell what the token is for, its claims may.
fn check_purpose(header: &Header, claims: &Map<String, Value>, rules: &Rules) -> Result<(), Fault> {
    let is_plain = header.typ.as_deref().is_none_or(|typ| bare(typ).eq_ignore_ascii_case("jwt"));
    let is_of_an_id_token = || !rules.legacy && OF_ID_TOKENS.iter().any(|name| claims.contains_key(*name));
    if is_plain && (claims.contains_key(EVENTS) || is_of_an_id_token()) {
        return Err(Fault::Type);
    }
    Ok(())
}

/// A media type without `application/`, unless another slash follows (RFC 7515 section 4.1.9).
fn bare(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match (media_type.get(..PREFIX.len()), media_type.get(PREFIX.len()..)) {
        (Some(prefix), Some(rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => media_type,
    }
}
