//! What would happen to a request, from the configuration alone: no request is sent, no secret is read.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use gateway::settings::{Api, ApiKey, AuthenticatorKind, KeySource, Settings};
use gateway::{Gateway, Options, Plan, PlannedRefusal, Shared, StartError};
use model::{Finding, Mode, SystemClock};
use openapi::{Alternative, Operation, Security};
use serde_json::json;

use super::limits::Counted;
use super::{Asked, Carried, Explanation, authorization, rehearsal, routes};
use crate::render::{field, table};

/// What a request would meet. Errors: the configuration cannot come into force, or the client is not known.
pub(super) fn request(
    settings: &Settings,
    asked: &Asked,
    client: Option<&str>,
) -> Result<Explanation, String> {
    let plan = plan(settings, asked)?;
    let api = settings.apis.iter().find(|api| Some(&*api.name) == plan.api.as_deref());
    let operation = api.and_then(|api| api.description.operation(&plan.operation));
    let counted = api.map(|api| Counted::of(settings, api, operation.map(|one| &**one), client));
    let who = match (client, api, operation) {
        (Some(client), Some(api), Some(operation)) => Some(judge(client, api, operation)?),
        _ => None,
    };
    let silent = operation.is_some_and(|operation| matches!(operation.security, Security::Missing));
    let caller = client.zip(api).zip(operation);
    let rehearsed = rehearsal::run(
        settings,
        asked,
        caller.map(|((client, api), operation)| (client, api, &**operation)),
    )?;
    let mut text = text(asked, &plan, api, operation, counted.as_ref());
    text.push_str(&match &rehearsed {
        Some(rehearsed) => rehearsal::text(&plan, rehearsed),
        None => checks(&plan, silent),
    });
    if rehearsed.is_some() && counted.as_ref().is_some_and(Counted::is_limited) {
        let _ = writeln!(text, "   limits count from zero here; a running gateway's counters are not asked");
    }
    if let Carried::Elsewhere(why) = asked.carried {
        let _ = writeln!(text, "   the checks were not run over the request: {why}");
    }
    if let (Some(judged), Some(client)) = (&who, client) {
        let _ = writeln!(text, "\nas {client}");
        for line in &judged.lines {
            let _ = writeln!(text, "  {line}");
        }
    }
    let mut document = json!({
        "version": 1,
        "plan": plan,
        "security": operation.map(|operation| routes::security(&operation.security)),
        "authorization": api.zip(operation).map(|(api, operation)| authorization::document(api, operation)),
        "limits": [],
        "rehearsed": rehearsed,
        "client": who.as_ref().map(|judged| json!({ "name": client, "enough": judged.enough, "why": judged.lines })),
    });
    if let Some(counted) = &counted {
        counted.put_into(&mut document);
    }
    Ok(Explanation {
        passes: !silent
            && plan.refused.is_none()
            && rehearsed.as_ref().is_none_or(|rehearsed| rehearsed.refused.is_none())
            && who.as_ref().is_none_or(|judged| judged.enough),
        document,
        text,
    })
}

/// What stands against the configuration when it is prepared as for serving: checks, extensions, upstreams.
pub(super) fn trial(settings: &Settings) -> Vec<Finding> {
    match with_gateway(settings, |_| ()) {
        Err(StartError::Snapshot(findings)) => findings,
        Err(error) => vec![Finding::error("B3000", error.to_string())],
        Ok(()) => Vec::new(),
    }
}

fn plan(settings: &Settings, asked: &Asked) -> Result<Plan, String> {
    with_gateway(settings, |gateway| gateway.plan(&asked.method, &asked.host, &asked.target))
        .map_err(|error| error.to_string())
}

/// Asks a gateway that listens on nothing and keeps nothing.
fn with_gateway<T>(settings: &Settings, ask: impl FnOnce(&Gateway) -> T) -> Result<T, StartError> {
    let shared = Shared::new(Arc::new(SystemClock::default()), &settings.sizes);
    let options = Options { state_dir: PathBuf::new(), records_bytes_max: None };
    Gateway::new(settings.clone(), shared, &options).map(|gateway| ask(&gateway))
}

