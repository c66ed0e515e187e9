//! Ids that are neither bound nor free, effects without evidence, and operations that nobody bound.

use model::{Finding, Owasp};

use super::{BoundOperation, Search};
use crate::bindings::{Action, Class, Evidence, From, IdPlace, Object, Page, Representation, shown};
use crate::codes;
use crate::compile::{action_of, is_safe};
use crate::ids::{self, IdLike};
use crate::path::Step;
use crate::shape::{Found, Shape};

pub(super) fn search(search: &mut Search<'_>) {
    for bound in search.open() {
        for id in ids::id_like(bound.operation) {
            if !is_settled(search, bound, &id) {
                unbound(search, bound, &id);
            }
        }
        effects(search, bound);
        links(search, bound);
    }
    absent(search);
}

fn unbound(search: &mut Search<'_>, bound: BoundOperation<'_>, id: &IdLike) {
    let sentence = format!(
        "`{}` of {} looks like an id and is neither bound nor free",
        id.place,
        shown(&bound.operation.id)
    );
    let finding = Finding::warning(codes::ID_UNBOUND, sentence)
        .at(id.at.clone(), "any value is let through")
        .related(bound.binding.place.clone(), "bound here without it")
        .advice(format!(
            "`object: {{ type: TYPE, id: {0} }}`, or `free: [{0}]` where it protects nothing",
            id.place
        ));
    search.findings.push(finding.owasp(Owasp::Api1));
}

fn is_settled(search: &Search<'_>, bound: BoundOperation<'_>, id: &IdLike) -> bool {
    let binding = bound.binding;
    binding.free.iter().any(|free| ids::covers(free, &id.place))
        || binding.objects.iter().any(|object| names(object, &id.place))
        || binding.evidence.iter().chain(binding.objects.iter().filter_map(|object| object.evidence.as_ref())).flatten().any(
            |evidence| matches!(evidence, Evidence::Related { id: other, .. } if ids::covers(other, &id.place)),
        )
        || binding.takes.as_ref().is_some_and(|takes| is_ruled(search, bound, takes, &id.place))
        || is_page(search, bound, &id.place)
}

fn names(object: &Object, place: &IdPlace) -> bool {
    ids::covers(&object.id, place) || object.parent.as_ref().is_some_and(|parent| names(parent, place))
}

/// A property of a representation that callers cannot choose: refused, kept as it is, or set by the gateway.
fn is_ruled(search: &Search<'_>, bound: BoundOperation<'_>, takes: &Representation, place: &IdPlace) -> bool {
    let IdPlace::Body(path) = place else { return false };
    if !ids::starts_with(path.steps(), takes.at.steps()) {
        return false;
    }
    let inner = path.steps().get(takes.at.steps().len()..).unwrap_or_default();
    let members: Vec<&str> = inner
        .iter()
        .filter_map(|step| match step {
            Step::Member(name) => Some(&**name),
            Step::Each => None,
        })
        .collect();
    let dotted = members.join(".");
    let first = members.first().copied().unwrap_or_default();
    let is = |name: &str| name == dotted || name == first;
    if bound.binding.preset.keys().any(|name| is(name)) {
        return true;
    }
    if takes.only.as_ref().is_some_and(|only| !only.iter().any(|name| is(name))) {
        return true;
    }
    if let Some(resource) = search.bindings.resources.get(&takes.kind) {
        let held = [&resource.owner, &resource.tenant].into_iter().any(|from| match from {
            From::Property(path) => path.steps() == inner,
            _ => false,
        });
        // What is created has no id yet, and a write says which object it is elsewhere. Links are refused, see `links`.
        let linked = resource.links().any(|(_, path)| path.steps() == inner);
        if held || linked || resource.id.steps() == inner || resource.immutable.iter().any(|name| is(name)) {
            return true;
        }
    }
    let write = search.bindings.properties.get(&takes.kind).and_then(|rules| rules.write.as_ref());
    write.is_some_and(|write| {
        !write
            .values()
            .flatten()
            .any(|name| is(name) || &**name == "*" || dotted.starts_with(&format!("{name}.")))
    })
}

/// What a new object belongs to is taken from a request only where it is decided on there.
fn links(search: &mut Search<'_>, bound: BoundOperation<'_>) {
    let BoundOperation { binding, operation, .. } = bound;
    let Some(takes) = &binding.takes else { return };
    let action = binding.action.unwrap_or_else(|| action_of(&operation.method));
    let makes = action == Action::Create && binding.objects.iter().all(|object| object.kind != takes.kind);
    let Some(resource) = search.bindings.resources.get(&takes.kind).filter(|_| makes) else { return };
    let Some(shape) = Shape::request(operation) else { return };
    let mut told: Vec<String> = Vec::new();
    for (kind, path) in resource.links() {
        let steps = path.steps().iter().fold(takes.at.to_string(), |at, step| match step {
            Step::Member(name) => format!("{at}{}", ids::member(name)),
            Step::Each => format!("{at}[*]"),
        });
        let Ok(whole) = crate::Path::parse(&steps) else { continue };
        let place = IdPlace::Body(whole.clone());
        let is_bound = binding.objects.iter().any(|object| *object.kind == *kind);
        let is_shown = matches!(shape.find(&whole), Found::Here(_));
        if is_bound || !is_shown || is_chosen_elsewhere(search, bound, takes, path) || told.contains(&steps) {
            continue;
        }
        let sentence = format!(
            "`{place}` of {} says whose the new {} is, and no {} is bound: requests that hold it are refused",
            shown(&operation.id),
            shown(&takes.kind),
            shown(kind)
        );
        let finding = Finding::warning(codes::ID_UNBOUND, sentence)
            .at(binding.place.clone(), "it would be whoever's it names")
            .advice(format!("`object: {{ type: {}, id: {place} }}`", shown(kind)));
        search.findings.push(finding.owasp(Owasp::Api1));
        told.push(steps);
    }
}

