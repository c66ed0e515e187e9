//! Ids of sealed types that stand where nobody declared them: they would be shown, or taken, as the service has them.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Finding, Owasp};
use openapi::Form;

use super::{BoundOperation, Search};
use crate::Path;
use crate::bindings::{IdPlace, Representation, ShownId, shown};
use crate::codes;
use crate::compile::place_of;
use crate::ids;
use crate::path::Step;
use crate::sealing::Names;
use crate::shape::{Shape, properties};

pub(super) fn search(search: &mut Search<'_>) {
    let bindings = search.bindings;
    if bindings.resources.values().all(|resource| resource.seal.is_none()) {
        return;
    }
    let names = Names::of(bindings);
    for bound in search.open() {
        of_answer(search, bound, &names);
        of_request(search, bound, &names);
    }
}

/// Places of an answer by name, and representations of sealed types that nobody declared as such.
fn of_answer(search: &mut Search<'_>, bound: BoundOperation<'_>, names: &Names) {
    let Some(shape) = Shape::answer(bound.operation) else { return };
    let declared = declared_in_answer(search, bound);
    let mut found: BTreeSet<(String, Arc<str>)> = BTreeSet::new();
    properties(&shape, "$", &mut |path, name, _| {
        let Some(kind) = names.kind(name) else { return };
        let Ok(steps) = Path::parse(path) else { return };
        if !declared.iter().any(|known| covers(known, steps.steps())) {
            found.insert((path.to_owned(), Arc::clone(kind)));
        }
    });
    for (path, kind) in found {
        let sentence =
            format!("the answer of {} has an id of {} at `{path}`", shown(&bound.operation.id), shown(&kind));
        report(
            search,
            bound,
            sentence,
            "its name alone has it sealed",
            format!(
                "`shows_ids: [{{ at: \"{path}\", type: {kind} }}]`, or `references` of the type that is shown"
            ),
        );
    }
    // Where it is bound by an object of a sealed type, and nothing says what the answer shows.
    let shows_nothing = bound.binding.shows.is_empty() && bound.binding.list.is_none();
    for object in &bound.binding.objects {
        let Some(resource) = search.bindings.resources.get(&object.kind) else { continue };
        let has_id = resource.seal.is_some()
            && resource.id.steps().first().is_some_and(|step| match step {
                Step::Member(name) => shape.property(name).is_some(),
                Step::Each => false,
            });
        if shows_nothing && has_id {
            let sentence = format!(
                "the answer of {} looks like {}, whose ids are sealed, and nothing says that it shows it",
                shown(&bound.operation.id),
                shown(&object.kind)
            );
            report(
                search,
                bound,
                sentence,
                "other ids than that of the request would be shown",
                format!("`shows: {}`", object.kind),
            );
        }
    }
}

fn of_request(search: &mut Search<'_>, bound: BoundOperation<'_>, names: &Names) {
    let BoundOperation { binding, operation, .. } = bound;
    let mut places: Vec<IdPlace> = Vec::new();
    for object in &binding.objects {
        places.push(object.id.clone());
        places.extend(object.parent.iter().map(|parent| parent.id.clone()));
    }
    places.extend(binding.ids.iter().map(|(place, _)| place.clone()));
    for parameter in
        operation.parameters.iter().filter(|parameter| matches!(parameter.form, Form::Styled { .. }))
    {
        let (Some(kind), Some(place)) =
            (names.kind(&parameter.name), place_of(parameter.location, &parameter.name))
        else {
            continue;
        };
        if !places.contains(&place) {
            let sentence = format!(
                "`{place}` of {} takes an id of {} as the service has it",
                shown(&operation.id),
                shown(kind)
            );
            report(
                search,
                bound,
                sentence,
                "a sealed id is not opened there",
                format!("`ids: [{{ at: {place}, type: {kind} }}]`"),
            );
        }
    }
    let Some(shape) = Shape::request(operation) else { return };
    let taken = binding.takes.iter().flat_map(|takes| inner(search, takes));
    let of_body = places.iter().filter_map(|place| match place {
        IdPlace::Body(path) => Some(path.steps().to_vec()),
        _ => None,
    });
    let declared: Vec<Vec<Step>> = taken.chain(of_body).collect();
    let mut found: BTreeSet<(String, Arc<str>)> = BTreeSet::new();
    properties(&shape, "$", &mut |path, name, property| {
        let is_read_only = property.value("readOnly").and_then(openapi::Node::as_bool) == Some(true);
        let Some(kind) = names.kind(name).filter(|_| !is_read_only) else { return };
        let Ok(steps) = Path::parse(path) else { return };
        if !declared.iter().any(|known| covers(known, steps.steps())) {
            found.insert((path.to_owned(), Arc::clone(kind)));
        }
    });
    for (path, kind) in found {
        let sentence = format!(
            "the body of {} takes an id of {} at `{path}` as the service has it",
            shown(&operation.id),
            shown(&kind)
        );
        report(
            search,
            bound,
            sentence,
            "a sealed id is not opened there",
            format!(
                "`ids: [{{ at: \"body.{path}\", type: {kind} }}]`, or `references` of the type that it takes"
            ),
        );
    }
}

fn declared_in_answer(search: &Search<'_>, bound: BoundOperation<'_>) -> Vec<Vec<Step>> {
    let binding = bound.binding;
    let listed = binding.list.iter().map(|list| Representation {
        kind: list.kind.clone(),
        at: list.items.clone(),
        only: None,
    });
    let shown = binding.shows.iter().cloned().chain(listed);
    let mut declared: Vec<Vec<Step>> = shown.flat_map(|shows| inner(search, &shows)).collect();
    declared.extend(binding.shows_ids.iter().filter_map(|(place, _)| match place {
        ShownId::Body(path) => Some(path.steps().to_vec()),
        ShownId::Header(_) => None,
    }));
    declared
}

/// Paths of ids within a representation, from the root of the document.
fn inner(search: &Search<'_>, representation: &Representation) -> Vec<Vec<Step>> {
    let Some(resource) = search.bindings.resources.get(&representation.kind) else { return Vec::new() };
    let of_related = [&resource.tenant, &resource.owner].into_iter().filter_map(|from| match from {
        crate::bindings::From::Related { id, .. } => Some(id),
        _ => None,
    });
    let paths = std::iter::once(&resource.id)
        .chain(resource.parent.iter().map(|parent| &parent.property))
        .chain(of_related)
        .chain(resource.references.iter().map(|(path, _)| path));
    paths.map(|path| [representation.at.steps(), path.steps()].concat()).collect()
}

/// An array where a representation is declared stands for its items, and one of ids for each of them.
fn covers(declared: &[Step], path: &[Step]) -> bool {
    let members =
        |steps: &[Step]| steps.iter().filter(|step| **step != Step::Each).cloned().collect::<Vec<_>>();
    ids::starts_with(path, declared) || members(declared) == members(path)
}

fn report(search: &mut Search<'_>, bound: BoundOperation<'_>, sentence: String, label: &str, advice: String) {
    let finding = Finding::warning(codes::SEALED_RAW, sentence)
        .at(bound.binding.place.clone(), label)
        .advice(advice)
        .owasp(Owasp::Api1);
    search.findings.push(finding);
}
