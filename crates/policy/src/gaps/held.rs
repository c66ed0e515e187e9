//! Bodies that may write what says whose an object is, where nothing says that they represent one: no rule looks at them.

use model::{Finding, Owasp};

use super::Search;
use crate::alike;
use crate::bindings::{Action, From, shown};
use crate::codes;
use crate::compile::action_of;
use crate::path::Step;
use crate::shape::Shape;

pub(super) fn search(search: &mut Search<'_>) {
    for bound in search.open() {
        let (binding, operation) = (bound.binding, bound.operation);
        let action = binding.action.unwrap_or_else(|| action_of(&operation.method));
        let writes = matches!(action, Action::Write | Action::Create | Action::Act);
        let Some(shape) = Shape::request(operation).filter(|_| writes && binding.takes.is_none()) else {
            continue;
        };
        for object in &binding.objects {
            let Some(resource) = search.bindings.resources.get(&object.kind) else { continue };
            let facts = [&resource.owner, &resource.tenant].into_iter().filter_map(|from| match from {
                From::Property(path) => Some(path),
                _ => None,
            });
            let held = facts.chain(resource.links().map(|(_, path)| path));
            let held: Vec<&Step> = held
                .filter(|path| !is_id(&object.id, path))
                .filter_map(|path| path.steps().first())
                .collect();
            let mut names: Vec<&str> = shape.properties().into_keys().collect();
            names.retain(|name| {
                let is_it = |step: &Step| matches!(step, Step::Member(held) if alike(held, name));
                held.iter().copied().any(is_it) || resource.immutable.iter().any(|held| alike(held, name))
            });
            let Some(first) = names.first() else { continue };
            let sentence = format!(
                "the body of {} may write `{}`, which no {} changes, and nothing says that it takes one",
                shown(&operation.id),
                shown(first),
                shown(&object.kind)
            );
            let finding = Finding::warning(codes::WRITTEN_UNHELD, sentence)
                .at(binding.place.clone(), "no rule looks at its body")
                .advice(format!("`takes: {}`", shown(&object.kind)));
            search.findings.push(finding.owasp(Owasp::Api3));
        }
    }
}

/// Whether the object's own id stands there.
fn is_id(id: &crate::bindings::IdPlace, path: &crate::Path) -> bool {
    matches!(id, crate::bindings::IdPlace::Body(place) if place.steps() == path.steps())
}
