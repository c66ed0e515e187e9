//! The claims of a token whose signature is good (RFC 7519 section 4.1, RFC 9068 section 2.2).

use serde_json::{Map, Value};

use super::numeric_date::NumericDate;
use super::{LEEWAY_S_MAX, Rules, Verified};
use crate::{Algorithm, Fault, names};

type Claims = Map<String, Value>;

pub(super) fn check(
    claims: Claims,
    algorithm: Algorithm,
    rules: &Rules,
    now: u64,
) -> Result<Verified, Fault> {
    check_issuer(&claims, rules)?;
    check_audience(&claims, rules)?;
    let expires_unix_s = check_time(&claims, rules, now)?;
    for name in &rules.required_claims {
        if claims.get(name).is_none_or(Value::is_null) {
            return Err(Fault::ClaimRequired(name.clone()));
        }
    }
    let client = match names::name(&claims, "client_id")? {
        None => names::name(&claims, "azp")?,
        client => client,
    };
    Ok(Verified {
        subject: subject(&claims, rules)?,
        client: client.map(str::to_owned),
        // Some issuers send an array, some call it `scp`.
        scopes: names::scopes(claims.get("scope").or_else(|| claims.get("scp")))?,
        expires_unix_s,
        jti: text(&claims, "jti", "`jti` is not a string")?,
        algorithm,
        claims,
    })
}

/// Old issuers write a whole number, which RFC 7519 section 4.1.2 does not allow.
fn subject(claims: &Claims, rules: &Rules) -> Result<Option<String>, Fault> {
    match claims.get("sub") {
        Some(Value::Number(number)) if rules.legacy && !number.is_f64() => Ok(Some(number.to_string())),
        _ => Ok(names::name(claims, "sub")?.map(str::to_owned)),
    }
}

fn check_issuer(claims: &Claims, rules: &Rules) -> Result<(), Fault> {
    match claims.get("iss") {
        None if rules.legacy => Ok(()),
        Some(Value::String(issuer)) if *issuer == rules.issuer => Ok(()),
        _ => Err(Fault::Issuer),
    }
}

fn check_audience(claims: &Claims, rules: &Rules) -> Result<(), Fault> {
    let ours = |audience: &str| rules.audiences.iter().any(|accepted| accepted == audience);
    match claims.get("aud") {
        None if rules.legacy => Ok(()),
        Some(Value::String(audience)) if ours(audience) => Ok(()),
        // One of them must be ours, and every one must be a string: a half-understood list is not understood.
        Some(Value::Array(audiences)) => {
            let audiences: Option<Vec<&str>> = audiences.iter().map(Value::as_str).collect();
            let found = audiences.is_some_and(|audiences| audiences.into_iter().any(ours));
            if found { Ok(()) } else { Err(Fault::Audience) }
        }
        _ => Err(Fault::Audience),
    }
}

/// `exp`, `nbf`, `iat` and the lifetime; returns `exp`.
fn check_time(claims: &Claims, rules: &Rules, now: u64) -> Result<u64, Fault> {
    let leeway = rules.leeway_s.min(LEEWAY_S_MAX);
    let expires = date(claims, "exp", "`exp` is not a date")?.ok_or(Fault::Claim("`exp` is missing"))?.floor;
    let not_before = date(claims, "nbf", "`nbf` is not a date")?;
    let issued = date(claims, "iat", "`iat` is not a date")?;
    if now >= expires.saturating_add(leeway) {
        return Err(Fault::Expired);
    }
    let latest = now.saturating_add(leeway);
    if not_before.is_some_and(|date| date.ceil > latest) || issued.is_some_and(|date| date.ceil > latest) {
        return Err(Fault::NotYetValid);
    }
    // Without `iat` the token counts as issued now: whatever it has left must fit.
    let from = issued.map_or(now, |date| date.floor);
    if rules.lifetime_max_s.is_some_and(|lifetime_max| expires.saturating_sub(from) > lifetime_max) {
        return Err(Fault::Lifetime);
    }
    Ok(expires)
}

fn date(claims: &Claims, name: &str, fault: &'static str) -> Result<Option<NumericDate>, Fault> {
    claims.get(name).map(|value| NumericDate::parse(value).ok_or(Fault::Claim(fault))).transpose()
}

fn text(claims: &Claims, name: &str, fault: &'static str) -> Result<Option<String>, Fault> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Fault::Claim(fault)),
    }
}
