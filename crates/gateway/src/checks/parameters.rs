//! Refuses parameters that do not match their description; drops undeclared headers and cookies.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use model::{Code, Mode, Owasp, Phase, Refusal};
use openapi::{HeadFault, HeadFaultKind, Headers, KeyLocation, Operation, RequestHead, SchemeKind, Security};

use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

/// Dropped names that a report lists; the rest is counted.
const NAMES_MAX: usize = 5;

pub struct Parameters {
    operation: Arc<Operation>,
    /// Headers that carry this operation's credentials, lower case: Identify decides what becomes of them.
    credentials: BTreeSet<String>,
}

impl Build for Parameters {
    const ABOUT: About = About {
        name: "parameters",
        phase: Phase::Validate,
        owasp: &[Owasp::Api8],
        summary: "Refuses parameters that do not match their description, and drops undeclared headers and cookies.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(operation) = preparation.operation else { return Ok(None) };
        let asked = match &operation.security {
            Security::AnyOf(alternatives) => alternatives.as_slice(),
            Security::Missing | Security::Public { .. } => &[],
        };
        let schemes = asked.iter().flat_map(|alternative| &alternative.schemes);
        let credentials = schemes.filter_map(|required| {
            match &preparation.api.description.security_schemes.get(&required.scheme)?.kind {
                SchemeKind::ApiKey { location: KeyLocation::Header, name } => Some(name.to_ascii_lowercase()),
                _ => None,
            }
        });
        Ok(Some(Self { operation: Arc::clone(operation), credentials: credentials.collect() }))
    }
}

impl Check for Parameters {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let headers = Received(&exchange.head.headers);
        let report = self.operation.check_head(&RequestHead {
            path_values: &exchange.route.path_values,
            query: exchange.route.query.as_deref(),
            headers: &headers,
        });
        if let Some(first) = report.faults.first() {
            let code = code(first.kind);
            let violations = report.faults.into_iter().map(|HeadFault { violation, .. }| violation).collect();
            return Step::refuse(Refusal::new(code).violations(violations));
        }
        let mut edits = Vec::new();
        let mut drop = report.drop_headers;
        drop.retain(|name| !self.credentials.contains(name));
        for name in drop.iter().filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok()) {
            edits.push(Edit::RemoveRequestHeader(name));
        }
        if !report.drop_cookies.is_empty() {
            edits.push(without_cookies(&exchange.head.headers, &report.drop_cookies));
        }
        edits.extend(told("header", &drop));
        edits.extend(told("cookie", &report.drop_cookies));
        Step::Continue(edits)
    }
}

fn code(kind: HeadFaultKind) -> Code {
    match kind {
        HeadFaultKind::Missing => Code::ParameterMissing,
        HeadFaultKind::Invalid => Code::ParameterInvalid,
        HeadFaultKind::Undeclared => Code::ParameterUndeclared,
        HeadFaultKind::Repeated => Code::ParameterRepeated,
    }
}

/// The `Cookie` header with the declared pairs only, written as they came.
fn without_cookies(headers: &HeaderMap, dropped: &[String]) -> Edit {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).map(|pair| pair.trim_matches([' ', '\t']));
    let kept: Vec<&str> = pairs
        .filter(|pair| {
            // A pair without `=` is a value without a name (RFC 6265bis section 5.7.3).
            let name = pair.split_once('=').map_or("", |(name, _)| name.trim_end_matches([' ', '\t']));
            !pair.is_empty() && !dropped.iter().any(|dropped| dropped == name)
        })
        .collect();
    match HeaderValue::from_str(&kept.join("; ")) {
        Ok(value) if !kept.is_empty() => Edit::SetRequestHeader(COOKIE, value),
        _ => Edit::RemoveRequestHeader(COOKIE),
    }
}

/// The names of what was dropped; they are the caller's words, so only plain ones are repeated.
fn told(kind: &str, names: &[String]) -> Option<Edit> {
    if names.is_empty() {
        return None;
    }
    let shown = |name: &String| model::shown_name(name).into_owned();
    let mut listed: Vec<String> = names.iter().take(NAMES_MAX).map(shown).collect();
    if names.len() > NAMES_MAX {
        listed.push(format!("and {} more", names.len() - NAMES_MAX));
    }
    Some(Edit::Report(format!("undeclared {kind}s dropped: {}", listed.join(", "))))
}

struct Received<'a>(&'a HeaderMap);

impl Headers for Received<'_> {
    fn all(&self, name_lower: &str) -> Vec<&[u8]> {
        self.0.get_all(name_lower).into_iter().map(HeaderValue::as_bytes).collect()
    }

    fn names(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
