//! What answers say: facts of objects, and who the holder of a credential is.

use std::sync::Arc;

use http::HeaderValue;
use policy::bindings::{From, Resource, Whoami};
use policy::plan::Resolving;
use policy::{Facts, OWNER, Origin, Path, TENANT, text_of};
use tape::{Kind, Node};

use super::{Ask, Holder, Relation, Says, What};

/// An item of a list: its id and what is known of it. `None`: it has no id.
pub(super) fn item(item: Node<'_>, ask: &Ask) -> Option<(Arc<str>, Facts, Vec<Relation>)> {
    match &ask.what {
        What::Produce(producing, resource) => {
            let id = producing.producer.id.one(item).and_then(text_of)?;
            let mut facts = resource.facts_in(item, &ask.subject, Origin::Producer);
            // What an item says of itself goes before what follows from its being in the list.
            if facts.owner().is_none() {
                facts.set(OWNER, Arc::clone(&ask.subject.subject), Origin::Producer);
            }
            if facts.tenant().is_none() {
                facts.set(TENANT, Arc::clone(&ask.subject.tenant), Origin::Producer);
            }
            Some((id, facts, Vec::new()))
        }
        What::List(listing, resource) => {
            let id = listing.id.one(item).and_then(text_of)?;
            let mut facts = resource.facts_in(item, &ask.subject, Origin::List);
            for (name, path) in [(OWNER, &listing.owner), (TENANT, &listing.tenant)] {
                if let Some(value) = path.as_ref().and_then(|path| path.one(item)).and_then(text_of) {
                    facts.set(name, value, Origin::List);
                }
            }
            Some((id, facts, relations(item, resource)))
        }
        What::Whoami(_) | What::Resolve(..) | What::Page(..) => None,
    }
}

/// What another object of the representation's knows.
pub(crate) fn relations(representation: Node<'_>, resource: &Resource) -> Vec<Relation> {
    let mut relations = Vec::new();
    for (fact, from) in [(TENANT, &resource.tenant), (OWNER, &resource.owner)] {
        if let From::Related { kind, id } = from
            && let Some(id) = id.one(representation).and_then(text_of)
        {
            relations.push(Relation { fact, kind: Arc::clone(kind), id });
        }
    }
    relations
}

/// A resolver's answer. One that shows another object than was asked for shows nothing of that.
pub(super) fn shown(
    root: Node<'_>,
    resolving: &Resolving,
    resource: &Resource,
    ask: &Ask,
    etag: Option<HeaderValue>,
) -> Says {
    let Some(object) = resolving.object.one(root).filter(|node| node.kind() == Kind::Object) else {
        return Says::Failed("the answer has no object where it should be");
    };
    match resource.id_in(object) {
        None => return Says::Failed("the object shows no id"),
        Some(id) if id != ask.id => return Says::Absent,
        Some(_) => {}
    }
    let facts = resource.facts_in(object, &ask.subject, Origin::Resolver);
    Says::Object { facts: Arc::new(facts), related: relations(object, resource).into(), etag }
}

/// Who the holder is. What the operation is to say and does not is a failure: to fall back on the claim would make the
/// holder somebody else.
pub(super) fn holder(root: Node<'_>, whoami: &Whoami) -> Says {
    let text = |path: &Path| path.one(root).and_then(text_of).filter(|text| !text.is_empty());
    let mut holder = Holder::default();
    for (path, value) in [(&whoami.subject, &mut holder.subject), (&whoami.tenant, &mut holder.tenant)] {
        if let Some(path) = path {
            let Some(said) = text(path) else { return Says::Failed("the answer lacks a name of the holder") };
            *value = Some(said);
        }
    }
    if let Some(path) = &whoami.roles {
        holder.roles = Some(roles(path, root));
    }
    let is_true = |path: &Path| path.one(root).and_then(Node::as_bool) == Some(true);
    holder.roles_of =
        whoami.role_of.iter().filter(|(_, path)| is_true(path)).map(|(role, _)| Arc::clone(role)).collect();
    holder.attributes = whoami
        .attributes
        .iter()
        .filter_map(|(name, path)| Some((Arc::clone(name), path.one(root).and_then(text_of)?)))
        .collect();
    Says::Holder(Arc::new(holder))
}

/// A text is split at spaces; of an array, or of several values, each text is a role.
fn roles(path: &Path, root: Node<'_>) -> Vec<Arc<str>> {
    let mut roles = Vec::new();
    for node in path.each(root) {
        match node.kind() {
            Kind::Array => roles.extend(node.items().filter_map(Node::as_str).map(Arc::from)),
            _ => roles.extend(node.as_str().unwrap_or_default().split_ascii_whitespace().map(Arc::from)),
        }
    }
    roles
}