fn text(
    asked: &Asked,
    plan: &Plan,
    api: Option<&Api>,
    operation: Option<&Arc<Operation>>,
    counted: Option<&Counted>,
) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} {}", field(&asked.method), field(&asked.target));
    let _ = writeln!(out, "  path       {}", field(&plan.path));
    match (&plan.api, operation) {
        (Some(name), Some(operation)) => {
            let deprecated = if plan.deprecated { ", deprecated" } else { "" };
            let _ =
                writeln!(out, "  operation  {} of {name}{deprecated}  ({})", operation.id, operation.place);
            let _ = writeln!(out, "  who        {}", routes::security(&operation.security));
        }
        (Some(name), None) => {
            let _ = writeln!(out, "  operation  none of {name}");
        }
        (None, _) => {
            let _ = writeln!(out, "  operation  none: no API is served at this host and path");
        }
    }
    if let (Some(api), Some(operation)) = (api, operation) {
        out.push_str(&verified(api, operation));
        out.push_str(&authorization::text(api, operation));
    }
    out.push_str(&counted.map(Counted::text).unwrap_or_default());
    let _ = writeln!(
        out,
        "  body       at most {} bytes{}",
        plan.body_bytes_max,
        if plan.buffers_request { ", read whole" } else { "" }
    );
    out
}

/// Every check with what it does, and where the request ends when all pass.
fn checks(plan: &Plan, silent: bool) -> String {
    let row = |check: &gateway::PlannedCheck| {
        let phase = format!("{:?}", check.phase).to_lowercase();
        vec![phase, check.name.to_owned(), mode(check.mode).to_owned(), check.summary.to_owned()]
    };
    let rows: Vec<_> = plan.checks.iter().map(row).collect();
    let mut out = String::new();
    if !rows.is_empty() {
        let _ = writeln!(out, "\n{}", table(&["PHASE", "CHECK", "MODE", "WHAT IT DOES"], &rows).trim_end());
    }
    let _ = match (&plan.refused, &plan.upstream) {
        (Some(refused), _) => writeln!(out, "\n=> {}", refusal(refused)),
        (None, Some(_)) if silent => {
            let code = model::Code::SecurityUndeclared;
            writeln!(out, "\n=> refused: {} {}", code.status(), code.slug())
        }
        (None, Some(upstream)) => writeln!(out, "\n=> when every check passes: forwarded to {upstream}"),
        (None, None) => Ok(()),
    };
    out
}

pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "off",
        Mode::Watch => "watch",
        Mode::Enforce => "enforce",
    }
}

pub(super) fn refusal(refused: &PlannedRefusal) -> String {
    let allow = match refused.allow.is_empty() {
        true => String::new(),
        false => format!(", allowed: {}", refused.allow.join(", ")),
    };
    format!("refused: {} {}{allow}", refused.status, refused.code)
}

/// What verifies each scheme that the operation asks for, and where that is configured.
fn verified(api: &Api, operation: &Operation) -> String {
    let mut out = String::new();
    let Security::AnyOf(alternatives) = &operation.security else { return out };
    let mut told = BTreeSet::new();
    for required in alternatives.iter().flat_map(|alternative| &alternative.schemes) {
        if !told.insert(required.scheme.clone()) {
            continue;
        }
        let _ = writeln!(out, "    {} is asked for at {}", required.scheme, required.place);
        for authenticator in api.authenticators.get(&required.scheme).into_iter().flatten() {
            let place = authenticator.place.as_ref().map(|place| format!("  ({place})")).unwrap_or_default();
            let _ = writeln!(out, "      {}{place}", verifier(&authenticator.kind));
        }
    }
    out
}

