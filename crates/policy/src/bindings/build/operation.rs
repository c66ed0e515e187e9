//! Operations: objects, evidence, lists, representations.

use std::collections::BTreeMap;
use std::sync::Arc;

use tape::{Kind as Shape, Node};

use super::{Block, resource};
use crate::Path;
use crate::bindings::places::Places;
use crate::bindings::{
    Action, Assurance, Binding, Class, Evidence, IdPlace, List, Object, Overfetch, Page, Preset,
    Representation, Resource, ShownId,
};

type Resources = BTreeMap<Arc<str>, Resource>;

pub(super) fn binding(name: &Arc<str>, block: &Block<'_>, resources: &Resources, places: &Places) -> Binding {
    let mut blocks = block.blocks("objects");
    if let Some(one) = block.block("object") {
        blocks.insert(0, one);
    }
    let objects: Vec<_> = blocks.iter().filter_map(|block| object(block, resources, places)).collect();
    Binding {
        place: block.place(places),
        action: Action::parse(&block.word("action")),
        class: Class::parse(&block.word("class")).unwrap_or_default(),
        roles: block.texts("roles"),
        scopes: block.texts("scopes"),
        assurance: block
            .block("assurance")
            .map(|block| Assurance { acr: block.texts("acr"), max_age: block.duration("max_age") }),
        deny: block.flag("deny"),
        evidence: block
            .has("evidence")
            .then(|| evidence(block, objects.first().and_then(|object| resources.get(&object.kind)))),
        objects,
        list: block.block("list").and_then(|block| list(name, &block, resources)),
        takes: block.block("takes").and_then(|block| representation(&block, true)),
        shows: block.blocks("shows").iter().filter_map(|block| representation(block, false)).collect(),
        preset: block
            .sections("preset")
            .into_iter()
            .filter_map(|(name, block)| Some((name, preset(&block)?)))
            .collect(),
        safe: block.get("safe").and_then(Node::as_bool),
        if_match: block.flag("if_match"),
        renames: block.flag("renames"),
        free: block.texts("free").iter().filter_map(|text| IdPlace::parse(text).ok()).collect(),
        ids: block
            .blocks("ids")
            .iter()
            .filter_map(|block| Some((block.id_place("at")?, block.text("type")?)))
            .collect(),
        shows_ids: block.blocks("shows_ids").iter().filter_map(shown_id).collect(),
    }
}

fn shown_id(block: &Block<'_>) -> Option<(ShownId, Arc<str>)> {
    let at = match block.path("at") {
        Some(path) => ShownId::Body(path),
        None => ShownId::Header(block.text("header")?.to_ascii_lowercase().into()),
    };
    Some((at, block.text("type")?))
}

fn object(block: &Block<'_>, resources: &Resources, places: &Places) -> Option<Object> {
    let kind = block.text("type")?;
    Some(Object {
        place: block.place(places),
        evidence: block.has("evidence").then(|| evidence(block, resources.get(&kind))),
        kind,
        id: block.id_place("id")?,
        parent: block.block("parent").and_then(|parent| {
            let (kind, id) = (parent.text("type")?, parent.id_place("id")?);
            let place = parent.place(places);
            Some(Box::new(Object { place, kind, id, parent: None, optional: false, evidence: None }))
        }),
        optional: block.flag("optional"),
    })
}

/// `of`: the type of the objects that it is about.
fn evidence(block: &Block<'_>, of: Option<&Resource>) -> Vec<Evidence> {
    let Some(node) = block.get("evidence") else { return Vec::new() };
    let words = if node.kind() == Shape::Array { node.items().collect() } else { vec![node] };
    let mut sections = block.blocks("evidence").into_iter();
    let id = of.map(|resource| &resource.id);
    let read = |node: Node<'_>| match node.as_str() {
        Some(word) => Evidence::word(word),
        None => sections.next().and_then(|block| detailed(&block, id)),
    };
    words.into_iter().filter_map(read).collect()
}

fn detailed(block: &Block<'_>, id: Option<&Path>) -> Option<Evidence> {
    if let Some(claim) = block.text("claim") {
        return Some(Evidence::Claim(claim));
    }
    if let Some(related) = block.block("related") {
        return Some(Evidence::Related { kind: related.text("type")?, id: related.id_place("id")? });
    }
    let list = block.block("list")?;
    Some(Evidence::List {
        operation: list.text("operation")?,
        items: list.path("items")?,
        id: list.path("id").or_else(|| id.cloned()).unwrap_or_else(Path::root),
        owner: list.path("owner"),
        tenant: list.path("tenant"),
    })
}

fn list(name: &Arc<str>, block: &Block<'_>, resources: &Resources) -> Option<List> {
    let kind = block.text("type")?;
    let producers = resources.get(&kind).map(|resource| resource.producers.as_slice()).unwrap_or_default();
    let known = producers
        .iter()
        .find(|producer| producer.operation == *name)
        .and_then(|producer| producer.page.clone());
    Some(List {
        items: block.path("items")?,
        filter: block.flag("filter"),
        total: block.path("total"),
        drop: block.texts("drop").iter().filter_map(|text| Path::parse(text).ok()).collect(),
        overfetch: block.block("overfetch").and_then(|block| overfetch(&block, known)),
        kind,
    })
}

/// Where no page is described, as the producer that this list is has it.
fn overfetch(block: &Block<'_>, known: Option<Page>) -> Option<Overfetch> {
    let page = match (block.block("page"), block.text("offset"), known) {
        (Some(page), ..) => resource::page(&page),
        (None, Some(offset), _) => Some(Page::Offset { offset, limit: block.text("limit"), size: 100 }),
        (None, None, known) => known,
    };
    Some(Overfetch { page: page?, pages_max: block.count("pages_max") })
}

fn representation(block: &Block<'_>, takes: bool) -> Option<Representation> {
    let only = (takes && block.has("only")).then(|| block.texts("only"));
    Some(Representation { kind: block.text("type")?, at: block.path("at")?, only })
}

fn preset(block: &Block<'_>) -> Option<Preset> {
    if let Some(claim) = block.text("claim") {
        return Some(Preset::Claim(claim));
    }
    if let Some(value) = block.get("value") {
        return Some(Preset::Value(value.to_value()));
    }
    match &*block.word("principal") {
        "subject" => Some(Preset::Subject),
        "tenant" => Some(Preset::Tenant),
        _ => None,
    }
}
