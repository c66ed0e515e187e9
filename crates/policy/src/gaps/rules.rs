//! Property rules that name properties which no schema of the type has.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Finding, Owasp};
use openapi::Operation;

use super::Search;
use crate::Path;
use crate::bindings::{Representation, shown};
use crate::codes;
use crate::shape::{Found, Shape};
use crate::suggest::closest;

/// Schemas that represent a type, as requests and answers describe it.
#[derive(Default)]
pub(super) struct Schemas<'d> {
    pub(super) written: Vec<Shape<'d>>,
    pub(super) read: Vec<Shape<'d>>,
}

pub(super) fn schemas<'d>(search: &Search<'d>) -> BTreeMap<Arc<str>, Schemas<'d>> {
    let mut by_type: BTreeMap<Arc<str>, Schemas<'d>> = BTreeMap::new();
    for bound in &search.bound {
        if let Some(takes) = &bound.binding.takes {
            let found = below(Shape::request(bound.operation), &takes.at);
            by_type.entry(takes.kind.clone()).or_default().written.extend(found);
        }
        for (kind, path) in shown_types(bound.binding) {
            by_type.entry(kind).or_default().read.extend(answer(bound.operation, &path));
        }
    }
    by_type
}

pub(super) fn answer<'d>(operation: &'d Operation, path: &Path) -> Option<Shape<'d>> {
    below(Shape::answer(operation), path)
}

/// What an operation's answer shows, and where.
pub(super) fn shown_types(binding: &crate::bindings::Binding) -> Vec<(Arc<str>, Path)> {
    let shows = binding.shows.iter().map(|Representation { kind, at, .. }| (kind.clone(), at.clone()));
    let list = binding.list.iter().map(|list| (list.kind.clone(), list.items.clone()));
    shows.chain(list).collect()
}

fn below<'d>(shape: Option<Shape<'d>>, path: &Path) -> Option<Shape<'d>> {
    match shape?.find(path) {
        Found::Here(shape) => Some(shape),
        Found::Unknowable | Found::Absent { .. } => None,
    }
}

pub(super) fn search(search: &mut Search<'_>) {
    let by_type = schemas(search);
    let bindings = search.bindings;
    for (kind, properties) in &bindings.properties {
        let Some(schemas) = by_type.get(kind) else {
            let sentence =
                format!("no operation takes or shows {}, so that its rules hold nowhere", shown(kind));
            let place = search.at(&format!("/properties/{kind}"));
            search.warn(codes::SHADOWED, sentence, place, "never asked", Owasp::Api3);
            continue;
        };
        for (way, rules, of) in
            [("write", &properties.write, &schemas.written), ("read", &properties.read, &schemas.read)]
        {
            for (rule, names) in rules.iter().flatten() {
                for (index, name) in names.iter().enumerate() {
                    let at = format!("/properties/{kind}/{way}/{rule}/{index}");
                    stranger(search, kind, name, of, &at);
                }
            }
        }
        for name in properties.scopes.keys() {
            let all: Vec<_> = schemas.written.iter().chain(&schemas.read).cloned().collect();
            stranger(search, kind, name, &all, &format!("/properties/{kind}/scopes/{name}"));
        }
    }
    for (kind, resource) in &bindings.resources {
        let Some(schemas) = by_type.get(kind) else { continue };
        let all: Vec<_> = schemas.written.iter().chain(&schemas.read).cloned().collect();
        for (index, name) in resource.immutable.iter().enumerate() {
            stranger(search, kind, name, &all, &format!("/resources/{kind}/immutable/{index}"));
        }
    }
}

fn stranger(search: &mut Search<'_>, kind: &str, name: &str, schemas: &[Shape<'_>], at: &str) {
    let Ok(path) = Path::parse(name) else { return };
    // Without a schema that lists names nobody knows.
    let all_absent = !schemas.is_empty() && schemas.iter().all(|shape| has_not(shape, &path));
    if name == "*" || !all_absent {
        return;
    }
    let known: Vec<_> = schemas.iter().flat_map(|shape| shape.properties().into_keys()).collect();
    let near = closest(name, known.into_iter());
    let label = near
        .map_or_else(|| "not in the schema".to_owned(), |near| format!("did you mean `{}`?", shown(near)));
    let sentence = format!("no schema of {} has `{}`", shown(kind), shown(name));
    let finding = Finding::warning(codes::PROPERTY_UNKNOWN, sentence).at(search.at(at), label);
    search.findings.push(finding.owasp(Owasp::Api3));
}

/// Dotted names go through arrays.
fn has_not(shape: &Shape<'_>, path: &Path) -> bool {
    let mut shape = shape.clone();
    for step in path.steps() {
        let crate::path::Step::Member(name) = step else { return false };
        let within = if shape.is_listed() { Some(shape.clone()) } else { shape.items() };
        let Some(within) = within.filter(Shape::is_listed) else { return false };
        match within.property(name) {
            Some(next) => shape = next,
            None => return true,
        }
    }
    false
}
