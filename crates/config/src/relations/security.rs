//! Every security scheme that an operation asks for must be one that something verifies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway::settings::AuthenticatorKind;
use model::{Finding, Owasp, Place, Severity};
use openapi::{KeyLocation, Required, SchemeKind, Security};

use crate::build::{Build, Built};
use crate::suggest;
use crate::values::Block;

/// How a scheme is used in one API.
#[derive(Default)]
struct Use {
    first: Option<Place>,
    operations: BTreeSet<Arc<str>>,
    /// Operations that nobody can call, because each of their alternatives needs something that nothing verifies.
    stranded: BTreeSet<Arc<str>>,
}

/// `explained` receives the places of schemes that a finding shows already.
pub(super) fn check(build: &mut Build<'_>, built: &Built, explained: &mut Vec<Place>) {
    missing(build, built);
    for (name, usage) in uses(built) {
        let Some(scheme) = built.api.description.security_schemes.get(&name) else { continue };
        let Some(place) = usage.first.clone() else { continue };
        let finding = if let Some(why) = unenforceable(&scheme.kind) {
            Finding::error("B2107", format!("nothing can enforce security scheme `{name}`: {why}"))
                .related(scheme.place.clone(), "declared here")
                .advice(instead(&scheme.kind))
        } else if built.schemes.contains_key(&name) {
            mismatch(build, built, &name, &scheme.kind);
            continue;
        } else {
            unverified(built, &name, explained)
        };
        build.findings.push(graded(finding, &usage, place));
    }
}

/// An operation that can be called in another way is only warned of.
fn graded(mut finding: Finding, usage: &Use, place: Place) -> Finding {
    let others = usage.operations.len().saturating_sub(1);
    let label = match others {
        0 => "required here".to_owned(),
        1 => "required here (and by 1 other operation)".to_owned(),
        _ => format!("required here (and by {others} other operations)"),
    };
    if usage.stranded.is_empty() {
        finding.severity = Severity::Warning;
    } else if finding.advice.is_none() {
        finding.advice = Some(match usage.stranded.len() {
            1 => "without this the operation is refused".to_owned(),
            count => format!("without this the {count} operations are refused"),
        });
    }
    finding.at(place, label).owasp(Owasp::Api2)
}

fn unverified(built: &Built, name: &str, explained: &mut Vec<Place>) -> Finding {
    let finding =
        Finding::error("B2103", format!("security scheme `{name}` is used but nothing verifies it"));
    let spare = built
        .schemes
        .iter()
        .filter(|(other, _)| !built.api.description.security_schemes.contains_key(*other));
    match suggest::closest(name, spare.clone().map(|(other, _)| &**other)) {
        Some(near) => {
            let Some((_, place)) = spare.clone().find(|(other, _)| &***other == near) else { return finding };
            explained.push(place.clone());
            finding.related(place.clone(), format!("did you mean `{name}`?"))
        }
        None => finding.related(built.place.clone(), format!("no `auth` entry `{name}` for this API")),
    }
}

fn uses(built: &Built) -> BTreeMap<Arc<str>, Use> {
    let description = &built.api.description;
    let verified = |required: &Required| {
        let known = description.security_schemes.get(&required.scheme);
        known.is_some_and(|scheme| unenforceable(&scheme.kind).is_none())
            && built.schemes.contains_key(&required.scheme)
    };
    let mut uses: BTreeMap<Arc<str>, Use> = BTreeMap::new();
    for operation in &description.operations {
        let Security::AnyOf(alternatives) = &operation.security else { continue };
        let reachable = alternatives.iter().any(|alternative| alternative.schemes.iter().all(verified));
        for required in alternatives.iter().flat_map(|alternative| &alternative.schemes) {
            let usage = uses.entry(required.scheme.clone()).or_default();
            usage.first.get_or_insert_with(|| required.place.clone());
            usage.operations.insert(operation.id.clone());
            if !reachable {
                usage.stranded.insert(operation.id.clone());
            }
        }
    }
    uses
}

