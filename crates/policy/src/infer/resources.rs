//! Resource types: from paths with a parameter, and from lists.

use std::collections::{BTreeMap, BTreeSet};

use openapi::{Description, Operation};

use super::answers::{self, Shown};
use super::{Inferred, InferredProducer, InferredResolver, InferredType, Nested, Said, is_item, names};
use crate::gaps::is_sensitive;
use crate::grade;
use crate::ids::snake;
use crate::path::Path;
use crate::shape::{Found, Shape};

type Types = BTreeMap<String, InferredType>;

pub(super) fn resources(description: &Description) -> Types {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in &description.operations {
        for (parameter, kind) in names::parameters(&operation.template) {
            found.entry(kind).or_default().insert(parameter);
        }
    }
    let kinds: BTreeSet<String> = found.keys().cloned().collect();
    let names = found.into_iter();
    let mut types: Types =
        names.map(|(kind, parameters)| (kind.clone(), of(description, &kind, &parameters, &kinds))).collect();
    by_relation(&mut types);
    types
}

/// What says nothing of its owner may hold the id of something that does.
fn by_relation(types: &mut Types) {
    let is_asked = |one: &InferredType| one.resolver.as_ref().is_some_and(|said| said.what.alone);
    let known: BTreeMap<String, (bool, bool)> = types
        .iter()
        .filter(|(_, one)| one.owner.what.starts_with("{ property") && is_asked(one))
        .map(|(kind, one)| (kind.clone(), (true, one.tenant.is_some())))
        .collect();
    for (own, one) in types.iter_mut() {
        let target = one.related.iter().find(|(kind, _)| kind != own && known.contains_key(kind));
        let Some((kind, path)) = target.filter(|_| one.owner.what == "{ from: none }") else { continue };
        let what = format!("{{ related: {{ type: {kind}, id: {} }} }}", super::text::quoted(path));
        let why = format!("it holds the id of a {kind}, which shows its owner");
        let said = Said { what, confidence: 60, why };
        if one.tenant.is_none() && known.get(kind).is_some_and(|(_, tenant)| *tenant) {
            one.tenant = Some(said.clone());
        }
        one.owner = said;
    }
}

fn of(
    description: &Description,
    kind: &str,
    parameters: &BTreeSet<String>,
    kinds: &BTreeSet<String>,
) -> InferredType {
    let reads = |operation: &&Operation| operation.method == "GET" && !names::is_verb(&operation.template);
    let all = || description.operations.iter().map(|operation| &**operation).filter(reads);
    let own = |operation: &&Operation| {
        is_item(operation)
            && names::parameters(&operation.template).last().is_some_and(|(_, other)| other == kind)
    };
    let shortest = all().filter(own).min_by_key(|operation| operation.template.matches('{').count());
    let shown = shortest.and_then(|operation| answers::object(operation, kind));
    let list = all().find(|operation| {
        !operation.template.contains('{') && names::listed(&operation.template).as_deref() == Some(kind)
    });
    let items = list.and_then(|operation| Some((operation, answers::items(operation)?)));
    let below = all().filter(|_| shown.is_none() && items.is_none()).find_map(|operation| {
        let is_list = !is_item(operation) && operation.template.contains('{');
        let of_kind = is_list && names::listed(&operation.template).as_deref() == Some(kind);
        of_kind.then(|| Some((operation, answers::items(operation)?))).flatten()
    });
    let some_items = items.as_ref().or(below.as_ref()).map(|(_, items)| items);
    let shape = shown.as_ref().or(some_items).map(|shown| &shown.shape);
    let mut id = id(shape, parameters, kind);
    if let Some(why) = shape.and_then(|shape| guessable(shape, &id.what)) {
        id.why = format!("{}; its ids {why}", id.why);
    }
    let tenant = shape.and_then(|shape| property(shape, &names::TENANTS, "tenants"));
    let producers: Vec<_> = items
        .iter()
        .filter_map(|(operation, items)| producer(operation, items, &id.what, parameters, kind))
        .collect();
    let resolver = shortest.zip(shown.as_ref()).and_then(|(operation, shown)| resolver(operation, shown));
    let owner = owner(shape, kind, &id.what, !producers.is_empty());
    let nested = below.as_ref().and_then(|(operation, items)| {
        let (_, owner) = answers::first(&items.shape, names::OWNERS.iter().map(|(name, _)| *name))?;
        let (operation, template) = (operation.id.clone(), operation.template.clone());
        Some(Nested { operation, template, items: items.at.clone(), owner })
    });
    // With an owner in the representation, a list of everybody's is no evidence.
    let own_list = owner.what == "{ from: producer }";
    let listed = producers.first().map(|said| said.what.clone());
    let listed_at = listed.as_ref().and(list).map(|operation| operation.template.to_string());
    InferredType {
        producers: if own_list { producers } else { Vec::new() },
        related: shape.map(|shape| related(shape, kinds)).unwrap_or_default(),
        listed,
        listed_at,
        nested,
        id,
        tenant,
        owner,
        resolver,
        immutable: None,
        write: None,
        read: None,
    }
}