fn verifier(kind: &AuthenticatorKind) -> String {
    match kind {
        AuthenticatorKind::Jwt(jwt) => {
            let keys = match &jwt.keys {
                KeySource::Discovery => "discovered keys".to_owned(),
                KeySource::JwksUri(uri) => format!("keys of {uri}"),
                KeySource::Jwks(_) => "keys of a file".to_owned(),
                KeySource::Secret(_) => "a shared secret".to_owned(),
            };
            format!("JWT of {} for {}, verified with {keys}", jwt.issuer, jwt.audiences.join(" or "))
        }
        AuthenticatorKind::Opaque(opaque) => format!("asked at {}", opaque.endpoint),
        AuthenticatorKind::ApiKeys(keys) => format!("{} API keys", keys.keys.len()),
    }
}

/// What is known of a client from the configuration.
struct Judged {
    enough: bool,
    lines: Vec<String>,
}

/// The client's keys, each with its scheme.
pub(super) fn keys_of<'a>(client: &str, api: &'a Api) -> Vec<(&'a str, &'a ApiKey)> {
    api.authenticators
        .iter()
        .flat_map(|(scheme, authenticators)| {
            authenticators.iter().map(move |authenticator| (scheme, authenticator))
        })
        .filter_map(|(scheme, authenticator)| match &authenticator.kind {
            AuthenticatorKind::ApiKeys(keys) => Some((scheme, keys)),
            _ => None,
        })
        .flat_map(|(scheme, keys)| keys.keys.iter().map(move |key| (&**scheme, key)))
        .filter(|(_, key)| &*key.client == client)
        .collect()
}

/// Only clients with API keys are known before they call; what a token carries is its issuer's to say.
fn judge(client: &str, api: &Api, operation: &Operation) -> Result<Judged, String> {
    let keys = keys_of(client, api);
    if keys.is_empty() {
        let known =
            "the configuration knows clients by their API keys; a token's client is known when it calls";
        return Err(format!("no API key of {} is for client `{client}`; {known}", api.name));
    }
    let alternatives = match &operation.security {
        Security::Missing => {
            return Ok(Judged { enough: false, lines: vec!["nobody may call it".to_owned()] });
        }
        Security::Public { .. } => {
            return Ok(Judged { enough: true, lines: vec!["anyone may call it".to_owned()] });
        }
        Security::AnyOf(alternatives) => alternatives,
    };
    let mut lines: Vec<String> =
        keys.iter().map(|(scheme, key)| format!("has API key `{}` for {scheme}", key.id)).collect();
    let mut enough = false;
    for alternative in alternatives {
        let lacks = lacks(&keys, alternative);
        let name = routes::alternative(alternative);
        if lacks.is_empty() {
            enough = true;
            lines.push(format!("satisfies {name}"));
        } else {
            lines.push(format!("does not satisfy {name}: lacks {}", lacks.join(", ")));
        }
    }
    Ok(Judged { enough, lines })
}

pub(super) fn lacks(keys: &[(&str, &ApiKey)], alternative: &Alternative) -> Vec<String> {
    let mut lacks = Vec::new();
    for required in &alternative.schemes {
        let own: Vec<_> = keys.iter().filter(|(scheme, _)| **scheme == *required.scheme).collect();
        if own.is_empty() {
            lacks.push(format!("a credential for {}", required.scheme));
            continue;
        }
        for scope in &required.scopes {
            if !own.iter().any(|(_, key)| key.scopes.contains(scope)) {
                lacks.push(format!("scope {scope}"));
            }
        }
    }
    let only_keys = alternative
        .schemes
        .iter()
        .all(|required| keys.iter().any(|(scheme, _)| **scheme == *required.scheme));
    if lacks.is_empty()
        && only_keys
        && !alternative.schemes.is_empty()
        && !keys.iter().any(|(_, key)| key.authorizes)
    {
        lacks.push("a key that authorizes alone".to_owned());
    }
    lacks
}
