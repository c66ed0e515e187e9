//! One binding an operation: what it does, to which objects, and what it takes and shows.

use std::collections::BTreeMap;

use openapi::{Description, Operation};

use super::text::quoted;
use super::{InferredType, Said, answers, is_item, names};
use crate::bindings::{Action, IdPlace};
use crate::compile::{action_of, is_safe};
use crate::ids::{id_like, snake};

type Types = BTreeMap<String, InferredType>;

/// Places without a binding that are named in a reason.
const UNBOUND_TOLD_MAX: usize = 5;

pub(super) fn whoami(description: &Description) -> Option<Said<String>> {
    let is = |operation: &&std::sync::Arc<Operation>| {
        operation.method == "GET"
            && names::is_whoami(&operation.template)
            && !operation.security.admits_anyone()
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

pub(super) fn binding(operation: &Operation, types: &Types) -> Said<String> {
    if names::is_debug(&operation.template) {
        let why = "looks like a tool of developers".to_owned();
        return Said { what: "{ deny: true }".to_owned(), confidence: 80, why };
    }
    let mut draft = Draft::default();
    draft.callers(operation);
    let items = answers::items(operation).filter(|_| is_get(operation) && !is_item(operation));
    let action = action(operation, types, items.is_some());
    draft.action(operation, action);
    let objects = draft.objects(operation, types, is_safe(&operation.method, action));
    match items {
        Some(items) => draft.items(operation, types, &items),
        None => draft.representations(operation, types, &objects),
    }
    draft.unbound(operation, &objects);
    draft.said()
}

fn is_get(operation: &Operation) -> bool {
    matches!(operation.method.as_str(), "GET" | "HEAD")
}

fn action(operation: &Operation, types: &Types, is_list: bool) -> Action {
    match action_of(&operation.method) {
        Action::Read if is_get(operation) && names::is_verb(&operation.template) => Action::Act,
        Action::Read if is_list => Action::List,
        // A POST below an object does something to it; below a collection it creates.
        Action::Create
            if operation.template.contains('{')
                && (is_item(operation) || taken_of(operation, types).is_none()) =>
        {
            Action::Act
        }
        Action::Create if names::is_verb(&operation.template) => Action::Act,
        action => action,
    }
}

/// A binding as it comes together.
struct Draft {
    keys: Vec<String>,
    reasons: Vec<String>,
    /// Per cent.
    confidence: u8,
}

impl Default for Draft {
    fn default() -> Self {
        Self { keys: Vec::new(), reasons: Vec::new(), confidence: 80 }
    }
}

impl Draft {
    fn no_surer_than(&mut self, confidence: u8) {
        self.confidence = self.confidence.min(confidence);
    }

    fn callers(&mut self, operation: &Operation) {
        if operation.security.admits_anyone() {
            self.keys.push("class: public".to_owned());
            self.reasons.push("the description asks for no credential".to_owned());
        } else if names::is_admin(&operation.template, &operation.tags) {
            self.keys.push("class: admin, roles: [admin]".to_owned());
            self.reasons.push("named for administrators".to_owned());
            self.no_surer_than(60);
        }
    }

    fn action(&mut self, operation: &Operation, action: Action) {
        if action != action_of(&operation.method) {
            self.keys.push(format!("action: {}", action.word()));
        }
        if is_get(operation) && action == Action::Act {
            self.keys.push("safe: false".to_owned());
            self.reasons.push("a GET whose name says that it does something".to_owned());
        }
    }

    /// The objects that the request names, those of its child included.
    fn objects(&mut self, operation: &Operation, types: &Types, safe: bool) -> Vec<(IdPlace, String)> {
        let mut objects = objects(operation, types);
        let child = child(operation, types).filter(|_| !safe);
        if let Some(child) = &child {
            objects.retain(|object| !child.objects.contains(object));
        }
        let is_known = |kind: &String| {
            types.get(kind).is_some_and(|one| one.resolver.is_some() || !one.producers.is_empty())
        };
        let kinds = objects.iter().map(|(_, kind)| kind);
        let blind: Vec<String> = kinds.filter(|kind| !safe && !is_known(kind)).cloned().collect();
        let one = |(place, kind): &(IdPlace, String)| {
            format!("{{ type: {kind}, id: {} }}", quoted(&place.to_string()))
        };
        let texts: Vec<String> =
            objects.iter().map(one).chain(child.iter().map(|child| child.text.clone())).collect();
        match texts.as_slice() {
            [] => {}
            [one] => self.keys.push(format!("object: {one}")),
            several => self.keys.push(format!("objects: [{}]", several.join(", "))),
        }
        if let Some(child) = child {
            self.no_surer_than(60);
            self.reasons.push(child.why);
            objects.extend(child.objects);
        } else if !objects.is_empty() {
            let places: Vec<_> = objects.iter().map(|(place, _)| format!("`{place}`")).collect();
            self.reasons.push(format!("names {}", places.join(", ")));
        }
        if !blind.is_empty() {
            self.no_surer_than(30);
            self.reasons.push(format!("nothing can say whose {} it is", blind.join(", ")));
        }
        objects
    }

    fn takes(&mut self, operation: &Operation, types: &Types) {
        let Some(kind) = taken_of(operation, types) else { return };
        let at = answers::taken(operation, &kind).map_or_else(|| "$".to_owned(), |taken| taken.at);
        self.keys.push(representation("takes", &kind, &at));
        // Slugs are made of titles, and follow them.
        let is_slug = types.get(&kind).is_some_and(|one| snake(&one.id.what).ends_with("slug"));
        if is_slug && is_item(operation) {
            self.keys.push("renames: true".to_owned());
        }
    }

    fn items(&mut self, operation: &Operation, types: &Types, items: &answers::Shown<'_>) {
        self.takes(operation, types);
        let listed = names::listed(&operation.template).filter(|kind| types.contains_key(kind));
        let Some(kind) = listed else { return };
        let at = quoted(&items.at);
        self.keys.push(if operation.security.admits_anyone() {
            format!("shows: {{ type: {kind}, at: {at} }}")
        } else {
            let total = crate::shape::Shape::answer(operation)
                .and_then(|shape| answers::first(&shape, names::TOTALS.into_iter()))
                .map_or_else(String::new, |(_, path)| format!(", total: {}", quoted(&path)));
            format!("list: {{ type: {kind}, items: {at}, filter: true{total} }}")
        });
    }

    fn representations(&mut self, operation: &Operation, types: &Types, objects: &[(IdPlace, String)]) {
        self.takes(operation, types);
        let of_path = || objects.iter().rev().find(|(place, _)| matches!(place, IdPlace::Path(_)));
        let own = is_item(operation).then(of_path).flatten().map(|(_, kind)| kind.clone());
        let Some(kind) = own.or_else(|| taken_of(operation, types)) else { return };
        if let Some(shown) = answers::object(operation, &kind).filter(|shown| shown.shape.is_listed()) {
            self.keys.push(representation("shows", &kind, &shown.at));
        }
    }

    fn unbound(&mut self, operation: &Operation, objects: &[(IdPlace, String)]) {
        let bound = |place: &IdPlace| objects.iter().any(|(other, _)| other == place);
        let ids = id_like(operation).into_iter().filter(|id| !bound(&id.place));
        let open: Vec<_> = ids.take(UNBOUND_TOLD_MAX).map(|id| format!("`{}`", id.place)).collect();
        if !open.is_empty() {
            self.reasons.push(format!("left to you: {}", open.join(", ")));
            self.no_surer_than(50);
        }
    }

    fn said(mut self) -> Said<String> {
        if self.reasons.is_empty() {
            self.reasons.push("by its method and path".to_owned());
        }
        let keys = if self.keys.is_empty() { "class: user".to_owned() } else { self.keys.join(", ") };
        Said { what: format!("{{ {keys} }}"), confidence: self.confidence, why: self.reasons.join("; ") }
    }
}

fn taken_of(operation: &Operation, types: &Types) -> Option<String> {
    taken(operation).filter(|kind| types.contains_key(kind))
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
    if operation.security.admits_anyone() {
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