/// Why no configuration could make the gateway enforce it.
fn unenforceable(kind: &SchemeKind) -> Option<&'static str> {
    match kind {
        SchemeKind::Bearer { .. } | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect { .. } => None,
        SchemeKind::ApiKey { location: KeyLocation::Header, .. } => None,
        SchemeKind::ApiKey { location: KeyLocation::Query, .. } => {
            Some("a key in the query leaks into logs and histories")
        }
        SchemeKind::ApiKey { location: KeyLocation::Cookie, .. } => {
            Some("a key in a cookie is sent by browsers unasked")
        }
        SchemeKind::Basic => Some("passwords are not verified here"),
        SchemeKind::OtherHttp(_) => Some("the HTTP authentication scheme is not known here"),
        SchemeKind::MutualTls => Some("client certificates are not verified here"),
    }
}

/// What to declare in its place.
fn instead(kind: &SchemeKind) -> &'static str {
    match kind {
        SchemeKind::OtherHttp(_) => {
            "a token after a word of its own is `type: apiKey, in: header, name: Authorization`, and `scheme` of its \
             `whoami` is the word; an overlay changes a description without editing it"
        }
        _ => "declare what the service really uses: an overlay changes a description without editing it",
    }
}

/// Tokens for a scheme of keys, or keys for a scheme of tokens. What a description calls a key in a header may well be a
/// token: it has no other way to say that one stands in `X-Access-Token`, or in `Authorization` after another word.
fn mismatch(build: &mut Build<'_>, built: &Built, name: &Arc<str>, kind: &SchemeKind) {
    if matches!(kind, SchemeKind::ApiKey { location: KeyLocation::Header, .. }) {
        return;
    }
    let wants_keys = matches!(kind, SchemeKind::ApiKey { .. });
    let Some(authenticators) = built.api.authenticators.get(name) else { return };
    let is_keys = |kind: &AuthenticatorKind| matches!(kind, AuthenticatorKind::ApiKeys(_));
    if authenticators.iter().all(|authenticator| is_keys(&authenticator.kind) == wants_keys) {
        return;
    }
    let (Some(written), Some(scheme)) =
        (built.schemes.get(name), built.api.description.security_schemes.get(name))
    else {
        return;
    };
    let sentence = if wants_keys {
        format!("security scheme `{name}` takes API keys, but tokens are configured")
    } else {
        format!("security scheme `{name}` takes tokens, but API keys are configured")
    };
    let finding = Finding::error("B2110", sentence)
        .at(written.clone(), "configured here")
        .related(scheme.place.clone(), "declared here")
        .advice("the scheme's type and the entry's kind must agree; an overlay can change the description");
    build.findings.push(finding.owasp(Owasp::Api2));
}

/// Operations that say nothing about who may call them.
fn missing(build: &mut Build<'_>, built: &Built) {
    let operations = &built.api.description.operations;
    let silent: Vec<_> =
        operations.iter().filter(|operation| matches!(operation.security, Security::Missing)).collect();
    let Some(first) = silent.first() else { return };
    let (sentence, label) = match silent.len() {
        1 => {
            (format!("operation `{}` does not say who may call it", first.id), "refused with 403".to_owned())
        }
        count => (
            format!("{count} operations do not say who may call them"),
            format!("refused with 403, as are {} other operations", count - 1),
        ),
    };
    let mut finding = Finding::warning("B2101", sentence)
        .at(first.place.clone(), label)
        .advice("add `security`, or `security: []` where anyone may call; an overlay can do it")
        .owasp(Owasp::Api5);
    for operation in silent.iter().skip(1).take(3) {
        finding = finding.related(operation.place.clone(), format!("`{}`", operation.id));
    }
    build.findings.push(finding);
}

/// Entries of `auth` for schemes that no description declares.
pub(super) fn unused(build: &mut Build<'_>, root: &Block, built: &[Built], explained: &[Place]) {
    if built.len() != root.entries("apis").len() {
        return;
    }
    let mut told: Vec<Place> = explained.to_vec();
    for one in built {
        for (name, place) in &one.schemes {
            let declared = |built: &Built| built.api.description.security_schemes.contains_key(name);
            let of_file = root.entries("auth").iter().any(|entry| entry.place == *place);
            let declared = if of_file { built.iter().any(declared) } else { declared(one) };
            if declared || told.contains(place) {
                continue;
            }
            told.push(place.clone());
            let finding =
                Finding::warning("B2108", format!("no description declares security scheme `{name}`"));
            build.findings.push(finding.at(place.clone(), "has no effect"));
        }
    }
}
