//! What the checks themselves say to a request that is described in full, or that a known client makes.

use std::fmt::Write;
use std::sync::Arc;

use gateway::settings::{Api, ApiKey, AuthenticatorKind, Settings};
use gateway::{Plan, Rehearsal, Rehearsed, RehearsedCheck, RehearsedVerdict};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use model::{Finding, Mode};
use openapi::{Alternative, KeyLocation, Operation, SchemeKind, Security};

use super::{Asked, Carried, plan};
use crate::render::table;

/// Judges the service's answer, which nobody has given.
const OF_ANSWERS: &str = "response";

/// `None` when nothing is known but where the request goes. The error is a sentence.
pub(super) fn run(
    settings: &Settings,
    asked: &Asked,
    client: Option<(&str, &Api, &Operation)>,
) -> Result<Option<Rehearsed>, String> {
    let (mut headers, body) = match &asked.carried {
        Carried::Said { headers, body } => (headers.clone(), body.clone()),
        Carried::Unsaid if client.is_some() => (HeaderMap::new(), None),
        Carried::Unsaid | Carried::Elsewhere(_) => return Ok(None),
    };
    let mut settings = settings.clone();
    if let Some((client, api, operation)) = client {
        present(&mut settings, &mut headers, client, api, operation);
    }
    let method = Method::from_bytes(asked.method.as_bytes()).map_err(|_| "this is not a method")?;
    let request = Rehearsal { method, host: asked.host.clone(), target: asked.target.clone(), headers, body };
    let sentences = |findings: Vec<Finding>| {
        findings.into_iter().map(|finding| finding.sentence).collect::<Vec<_>>().join("; ")
    };
    gateway::rehearse(settings, request).map(Some).map_err(sentences)
}

/// Gives the request the client's keys. What is kept of a key cannot be sent, so each is exchanged for a stand-in on
/// both sides; these settings serve nobody.
fn present(settings: &mut Settings, headers: &mut HeaderMap, client: &str, api: &Api, operation: &Operation) {
    let Security::AnyOf(alternatives) = &operation.security else { return };
    let own = plan::keys_of(client, api);
    let enough = alternatives.iter().find(|alternative| plan::lacks(&own, alternative).is_empty());
    let wanted: Vec<&Alternative> = enough.map_or_else(|| alternatives.iter().collect(), |one| vec![one]);
    for required in wanted.into_iter().flat_map(|alternative| &alternative.schemes) {
        let scheme = api.description.security_schemes.get(&required.scheme).map(|scheme| &scheme.kind);
        let Some(SchemeKind::ApiKey { location: KeyLocation::Header, name }) = scheme else { continue };
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        let fits = |key: &ApiKey| {
            let held = required.scopes.iter().filter(|scope| key.scopes.contains(scope)).count();
            (held, key.authorizes, key.expires_unix_s.unwrap_or(u64::MAX))
        };
        let of_scheme = own.iter().filter(|(scheme, _)| **scheme == *required.scheme);
        let Some((_, best)) = of_scheme.max_by_key(|(_, key)| fits(key)) else { continue };
        let stand_in = format!("rehearsal-of-{}", best.id);
        let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, stand_in.as_bytes());
        let (Ok(value), Ok(sum)) = (HeaderValue::from_str(&stand_in), <[u8; 32]>::try_from(sum.as_ref()))
        else {
            continue;
        };
        exchange(settings, &api.name, &required.scheme, &best.id, sum);
        headers.insert(name, value);
    }
}

fn exchange(settings: &mut Settings, api: &str, scheme: &Arc<str>, id: &str, sha256: [u8; 32]) {
    let apis = settings.apis.iter_mut().filter(|one| &*one.name == api);
    for authenticator in apis.filter_map(|api| api.authenticators.get_mut(scheme)).flatten() {
        if let AuthenticatorKind::ApiKeys(keys) = &mut authenticator.kind {
            for key in keys.keys.iter_mut().filter(|key| &*key.id == id) {
                key.sha256 = sha256;
            }
        }
    }
}

/// Each check of the plan with what it says; those behind the first refusal are not reached.
pub(super) fn text(plan: &Plan, rehearsed: &Rehearsed) -> String {
    let rows: Vec<_> = plan
        .checks
        .iter()
        .map(|planned| {
            let ran = rehearsed.checks.iter().find(|check| check.name == planned.name);
            let (verdict, why) = match (ran, planned.mode) {
                (_, Mode::Off) => ("-".to_owned(), String::new()),
                (Some(_), _) if planned.name == OF_ANSWERS => {
                    ("unknown".to_owned(), "depends on the answer".to_owned())
                }
                (Some(check), _) => (verdict(check), why(check)),
                (None, _) => ("not reached".to_owned(), String::new()),
            };
            let phase = format!("{:?}", planned.phase).to_lowercase();
            vec![phase, planned.name.to_owned(), plan::mode(planned.mode).to_owned(), verdict, why]
        })
        .collect();
    let mut out = String::new();
    if !rows.is_empty() {
        let table = table(&["PHASE", "CHECK", "MODE", "VERDICT", "WHY"], &rows);
        let _ = writeln!(out, "\n{}", table.trim_end());
    }
    let asks = rehearsed.checks.iter().any(|check| check.verdict == RehearsedVerdict::Asks);
    let _ = match (&rehearsed.refused, &plan.upstream) {
        (Some(refused), _) => writeln!(out, "\n=> {}", plan::refusal(refused)),
        (None, Some(upstream)) if asks => {
            writeln!(out, "\n=> if the issuer vouches for the caller: forwarded to {upstream}")
        }
        (None, Some(upstream)) => writeln!(out, "\n=> passes: forwarded to {upstream}"),
        (None, None) => Ok(()),
    };
    out
}

fn verdict(check: &RehearsedCheck) -> String {
    let word = match check.verdict {
        RehearsedVerdict::Pass => "pass",
        RehearsedVerdict::Edit => "edit",
        RehearsedVerdict::Refuse => "refuse",
        RehearsedVerdict::Error => "error",
        RehearsedVerdict::Asks | RehearsedVerdict::Unknown => "unknown",
    };
    check.code.map_or_else(|| word.to_owned(), |code| format!("{word} ({code})"))
}

fn why(check: &RehearsedCheck) -> String {
    let reason = check.reason.clone().unwrap_or_default();
    match check.verdict {
        RehearsedVerdict::Asks => format!("asks the issuer ({reason})"),
        RehearsedVerdict::Unknown => "depends on who the caller is".to_owned(),
        _ => reason,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_of_answers_is_called_so() {
        assert!(gateway::checks::ALL.iter().any(|kind| kind.about().name == super::OF_ANSWERS));
    }
}
