//! The caller that verified credentials make together.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Caller, Code, Credential, CredentialKind, Names};
use serde_json::{Map, Value};

use super::outcome::Problem;
use crate::tokens::Proven;

/// A tenant longer than this is none: the limits then count by the client.
const TENANT_BYTES_MAX: usize = 128;
/// Names no user when longer.
const SUBJECT_BYTES_MAX: usize = 256;

/// One caller of all credentials, each with its scheme. A token says more than a key: it names the principal, and its
/// scopes are the caller's. Of several tokens only the scopes that all of them carry count, so that no token lends its
/// scopes to another. Of several credentials each keeps the names that it brings: a block on any of them hits.
///
/// The tenant is what the token's claim says (a text of printable ASCII, or a whole number), else the key's.
pub(super) fn of(proven: &[(Arc<str>, Arc<Proven>)], tenant_claim: Option<&str>) -> Caller {
    let tokens: Vec<&Proven> = proven.iter().map(|(_, proven)| &**proven).filter(is_token).collect();
    let keys: Vec<&Proven> =
        proven.iter().map(|(_, proven)| &**proven).filter(|proven| !is_token(proven)).collect();
    let scopes: BTreeSet<Arc<str>> = match tokens.split_first() {
        Some((first, others)) => {
            let held_by_all = |scope: &&Arc<str>| others.iter().all(|other| other.scopes.contains(*scope));
            first.scopes.iter().filter(held_by_all).map(Arc::clone).collect()
        }
        None => keys.iter().flat_map(|key| key.scopes.iter()).map(Arc::clone).collect(),
    };
    let by_weight = || tokens.iter().chain(&keys);
    let names = |proven: &Proven| {
        Arc::new(Names {
            principal: proven.principal.clone(),
            client: proven.client.clone(),
            tenant: tenant(proven, tenant_claim),
        })
    };
    let is_one_of_several = proven.len() > 1;
    let named = |proven: &Proven| is_one_of_several.then(|| names(proven));
    Caller {
        principal: by_weight().find_map(|proven| proven.principal.clone()),
        client: by_weight().find_map(|proven| proven.client.clone()),
        tenant: by_weight().find_map(|proven| tenant(proven, tenant_claim)),
        scopes,
        credentials: proven
            .iter()
            .map(|(scheme, proven)| Credential { names: named(proven), ..credential(scheme, proven) })
            .collect(),
        claims: by_weight().next().map(|proven| Arc::clone(&proven.claims)).unwrap_or_default(),
    }
}

fn tenant(proven: &Proven, claim: Option<&str>) -> Option<Arc<str>> {
    if proven.kind == CredentialKind::ApiKey {
        return proven.tenant.clone();
    }
    named(&proven.claims, claim?).filter(|tenant| tenant.len() <= TENANT_BYTES_MAX)
}

/// Who the user is by another claim than `sub`; a token without it is nobody's.
pub(super) fn subject(claims: &Map<String, Value>, claim: &str) -> Result<Arc<str>, Problem> {
    let missing = || Problem::new(Code::TokenClaims, "the claim that says who the user is names nobody");
    named(claims, claim).filter(|subject| subject.len() <= SUBJECT_BYTES_MAX).ok_or_else(missing)
}

/// A text of printable ASCII, or a whole number.
fn named(claims: &Map<String, Value>, claim: &str) -> Option<Arc<str>> {
    match policy::claim(claims, claim)? {
        Value::String(text) if token::is_name(text) => Some(text.as_str().into()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string().into()),
        _ => None,
    }
}

fn is_token(proven: &&Proven) -> bool {
    proven.kind != CredentialKind::ApiKey
}

fn credential(scheme: &Arc<str>, proven: &Proven) -> Credential {
    Credential {
        kind: proven.kind,
        scheme: Arc::clone(scheme),
        id: Arc::clone(&proven.id),
        expires_unix_s: proven.expires_unix_s,
        token: proven.token.clone(),
        names: None,
    }
}
