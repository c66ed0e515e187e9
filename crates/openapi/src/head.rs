//! Checks the head of a request, its path values, query, headers and cookies, against the declared parameters.

mod content;
mod plan;
mod query;
mod standard;

use std::sync::Arc;

use model::{Finding, Violation};
use serde_json::Value;

use crate::parameter::{Location, Style};
use crate::parameters::{Escapes, Pieces, Plus, Undecodable, Writing, cookies, decode};
use crate::{Operation, Parameter};
use plan::{Plan, Planned, Way};
use query::Query;

pub use standard::{STANDARD_HEADER_PREFIXES, STANDARD_HEADERS};

/// More faults of one request are not listed.
const FAULTS_MAX: usize = 20;

/// What a request says before its body.
pub struct RequestHead<'a> {
    /// As [`crate::Match::Operation`] has them.
    pub path_values: &'a [(Arc<str>, String)],
    /// What stands behind the question mark, as it came.
    pub query: Option<&'a str>,
    pub headers: &'a dyn Headers,
}

/// The headers of a request.
pub trait Headers {
    /// The values of all lines with this name, in order.
    fn all(&self, name_lower: &str) -> Vec<&[u8]>;
    /// Every name once.
    fn names(&self) -> Vec<&str>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeadFaultKind {
    Missing,
    Invalid,
    Undeclared,
    Repeated,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadFault {
    pub kind: HeadFaultKind,
    pub violation: Violation,
}

/// What is wrong with a head, and what of it the description does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeadReport {
    /// At most 20.
    pub faults: Vec<HeadFault>,
    /// Undeclared headers beyond [`STANDARD_HEADERS`] and [`STANDARD_HEADER_PREFIXES`], in lower case.
    pub drop_headers: Vec<String>,
    /// Undeclared cookies. A cookie or header that carries a credential is no parameter, so it is listed too.
    pub drop_cookies: Vec<String>,
}

impl HeadReport {
    fn fault(&mut self, kind: HeadFaultKind, violation: Violation) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(HeadFault { kind, violation });
        }
    }
}

impl Operation {
    /// Checks every declared parameter, and looks for what is not declared.
    pub fn check_head(&self, head: &RequestHead<'_>) -> HeadReport {
        let plan = self.plan();
        let mut report = HeadReport::default();
        let query = Query::read(head.query.unwrap_or_default(), &mut report);
        let cookies = Cookies::read(head.headers);
        if cookies.malformed {
            let expected = "a header of visible characters";
            report.fault(HeadFaultKind::Invalid, violation("cookie", "", "encoding", expected));
        }
        for planned in &plan.parameters {
            let Some(parameter) = self.parameters.get(planned.index) else { continue };
            let outcome = match parameter.location {
                Location::Path => check_path(parameter, planned, head.path_values),
                Location::Query => query.check(parameter, planned, &plan),
                Location::Querystring => content::check_querystring(parameter, planned, head.query),
                Location::Header => check_header(parameter, planned, head.headers),
                Location::Cookie => check_cookie(parameter, planned, &cookies),
            };
            let outcome = match outcome {
                Ok(Presence::Absent) if parameter.required => Err(vec![Fault::Missing]),
                Ok(_) => Ok(()),
                Err(faults) => Err(faults),
            };
            for fault in outcome.err().into_iter().flatten() {
                let (kind, violation) = fault.of(parameter);
                report.fault(kind, violation);
            }
        }
        if !plan.whole_query {
            query.report_undeclared(&mut report);
        }
        report.drop_headers = plan.undeclared_headers(head.headers);
        report.drop_cookies = plan.undeclared_cookies(&cookies.pairs);
        report
    }

