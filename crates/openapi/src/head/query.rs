//! The query of a request: which pairs belong to which parameter, and which to none.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::plan::{Plan, Planned, Way};
use super::{Fault, HeadFaultKind, HeadReport, Outcome, Presence, check_styled, content, violation};
use crate::parameter::{Parameter, Style};
use crate::parameters::{Escapes, Pair, Pieces, Plus, Undecodable, query};

pub(super) struct Query<'q> {
    pairs: Vec<(Pair<'q>, Cell<bool>)>,
}

impl<'q> Query<'q> {
    pub(super) fn read(text: &'q str, report: &mut HeadReport) -> Self {
        let mut pairs = Vec::new();
        let mut malformed = None;
        for pair in query(text) {
            match pair {
                Ok(pair) => pairs.push((pair, Cell::new(false))),
                Err(fault) => malformed = malformed.or(Some(fault)),
            }
        }
        if let Some(fault) = malformed {
            report.fault(HeadFaultKind::Invalid, violation("query", "", "encoding", &fault.to_string()));
        }
        Self { pairs }
    }

    pub(super) fn check(&self, parameter: &Parameter, planned: &Planned, plan: &Plan) -> Outcome {
        match &planned.way {
            Way::Content(kind) => {
                let raw = match self.values(&parameter.name).as_slice() {
                    [] => return Ok(Presence::Absent),
                    [raw] => *raw,
                    _ => return Err(vec![Undecodable::Repeated.into()]),
                };
                let text =
                    Escapes::Percent(Plus::Space).decode(raw).map_err(|fault| vec![Fault::from(fault)])?;
                content::check(parameter, planned, kind, &text)
            }
            Way::Styled { style, allow_reserved, allow_empty, .. } => {
                // A plus sign is data where reserved characters are: else it is a space, as in forms.
                let plus = if *allow_reserved { Plus::Literal } else { Plus::Space };
                let escapes = Escapes::Percent(plus);
                let members = match style {
                    Style::DeepObject => self.bracketed(&parameter.name),
                    _ => self.exploded(planned, plan),
                };
                if !members.is_empty() {
                    return check_styled(parameter, planned, escapes, &Pieces::Members(members));
                }
                let values =
                    if *style == Style::DeepObject { Vec::new() } else { self.values(&parameter.name) };
                match values.as_slice() {
                    [] => Ok(Presence::Absent),
                    [""] if *allow_empty => Ok(Presence::Present),
                    _ => check_styled(parameter, planned, escapes, &Pieces::Values(values)),
                }
            }
        }
    }

    /// One fault for each name that no parameter took.
    pub(super) fn report_undeclared(&self, report: &mut HeadReport) {
        let free = self.pairs.iter().filter(|(_, taken)| !taken.get());
        let names: BTreeSet<&str> = free.map(|(pair, _)| pair.name.as_str()).collect();
        for name in names {
            let expected = "declared parameters only";
            let shown = model::shown_name(name);
            report.fault(HeadFaultKind::Undeclared, violation("query", &shown, "undeclared", expected));
        }
    }

    /// Takes the values under a name.
    fn values(&self, name: &str) -> Vec<&'q str> {
        self.take(|found| (found == name).then_some(())).into_iter().map(|((), raw)| raw).collect()
    }

    /// Takes `name[property]=value` (OpenAPI 3.1 section 4.8.12.4, `deepObject`): one level, as it is defined.
    fn bracketed(&self, name: &str) -> Vec<(String, &'q str)> {
        self.take(|found| {
            let property = found.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            (!property.is_empty() && !property.contains(['[', ']'])).then(|| property.to_owned())
        })
    }

    /// Takes the properties of an exploded object. Where the schema speaks of additional properties, it takes every
    /// name that is no other parameter's.
    fn exploded(&self, planned: &Planned, plan: &Plan) -> Vec<(String, &'q str)> {
        let Some(kinds) = planned.exploded() else { return Vec::new() };
        self.take(|found| {
            let additional = kinds.additional.is_some() && !plan.query_names.contains(found);
            (kinds.properties.contains_key(found) || additional).then(|| found.to_owned())
        })
    }

    fn take<T>(&self, chosen: impl Fn(&str) -> Option<T>) -> Vec<(T, &'q str)> {
        let mut found = Vec::new();
        for (pair, taken) in &self.pairs {
            if let Some(name) = chosen(&pair.name) {
                taken.set(true);
                found.push((name, pair.raw));
            }
        }
        found
    }
}
