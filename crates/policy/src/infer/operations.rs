//! One binding an operation: what it does, to which objects, and what it takes and shows.

use std::collections::BTreeMap;

use openapi::{Description, Operation, Security};

use super::text::quoted;
use super::{InferredType, Said, answers, is_item, names};
use crate::bindings::{Action, IdPlace};
use crate::compile::{action_of, is_safe};
use crate::ids::{id_like, snake};

type Types = BTreeMap<String, InferredType>;

pub(super) fn is_public(operation: &Operation) -> bool {
    match &operation.security {
        Security::Missing => false,
        Security::Public { .. } => true,
        Security::AnyOf(alternatives) => {
            alternatives.iter().any(|alternative| alternative.schemes.is_empty())
        }
    }
}

pub(super) fn whoami(description: &Description) -> Option<Said<String>> {
    let is = |operation: &&std::sync::Arc<Operation>| {
        operation.method == "GET"
            && names::is_whoami(&operation.template)
            && !is_public(operation)
            && !operation.parameters.iter().any(|parameter| parameter.required)
    };
    let operation = description.operations.iter().find(is)?;
    let shown = answers::object(operation, "User")?;
    let (_, subject) = answers::first(&shown.shape, ["id", "user_id", "username", "sub"].into_iter())?;
    let joined = |path: &str| quoted(&format!("{}{}", shown.at, path.trim_start_matches('$')));
    let mut what = format!("{{ operation: {}, subject: {}", quoted(&operation.id), joined(&subject));
    for (key, candidates) in
        [("tenant", names::TENANTS.map(|(name, _)| name).to_vec()), ("roles", vec!["roles", "role"])]
    {
        if let Some((_, path)) = answers::first(&shown.shape, candidates.into_iter()) {
            what.push_str(&format!(", {key}: {}", joined(&path)));
        }
    }
    what.push_str(" }");
    let why = format!(
        "{} says who calls; needed where the token's subject is not what owners hold",
        operation.title()
    );
    Some(Said { what, confidence: 50, why })
}

/// The type whose representation the body is.
pub(super) fn taken(operation: &Operation) -> Option<String> {
    operation.body.as_ref()?;
    if is_item(operation) {
        let is_write = matches!(operation.method.as_str(), "PUT" | "PATCH");
        return names::parameters(&operation.template).pop().map(|(_, kind)| kind).filter(|_| is_write);
    }
    let listed = names::listed(&operation.template).filter(|_| !names::is_verb(&operation.template));
    listed.filter(|_| operation.method == "POST")
}