    /// Whether a parameter may have a value, as it is after decoding. One that nobody described may have any.
    pub fn takes(&self, location: Location, name: &str, value: &str) -> bool {
        let plan = self.plan();
        let described = plan.parameters.iter().find_map(|planned| {
            let parameter = self.parameters.get(planned.index)?;
            (parameter.location == location && *parameter.name == *name).then_some((parameter, planned))
        });
        let Some((parameter, planned)) = described else { return true };
        let checked = check_styled(parameter, planned, Escapes::None, &Pieces::Values(vec![value]));
        checked.map_or_else(|faults| !faults.iter().any(|fault| matches!(fault, Fault::Schema(_))), |_| true)
    }

    /// Compiles the parameters' schemas, and says what is wrong with them.
    pub(crate) fn prepare_head(&self) -> Vec<Finding> {
        self.plan().parameters.iter().flat_map(Planned::findings).cloned().collect()
    }

    fn plan(&self) -> Arc<Plan> {
        self.head.get(|| Plan::new(&self.parameters))
    }
}

/// Whether a request has a parameter.
enum Presence {
    Absent,
    Present,
}

/// What is wrong with one parameter.
enum Fault {
    Missing,
    Undecodable(Undecodable),
    Encoding,
    Schema(Violation),
    Content(&'static str),
}

type Outcome = Result<Presence, Vec<Fault>>;

impl Fault {
    fn of(self, parameter: &Parameter) -> (HeadFaultKind, Violation) {
        let place = place(parameter);
        let new = |rule: &str, expected: &str| violation(place, &parameter.name, rule, expected);
        match self {
            Self::Missing => (HeadFaultKind::Missing, new("required", "the parameter")),
            Self::Undecodable(Undecodable::Repeated) => {
                (HeadFaultKind::Repeated, new("style", &Undecodable::Repeated.to_string()))
            }
            Self::Undecodable(
                fault @ (Undecodable::Escape
                | Undecodable::Utf8
                | Undecodable::Nul
                | Undecodable::Semicolon
                | Undecodable::Comma),
            ) => (HeadFaultKind::Invalid, new("encoding", &fault.to_string())),
            Self::Undecodable(fault) => (HeadFaultKind::Invalid, new("style", &fault.to_string())),
            Self::Encoding => (HeadFaultKind::Invalid, new("encoding", "UTF-8")),
            Self::Schema(violation) => (HeadFaultKind::Invalid, violation),
            Self::Content(expected) => (HeadFaultKind::Invalid, new("content", expected)),
        }
    }
}

impl From<Undecodable> for Fault {
    fn from(fault: Undecodable) -> Self {
        Self::Undecodable(fault)
    }
}

/// In the words of [`Violation::place`].
fn place(parameter: &Parameter) -> &'static str {
    match parameter.location {
        Location::Querystring => Location::Query.name(),
        other => other.name(),
    }
}

fn violation(place: &str, name: &str, rule: &str, expected: &str) -> Violation {
    Violation {
        place: place.to_owned(),
        pointer: name.to_owned(),
        rule: rule.to_owned(),
        expected: expected.to_owned(),
    }
}

/// Decodes a styled parameter and holds it against its schema.
fn check_styled(parameter: &Parameter, planned: &Planned, escapes: Escapes, pieces: &Pieces<'_>) -> Outcome {
    let Way::Styled { style, explode, kinds, .. } = &planned.way else {
        return Err(vec![Fault::Content("a value of the declared media type")]);
    };
    let writing = Writing { name: &parameter.name, style: *style, explode: *explode, escapes };
    let values = decode(writing, kinds, pieces).map_err(|fault| vec![Fault::from(fault)])?;
    check_values(parameter, planned, &values)
}

/// One of the values a text may stand for has to be valid; else the likeliest one's violations are told.
fn check_values(parameter: &Parameter, planned: &Planned, values: &[Value]) -> Outcome {
    let Some(schema) = &planned.schema else { return Ok(Presence::Present) };
    let mut first = None;
    for value in values {
        match schema.check_value(value, place(parameter), &parameter.name) {
            Ok(()) => return Ok(Presence::Present),
            Err(violations) => first = first.or(Some(violations)),
        }
    }
    Err(first.unwrap_or_default().into_iter().map(Fault::Schema).collect())
}

