//! Authenticators: whose tokens are accepted, and how strictly.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gateway::settings::{
    ApiKeys, Authenticator, AuthenticatorKind, Jwt, KeySource, OpaqueTokens, TokenAuthority,
};
use token::KeyName;

use super::{Changes, edge};

type Schemes = BTreeMap<Arc<str>, Vec<Authenticator>>;

pub(super) fn compare(changes: &mut Changes, old: &Schemes, new: &Schemes) {
    for (scheme, authenticators) in new {
        let before = old.get(scheme).map_or(&[][..], Vec::as_slice);
        for authenticator in authenticators {
            changes.place = authenticator.place.clone();
            let name = name(&authenticator.kind);
            match before.iter().find(|other| self::name(&other.kind) == name) {
                Some(other) => one(changes, scheme, &other.kind, &authenticator.kind),
                None => changes.weaker(format!("{scheme}: {name} is now trusted")),
            }
        }
    }
    for (scheme, authenticators) in old {
        let now = new.get(scheme).map_or(&[][..], Vec::as_slice);
        for authenticator in authenticators {
            let name = name(&authenticator.kind);
            if !now.iter().any(|other| self::name(&other.kind) == name) {
                changes.place = authenticator.place.clone();
                changes.stronger(format!("{scheme}: {name} is no longer trusted"));
            }
        }
    }
    changes.place = None;
}

/// What tells authenticators of one scheme apart.
fn name(kind: &AuthenticatorKind) -> String {
    match kind {
        AuthenticatorKind::Jwt(jwt) => format!("issuer `{}`", jwt.issuer),
        AuthenticatorKind::Opaque(opaque) => format!("introspection at `{}`", opaque.endpoint),
        AuthenticatorKind::ApiKeys(_) => "the list of API keys".to_owned(),
    }
}

fn one(changes: &mut Changes, scheme: &str, old: &AuthenticatorKind, new: &AuthenticatorKind) {
    match (old, new) {
        (AuthenticatorKind::Jwt(a), AuthenticatorKind::Jwt(b)) => jwt(changes, scheme, a, b),
        (AuthenticatorKind::Opaque(a), AuthenticatorKind::Opaque(b)) => opaque(changes, scheme, a, b),
        (AuthenticatorKind::ApiKeys(a), AuthenticatorKind::ApiKeys(b)) => keys(changes, scheme, a, b),
        _ => changes.unknown(format!("{scheme}: verified in another way")),
    }
}

fn jwt(changes: &mut Changes, scheme: &str, old: &Jwt, new: &Jwt) {
    audiences(changes, scheme, &old.audiences, &new.audiences);
    let names = |jwt: &Jwt| jwt.algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>();
    changes.accepted(&format!("{scheme}: algorithm"), &names(old), &names(new));
    changes.accepted(&format!("{scheme}: token type"), &old.types, &new.types);
    lifetime(changes, scheme, old.token_lifetime_max, new.token_lifetime_max);
    changes.more(&format!("{scheme}: leeway"), old.leeway, new.leeway, edge::duration);
    changes.danger(
        old.legacy_token,
        new.legacy_token,
        &format!("{scheme}: tokens without `iss`, `aud` and `typ` are now accepted"),
        &format!("{scheme}: tokens without `iss`, `aud` and `typ` are no longer accepted"),
    );
    changes.each_guards(
        &old.required_claims,
        &new.required_claims,
        |claim| format!("{scheme}: claim `{claim}` is no longer required"),
        |claim| format!("{scheme}: claim `{claim}` is now required"),
    );
    subject(changes, scheme, &old.subject_claim, &new.subject_claim);
    let source = |jwt: &Jwt| match &jwt.keys {
        KeySource::Discovery => "discovery".to_owned(),
        KeySource::JwksUri(uri) => format!("`{uri}`"),
        KeySource::Jwks(_) => "a file".to_owned(),
        KeySource::Secret(_) => "a shared secret".to_owned(),
    };
    if source(old) != source(new) {
        changes.unknown(format!("{scheme}: keys come from {} instead of {}", source(new), source(old)));
    } else if let (KeySource::Jwks(a), KeySource::Jwks(b)) = (&old.keys, &new.keys) {
        signing_keys(changes, scheme, &a.public_keys(), &b.public_keys());
    }
}