fn related(shape: &Shape<'_>, kinds: &BTreeSet<String>) -> Vec<(String, String)> {
    let of = |name: &str| {
        let snake = snake(name);
        let kind = names::type_name(snake.strip_suffix("_id")?);
        kinds.contains(&kind).then(|| (kind, format!("${}", crate::ids::member(name))))
    };
    shape.properties().into_keys().filter_map(of).collect()
}

fn id(shape: Option<&Shape<'_>>, parameters: &BTreeSet<String>, kind: &str) -> Said<String> {
    let of_kind = snake(kind);
    let mut candidates: Vec<(String, u8)> = Vec::new();
    for parameter in parameters {
        candidates.push((snake(parameter), 90));
    }
    candidates.push(("id".to_owned(), 85));
    candidates.push((format!("{of_kind}_id"), 80));
    for end in ["uuid", "slug", "username", "name", "number", "code", "key"] {
        let asked = parameters.iter().any(|parameter| snake(parameter).contains(end));
        candidates.extend(asked.then(|| (end.to_owned(), 70)));
    }
    for (candidate, confidence) in &candidates {
        if let Some((_, path)) =
            shape.and_then(|shape| answers::first(shape, std::iter::once(candidate.as_str())))
        {
            return Said {
                what: path,
                confidence: *confidence,
                why: format!("its representation has `{candidate}`"),
            };
        }
    }
    let why = if shape.is_some() { "its representation has no name like it" } else { "nothing shows one" };
    Said { what: "$.id".to_owned(), confidence: 30, why: why.to_owned() }
}