pub(super) fn binding(operation: &Operation, types: &Types, whoami: Option<&Said<String>>) -> Said<String> {
    if names::is_debug(&operation.template) {
        let why = "looks like a tool of developers".to_owned();
        return Said { what: "{ deny: true }".to_owned(), confidence: 80, why };
    }
    let mut keys: Vec<String> = Vec::new();
    let mut reasons: Vec<String> = Vec::new();
    let mut confidence = 80_u8;
    let is_admin = names::is_admin(&operation.template, &operation.tags);
    if is_public(operation) {
        keys.push("class: public".to_owned());
        reasons.push("the description asks for no credential".to_owned());
    } else if is_admin {
        keys.push("class: admin, roles: [admin]".to_owned());
        reasons.push("named for administrators".to_owned());
        confidence = 60;
    }
    let is_get = matches!(operation.method.as_str(), "GET" | "HEAD");
    let items = answers::items(operation).filter(|_| is_get && !is_item(operation));
    let action = match action_of(&operation.method) {
        Action::Read if is_get && names::is_verb(&operation.template) => Action::Act,
        Action::Read if items.is_some() => Action::List,
        // A POST below an object does something to it; below a collection it creates.
        Action::Create
            if operation.template.contains('{')
                && (is_item(operation) || taken_of(operation, types).is_none()) =>
        {
            Action::Act
        }
        Action::Create if names::is_verb(&operation.template) => Action::Act,
        action => action,
    };
    if action != action_of(&operation.method) {
        keys.push(format!("action: {}", action.word()));
    }
    if is_get && action == Action::Act {
        keys.push("safe: false".to_owned());
        reasons.push("a GET whose name says that it does something".to_owned());
    }
    let mut objects = objects(operation, types);
    let safe = is_safe(&operation.method, action);
    let child = child(operation, types).filter(|_| !safe);
    if let Some(child) = &child {
        objects.retain(|object| !child.objects.contains(object));
    }
    let mut blind = Vec::new();
    for (_, kind) in &objects {
        let known = types.get(kind).is_some_and(|one| one.resolver.is_some() || !one.producers.is_empty());
        if !known && !safe {
            blind.push(kind.clone());
        }
    }
    let texts =
        objects.iter().map(|(place, kind)| format!("{{ type: {kind}, id: {} }}", quoted(&place.to_string())));
    let texts: Vec<String> = texts.chain(child.iter().map(|child| child.text.clone())).collect();
    if let Some(child) = &child {
        confidence = confidence.min(60);
        reasons.push(child.why.clone());
        objects.extend(child.objects.iter().cloned());
    }
    match texts.as_slice() {
        [] => {}
        [one] => keys.push(format!("object: {one}")),
        several => keys.push(format!("objects: [{}]", several.join(", "))),
    }
    if !objects.is_empty() && child.is_none() {
        reasons.push(format!(
            "names {}",
            objects.iter().map(|(place, _)| format!("`{place}`")).collect::<Vec<_>>().join(", ")
        ));
    }
    if !blind.is_empty() {
        confidence = 30;
        reasons.push(format!("nothing can say whose {} it is", blind.join(", ")));
    }
    representations(operation, types, &objects, items, &mut keys, whoami);
    let open: Vec<String> = unbound(operation, &objects);
    if !open.is_empty() {
        reasons.push(format!("left to you: {}", open.join(", ")));
        confidence = confidence.min(50);
    }
    if reasons.is_empty() {
        reasons.push("by its method and path".to_owned());
    }
    let what =
        if keys.is_empty() { "{ class: user }".to_owned() } else { format!("{{ {} }}", keys.join(", ")) };
    Said { what, confidence, why: reasons.join("; ") }
}

fn taken_of(operation: &Operation, types: &Types) -> Option<String> {
    taken(operation).filter(|kind| types.contains_key(kind))
}

fn representations(
    operation: &Operation,
    types: &Types,
    objects: &[(IdPlace, String)],
    items: Option<answers::Shown<'_>>,
    keys: &mut Vec<String>,
    whoami: Option<&Said<String>>,
) {
    if let Some(kind) = taken_of(operation, types) {
        let at = answers::taken(operation, &kind).map_or_else(|| "$".to_owned(), |taken| taken.at);
        keys.push(representation("takes", &kind, &at));
        // Slugs are made of titles, and follow them.
        let is_slug = types.get(&kind).is_some_and(|one| snake(&one.id.what).ends_with("slug"));
        if is_slug && is_item(operation) {
            keys.push("renames: true".to_owned());
        }
    }
    if let Some(items) = items {
        let kind = names::listed(&operation.template).filter(|kind| types.contains_key(kind));
        if let Some(kind) = kind {
            let total = crate::shape::Shape::answer(operation)
                .and_then(|shape| answers::first(&shape, names::TOTALS.into_iter()))
                .map_or_else(String::new, |(_, path)| format!(", total: {}", quoted(&path)));
            let is_public = is_public(operation);
            let key = if is_public {
                format!("shows: {{ type: {kind}, at: {} }}", quoted(&items.at))
            } else {
                format!("list: {{ type: {kind}, items: {}, filter: true{total} }}", quoted(&items.at))
            };
            keys.push(key);
        }
        return;
    }
    let own =
        is_item(operation).then(|| objects.iter().rev().find(|(place, _)| matches!(place, IdPlace::Path(_))));
    let kind = own.flatten().map(|(_, kind)| kind.clone()).or_else(|| taken_of(operation, types));
    if whoami.is_some() && kind.is_none() {
        return;
    }
    if let Some((kind, shown)) =
        kind.and_then(|kind| answers::object(operation, &kind).map(|shown| (kind, shown)))
        && shown.shape.is_listed()
    {
        keys.push(representation("shows", &kind, &shown.at));
    }
}