/// Keys are told apart by what they are (their thumbprints), not by what they are called.
fn signing_keys(changes: &mut Changes, scheme: &str, old: &[KeyName], new: &[KeyName]) {
    let shown = |key: &KeyName| {
        format!("`{}` (thumbprint {})", key.kid.as_deref().unwrap_or_default(), key.thumbprint)
    };
    let find = |keys: &'_ [KeyName], key: &KeyName| {
        keys.iter().find(|other| other.thumbprint == key.thumbprint).cloned()
    };
    for key in new {
        let Some(other) = find(old, key) else {
            changes.weaker(format!("{scheme}: key {} is now trusted", shown(key)));
            continue;
        };
        let names = |key: &KeyName| key.algorithms.iter().map(|one| one.name()).collect::<Vec<_>>();
        changes.accepted(&format!("{scheme}: of key {}, algorithm", shown(key)), &names(&other), &names(key));
        if key.kid != other.kid {
            changes.neutral(format!("{scheme}: key {} was called otherwise", shown(key)));
        }
    }
    for key in old.iter().filter(|key| find(new, key).is_none()) {
        changes.stronger(format!("{scheme}: key {} is no longer trusted", shown(key)));
    }
}

fn opaque(changes: &mut Changes, scheme: &str, old: &OpaqueTokens, new: &OpaqueTokens) {
    let shown_after = |tokens: &OpaqueTokens| match &tokens.asked {
        TokenAuthority::Introspection { .. } => None,
        TokenAuthority::Service { scheme } => Some(Arc::clone(scheme)),
    };
    if shown_after(old) != shown_after(new) {
        changes.unknown(format!("{scheme}: tokens are shown in another way to whom is asked about them"));
    }
    let client = |tokens: &OpaqueTokens| match &tokens.asked {
        TokenAuthority::Introspection { client_id, .. } => Some(client_id.clone()),
        TokenAuthority::Service { .. } => None,
    };
    if client(old) != client(new) {
        changes.neutral(format!("{scheme}: tokens are asked about as another client"));
    }
    audiences(changes, scheme, &old.audiences, &new.audiences);
    lifetime(changes, scheme, old.token_lifetime_max, new.token_lifetime_max);
    changes.more(&format!("{scheme}: introspection cache"), old.cache, new.cache, edge::duration);
    subject(changes, scheme, &old.subject_claim, &new.subject_claim);
    changes.guard_or_other(
        old.issuer.as_ref(),
        new.issuer.as_ref(),
        &format!("{scheme}: the issuer of introspected tokens is no longer checked"),
        &format!("{scheme}: the issuer of introspected tokens is now checked"),
        &format!("{scheme}: introspected tokens have another issuer"),
    );
}

/// Whoever is limited or blocked by name, or owns something, may be another from here on.
fn subject(changes: &mut Changes, scheme: &str, old: &Option<Arc<str>>, new: &Option<Arc<str>>) {
    if old != new {
        let word = |claim: &Option<Arc<str>>| format!("`{}`", claim.as_deref().unwrap_or("sub"));
        changes.unknown(format!("{scheme}: users are known by {} instead of {}", word(new), word(old)));
    }
}

fn keys(changes: &mut Changes, scheme: &str, old: &ApiKeys, new: &ApiKeys) {
    for key in &new.keys {
        let id = &key.id;
        let Some(other) = old.keys.iter().find(|other| other.id == *id) else {
            changes.weaker(format!("{scheme}: API key `{id}` of `{}` is new", key.client));
            continue;
        };
        changes.danger(
            other.authorizes,
            key.authorizes,
            &format!("{scheme}: API key `{id}` now authorizes alone"),
            &format!("{scheme}: API key `{id}` no longer authorizes alone"),
        );
        let end = |expires: Option<u64>| expires.unwrap_or(u64::MAX);
        if end(key.expires_unix_s) > end(other.expires_unix_s) {
            changes.weaker(format!("{scheme}: API key `{id}` ends later"));
        } else if key.expires_unix_s != other.expires_unix_s {
            changes.stronger(format!("{scheme}: API key `{id}` ends earlier"));
        }
        changes.accepted(&format!("{scheme}: for API key `{id}`, scope"), &other.scopes, &key.scopes);
        if (&key.client, &key.tenant, key.sha256) != (&other.client, &other.tenant, other.sha256) {
            changes.unknown(format!("{scheme}: API key `{id}` has another value, client or tenant"));
        }
    }
    for key in &old.keys {
        if !new.keys.iter().any(|other| other.id == key.id) {
            changes.stronger(format!("{scheme}: API key `{}` is gone", key.id));
        }
    }
}

fn audiences(changes: &mut Changes, scheme: &str, old: &[String], new: &[String]) {
    if new.is_empty() && !old.is_empty() {
        changes.weaker(format!("{scheme}: the audience is no longer checked"));
    } else if old.is_empty() && !new.is_empty() {
        changes.stronger(format!("{scheme}: the audience is now checked"));
    } else {
        changes.accepted(&format!("{scheme}: audience"), old, new);
    }
}

fn lifetime(changes: &mut Changes, scheme: &str, old: Option<Duration>, new: Option<Duration>) {
    let show =
        |max: &Duration| if *max == Duration::MAX { "unbounded".to_owned() } else { edge::duration(max) };
    let what = format!("{scheme}: token lifetime");
    changes.more(&what, old.unwrap_or(Duration::MAX), new.unwrap_or(Duration::MAX), show);
}