/// Why its ids are guessed, as far as the description tells.
fn guessable(shape: &Shape<'_>, path: &str) -> Option<&'static str> {
    let Found::Here(id) = shape.find(&Path::parse(path).ok()?) else { return None };
    grade::declared(&id).why()
}

fn property(shape: &Shape<'_>, known: &[(&str, u8)], what: &str) -> Option<Said<String>> {
    let (name, path) = answers::first(shape, known.iter().map(|(name, _)| *name))?;
    let confidence = known.iter().find(|(other, _)| *other == name).map_or(50, |(_, confidence)| *confidence);
    let property = super::text::quoted(&path);
    Some(Said {
        what: format!("{{ property: {property} }}"),
        confidence,
        why: format!("{what} are often called `{name}`"),
    })
}

fn owner(shape: Option<&Shape<'_>>, kind: &str, id: &str, listed: bool) -> Said<String> {
    if names::is_account(kind) {
        let id = super::text::quoted(id);
        let why = "an account is its own owner, if the token's subject is this id".to_owned();
        return Said { what: format!("{{ property: {id} }}"), confidence: 50, why };
    }
    if let Some(said) = shape.and_then(|shape| property(shape, &names::OWNERS, "owners")) {
        return said;
    }
    if listed {
        let why = "nothing shows an owner; if the list holds the caller's own only, it says so".to_owned();
        return Said { what: "{ from: producer }".to_owned(), confidence: 40, why };
    }
    let why = "nothing shows whose it is: refused to users until somebody says".to_owned();
    Said { what: "{ from: none }".to_owned(), confidence: 30, why }
}

fn producer(
    operation: &Operation,
    items: &Shown<'_>,
    id: &str,
    parameters: &BTreeSet<String>,
    kind: &str,
) -> Option<Said<InferredProducer>> {
    if operation.parameters.iter().any(|parameter| parameter.required) || operation.security.admits_anyone() {
        return None;
    }
    let of_kind = format!("{}_id", snake(kind));
    let tail = id.trim_start_matches("$.").to_owned();
    let asked: Vec<String> = parameters.iter().map(|parameter| snake(parameter)).collect();
    let wanted = std::iter::once(snake(&tail)).chain(["id".to_owned(), of_kind]).chain(asked);
    let wanted: Vec<String> = wanted.collect();
    let (_, id) = answers::first(&items.shape, wanted.iter().map(String::as_str))?;
    let what = InferredProducer {
        operation: operation.id.clone(),
        items: items.at.clone(),
        id,
        page: answers::page(operation),
    };
    let why = format!("{} lists them, maybe everybody's: confirm with two identities", operation.title());
    Some(Said { what, confidence: 40, why })
}

fn resolver(operation: &Operation, shown: &Shown<'_>) -> Option<Said<InferredResolver>> {
    let (id, _) = names::parameters(&operation.template).pop()?;
    let needed = operation.parameters.iter().filter(|parameter| parameter.required).count();
    // Where it needs more, it can be asked only beside a request that has the same.
    let alone = needed <= 1;
    let confidence = if alone { 80 } else { 50 };
    let what = InferredResolver { operation: operation.id.clone(), id, object: shown.at.clone(), alone };
    Some(Said { what, confidence, why: format!("{} shows one", operation.title()) })
}

/// What needs the operations: properties that are shown and never taken, and those that are taken.
pub(super) fn complete(description: &Description, inferred: &mut Inferred) {
    for (kind, one) in &mut inferred.types {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let (mut created, mut shown): (BTreeSet<String>, BTreeSet<String>) = Default::default();
        // A rule that names the id lets callers write other ids than that of the object which the path names.
        let mut is_named = false;
        for operation in &description.operations {
            let target = super::operations::taken(operation);
            if target.as_ref() == Some(kind)
                && let Some(Shown { shape, .. }) = answers::taken(operation, kind)
            {
                let is_written = |property: &Shape<'_>| {
                    property.value("readOnly").and_then(openapi::Node::as_bool) != Some(true)
                };
                let properties = shape.properties().into_iter();
                let names: Vec<String> = properties
                    .filter(|(_, property)| is_written(property))
                    .map(|(name, _)| name.to_owned())
                    .collect();
                is_named |= is_item(operation);
                if !is_item(operation) {
                    created.extend(names.iter().cloned());
                }
                taken.extend(names);
            }
            if operation.method == "GET"
                && is_item(operation)
                && names::parameters(&operation.template).last().is_some_and(|(_, other)| other == kind)
                && let Some(object) = answers::object(operation, kind)
            {
                shown.extend(object.shape.properties().into_keys().map(str::to_owned));
            }
        }
        let fixed: Vec<String> = shown.iter().filter(|name| !taken.contains(*name)).cloned().collect();
        if !fixed.is_empty() && !taken.is_empty() {
            let why = "shown, and no request describes it".to_owned();
            one.immutable = Some(Said { what: fixed, confidence: 80, why });
        }
        let owner = one.owner.what.clone();
        let is_fact = |name: &String| {
            owner.contains(&format!("$.{name}"))
                || one.tenant.as_ref().is_some_and(|said| said.what.contains(&format!("$.{name} ")))
        };
        if !taken.is_empty() {
            let is_id = |name: &str| is_named && one.id.what == format!("${}", crate::ids::member(name));
            let kept = |name: &&String| {
                !names::is_privileged(name) && !is_id(name) && (!is_fact(name) || names::is_account(kind))
            };
            let what: Vec<String> = taken.iter().filter(kept).cloned().collect();
            let why =
                "what requests describe, less what looks like a privilege, an owner or the id".to_owned();
            one.write = Some(Said { what, confidence: 70, why });
        }
        if shown.iter().any(|name| is_sensitive(name)) {
            let what: Vec<String> = shown.iter().filter(|name| !is_sensitive(name)).cloned().collect();
            let why = "what answers describe, less what looks sensitive".to_owned();
            one.read = Some(Said { what, confidence: 70, why });
        }
    }
}