/// Whether callers do not write the property anyway.
fn is_chosen_elsewhere(
    search: &Search<'_>,
    bound: BoundOperation<'_>,
    takes: &Representation,
    path: &crate::Path,
) -> bool {
    let Some(Step::Member(first)) = path.steps().first() else { return false };
    let is = |name: &str| name == &**first || name.starts_with(&format!("{first}.")) || name == "*";
    let rules = search.bindings.properties.get(&takes.kind).and_then(|rules| rules.write.as_ref());
    bound.binding.preset.contains_key(first)
        || takes.only.as_ref().is_some_and(|only| !only.iter().any(|name| is(name)))
        || rules.is_some_and(|rules| !rules.values().flatten().any(|name| is(name)))
}

fn is_page(search: &Search<'_>, bound: BoundOperation<'_>, place: &IdPlace) -> bool {
    let IdPlace::Query(name) = place else { return false };
    let own =
        bound.binding.list.as_ref().and_then(|list| list.overfetch.as_ref()).map(|overfetch| &overfetch.page);
    let producers = search.bindings.resources.values().flat_map(|resource| &resource.producers);
    let pages = producers
        .filter(|producer| producer.operation == *bound.name)
        .filter_map(|producer| producer.page.as_ref());
    own.into_iter().chain(pages).any(|page| matches!(page, Page::Cursor { cursor, .. } if cursor == name))
}

/// An operation with an effect on an object of which nobody asks whose it is.
fn effects(search: &mut Search<'_>, bound: BoundOperation<'_>) {
    let BoundOperation { binding, operation, .. } = bound;
    let action = binding.action.unwrap_or_else(|| action_of(&operation.method));
    let safe = binding.safe.unwrap_or_else(|| is_safe(&operation.method, action));
    let privileged = matches!(binding.class, Class::Admin | Class::Internal | Class::Support);
    if safe || (privileged && !binding.roles.is_empty()) {
        return;
    }
    if binding.objects.is_empty() {
        if matches!(action, Action::Write | Action::Delete) {
            let sentence = format!("{} changes something, and no object is bound", shown(&operation.id));
            let place = binding.place.clone();
            search.warn(codes::EFFECT_WITHOUT_EVIDENCE, sentence, place, "`object` is missing", Owasp::Api1);
        }
        return;
    }
    for object in &binding.objects {
        let Some(resource) = search.bindings.resources.get(&object.kind) else { continue };
        let none = match object.evidence.as_ref().or(binding.evidence.as_ref()) {
            Some(named) => named.is_empty(),
            None => resource.producers.is_empty() && resource.resolver.is_none(),
        };
        // Whose it is is said by its id.
        let none = none && object.id != IdPlace::Principal && resource.me.is_empty() && !resource.per_caller;
        if none {
            let sentence = format!(
                "nothing says whose {} it is before {} takes effect",
                shown(&object.kind),
                shown(&operation.id)
            );
            let finding = Finding::warning(codes::EFFECT_WITHOUT_EVIDENCE, sentence)
                .at(object.place.clone(), "no evidence of it")
                .advice("give the type a `resolver` or `producers`, or name `evidence` here");
            search.findings.push(finding.owasp(Owasp::Api1));
        }
    }
}

fn absent(search: &mut Search<'_>) {
    let (bindings, description) = (search.bindings, search.description);
    let mut proposal = None;
    for operation in &description.operations {
        let title = operation.title();
        if bindings.operations.contains_key(&operation.id) || bindings.operations.contains_key(title.as_str())
        {
            continue;
        }
        let lines = proposal.get_or_insert_with(|| crate::infer::infer(description));
        let line = lines
            .line(&operation.id)
            .unwrap_or_else(|| format!("{}: {{ deny: true }}", shown(&operation.id)));
        let finding = Finding::warning(
            codes::OPERATION_UNBOUND,
            format!("{} is not bound, and so every call of it is refused", shown(&operation.id)),
        )
        .at(operation.place.clone(), "not in the bindings file")
        .advice(format!("for example `{line}` under `operations`; `deny: true` says that it is meant"));
        search.findings.push(finding.owasp(Owasp::Api9));
    }
}