fn check_path(parameter: &Parameter, planned: &Planned, values: &[(Arc<str>, String)]) -> Outcome {
    let Some((_, value)) = values.iter().find(|(name, _)| *name == parameter.name) else {
        return Ok(Presence::Absent);
    };
    match &planned.way {
        Way::Content(kind) => content::check(parameter, planned, kind, value),
        Way::Styled { .. } => {
            check_styled(parameter, planned, planned.path_escapes, &Pieces::Values(vec![value]))
        }
    }
}

fn check_header(parameter: &Parameter, planned: &Planned, headers: &dyn Headers) -> Outcome {
    let mut lines = Vec::new();
    for line in headers.all(&planned.name_lower) {
        let text = std::str::from_utf8(line).map_err(|_| vec![Fault::Encoding])?;
        lines.push(text.trim_matches([' ', '\t']));
    }
    let value = match (lines.as_slice(), planned.is_list()) {
        ([], _) => return Ok(Presence::Absent),
        ([line], _) => (*line).to_owned(),
        // RFC 9110 section 5.3: lines of a list are one list.
        (lines, true) => lines.join(","),
        (_, false) => return Err(vec![Undecodable::Repeated.into()]),
    };
    match &planned.way {
        Way::Content(kind) => content::check(parameter, planned, kind, &value),
        Way::Styled { .. } => check_styled(parameter, planned, Escapes::None, &Pieces::Values(vec![&value])),
    }
}

fn check_cookie(parameter: &Parameter, planned: &Planned, cookies: &Cookies) -> Outcome {
    let escapes = match &planned.way {
        Way::Styled { style: Style::Cookie, .. } => Escapes::None,
        _ => Escapes::Percent(Plus::Literal),
    };
    let members: Vec<_> = match planned.exploded() {
        Some(kinds) => {
            let declared =
                cookies.pairs.iter().filter(|(name, _)| kinds.properties.contains_key(name.as_str()));
            declared.map(|(name, value)| (name.clone(), value.as_str())).collect()
        }
        None => Vec::new(),
    };
    if !members.is_empty() {
        return check_styled(parameter, planned, escapes, &Pieces::Members(members));
    }
    let named = cookies.pairs.iter().filter(|(name, _)| **name == *parameter.name);
    let values: Vec<&str> = named.map(|(_, value)| value.as_str()).collect();
    let Some(first) = values.first() else { return Ok(Presence::Absent) };
    if values.iter().any(|value| holds_another_cookie(value)) {
        return Err(vec![Undecodable::Comma.into()]);
    }
    match &planned.way {
        Way::Content(_) if values.len() > 1 => Err(vec![Undecodable::Repeated.into()]),
        Way::Content(kind) => {
            let text = escapes.decode(first).map_err(|fault| vec![Fault::from(fault)])?;
            content::check(parameter, planned, kind, &text)
        }
        Way::Styled { .. } => check_styled(parameter, planned, escapes, &Pieces::Values(values)),
    }
}

/// Whether a reader that splits `Cookie` at commas, as RFC 2965 section 3.3.4 has it, sees a second cookie in a value.
fn holds_another_cookie(value: &str) -> bool {
    let pieces = value.split(',').skip(1);
    let mut names = pieces.filter_map(|piece| Some(piece.split_once('=')?.0.trim_matches([' ', '\t', '$'])));
    names.any(crate::media::is_token)
}

/// The cookies of a request, from all `Cookie` lines: HTTP/2 may split them (RFC 9113 section 8.2.3).
struct Cookies {
    pairs: Vec<(String, String)>,
    malformed: bool,
}

impl Cookies {
    fn read(headers: &dyn Headers) -> Self {
        let mut found = Self { pairs: Vec::new(), malformed: false };
        for line in headers.all("cookie") {
            match std::str::from_utf8(line) {
                Ok(line) => {
                    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
                    found.pairs.extend(cookies(line).map(owned));
                }
                Err(_) => found.malformed = true,
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
