//! Resource types, their producers and resolvers.

use std::sync::Arc;

use super::Block;
use crate::Path;
use crate::bindings::places::Places;
use crate::bindings::{From, Page, Parent, Producer, Resolver, Resource, Tenants};
use crate::sealing::Seal;

pub(super) struct Reading<'a> {
    pub(super) places: &'a Places,
    pub(super) tenants: Tenants,
}

impl Reading<'_> {
    pub(super) fn resource(&self, name: Arc<str>, block: &Block<'_>) -> Resource {
        let id = block.path("id").unwrap_or_else(Path::root);
        let producers: Vec<_> =
            block.blocks("producers").iter().filter_map(|block| self.producer(block, &id)).collect();
        let tenant = match (block.block("tenant"), self.tenants) {
            (Some(block), _) => from(&block),
            (None, Tenants::Single) => From::Principal,
            // Reported by `bindings::read`; nobody's tenant until somebody says.
            (None, Tenants::Claim) => From::None,
        };
        let owner = match block.block("owner") {
            Some(block) => from(&block),
            None if !producers.is_empty() => From::Producer,
            None if block.flag("per_caller") => From::Principal,
            None => From::None,
        };
        Resource {
            name,
            place: block.place(self.places),
            id,
            tenant,
            owner,
            attributes: block.entries("attributes", super::path),
            parent: block.block("parent").and_then(|block| {
                Some(Parent { kind: block.text("type")?, property: block.path("property")? })
            }),
            producers,
            resolver: block.block("resolver").and_then(|block| {
                Some(Resolver {
                    place: block.place(self.places),
                    operation: block.text("operation")?,
                    id: block.id_place("id"),
                    object: block.path("object")?,
                })
            }),
            me: block.texts("me"),
            per_caller: block.flag("per_caller"),
            immutable: block.texts("immutable"),
            seal: block
                .block("seal")
                .and_then(|block| Some(Seal { prefix: block.text("prefix")?, shared: block.flag("shared") })),
            references: block
                .blocks("references")
                .iter()
                .filter_map(|block| Some((block.path("at")?, block.text("type")?)))
                .collect(),
        }
    }

    fn producer(&self, block: &Block<'_>, id: &Path) -> Option<Producer> {
        Some(Producer {
            place: block.place(self.places),
            operation: block.text("operation")?,
            items: block.path("items")?,
            id: block.path("id").unwrap_or_else(|| id.clone()),
            page: block.block("page").and_then(|block| page(&block)),
            pages_max: block.count("pages_max"),
            cache: block.duration("cache")?,
        })
    }
}

fn from(block: &Block<'_>) -> From {
    if let Some(path) = block.path("property") {
        return From::Property(path);
    }
    if let Some(related) = block.block("related")
        && let Some((kind, id)) = related.text("type").zip(related.path("id"))
    {
        return From::Related { kind, id };
    }
    match &*block.word("from") {
        "principal" => From::Principal,
        "producer" => From::Producer,
        _ => From::None,
    }
}

pub(super) fn page(block: &Block<'_>) -> Option<Page> {
    let (limit, size) = (block.text("limit"), block.count("size"));
    if let Some(offset) = block.text("offset") {
        return Some(Page::Offset { offset, limit, size });
    }
    if let Some(number) = block.text("number") {
        return Some(Page::Number { number, limit, size, first: block.count("first") });
    }
    if let Some(next) = block.path("url") {
        return Some(Page::Url { next });
    }
    match block.text("cursor") {
        Some(cursor) => Some(Page::Cursor { cursor, next: block.path("next")? }),
        None => block.flag("link").then_some(Page::Link),
    }
}