fn representation(key: &str, kind: &str, at: &str) -> String {
    if at == "$" {
        return format!("{key}: {kind}");
    }
    format!("{key}: {{ type: {kind}, at: {} }}", quoted(at))
}

/// An object that stands with its owner in a list below its parent: a comment of an article.
struct Child {
    /// With its parent and where its owner is known from.
    text: String,
    /// The parent first.
    objects: [(IdPlace, String); 2],
    why: String,
}

/// Where nothing shows one object, and the path is that of a list with one more parameter.
fn child(operation: &Operation, types: &Types) -> Option<Child> {
    let parameters = names::parameters(&operation.template);
    let [.., (parent_id, parent), (id, kind)] = parameters.as_slice() else { return None };
    let one = types.get(kind).filter(|one| is_item(operation) && one.resolver.is_none())?;
    types.get(parent)?;
    let nested = one.nested.as_ref()?;
    let list = operation.template.trim_end_matches('/').strip_suffix(&format!("{{{id}}}"))?;
    if list.trim_end_matches('/') != nested.template.trim_end_matches('/') {
        return None;
    }
    let [at_parent, at] = [parent_id, id].map(|name| IdPlace::Path(name.as_str().into()));
    let [of_parent, own] = [&at_parent, &at].map(|place| quoted(&place.to_string()));
    let list = format!(
        "{{ list: {{ operation: {}, items: {}, owner: {} }} }}",
        quoted(&nested.operation),
        quoted(&nested.items),
        quoted(&nested.owner)
    );
    Some(Child {
        text: format!(
            "{{ type: {kind}, id: {own}, parent: {{ type: {parent}, id: {of_parent} }}, evidence: [{list}] }}"
        ),
        objects: [(at_parent, parent.clone()), (at, kind.clone())],
        why: format!("{} lists them with their owners", nested.operation),
    })
}

/// Places whose names lead to a type.
fn objects(operation: &Operation, types: &Types) -> Vec<(IdPlace, String)> {
    let mut found: Vec<(IdPlace, String)> = names::parameters(&operation.template)
        .into_iter()
        .map(|(name, kind)| (IdPlace::Path(name.into()), kind))
        .filter(|(_, kind)| types.contains_key(kind))
        .collect();
    if is_public(operation) {
        return found;
    }
    let own = taken(operation);
    for id in
        id_like(operation).into_iter().filter(|id| !matches!(id.place, IdPlace::Path(_) | IdPlace::Header(_)))
    {
        let name = snake(&id.name);
        let stem = ["_ids", "_id", "_uuid", "_slug"].iter().find_map(|end| name.strip_suffix(end));
        let Some(kind) = stem.map(names::type_name).filter(|kind| types.contains_key(kind)) else { continue };
        // Its own id, and who owns what is created, are for the rules of properties.
        let is_owner = own
            .as_ref()
            .and_then(|own| types.get(own))
            .is_some_and(|own| own.owner.what.contains(&format!("$.{}", id.name)));
        if own.as_ref() != Some(&kind) && !is_owner && !names::is_account(&kind) {
            found.push((id.place, kind));
        }
    }
    found
}

fn unbound(operation: &Operation, objects: &[(IdPlace, String)]) -> Vec<String> {
    let bound = |place: &IdPlace| objects.iter().any(|(other, _)| other == place);
    id_like(operation)
        .into_iter()
        .filter(|id| !bound(&id.place))
        .take(5)
        .map(|id| format!("`{}`", id.place))
        .collect()
}
