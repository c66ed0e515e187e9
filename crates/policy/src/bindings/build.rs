//! From a bindings file that was held against the table to typed bindings. What does not fit was reported and is left
//! out here; an operation of which something is left out is denied, so that nothing is weaker than what was meant.

mod operation;
mod resource;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::Place;
use tape::keys::Presence;
use tape::{Kind as Shape, Node};

use super::keys::{Kind, Section};
use super::places::Places;
use super::{Bindings, IdPlace, Principals, Properties, Tenants, Whoami, keys, reader};
use crate::Path;

/// A section of the file: a mapping, or the scalar that is short for one.
#[derive(Clone)]
pub(super) struct Block<'t> {
    node: Node<'t>,
    section: &'static Section,
    /// The key that a scalar is the value of.
    short: Option<&'static str>,
    /// Its pointer.
    at: String,
}

impl<'t> Block<'t> {
    pub(super) fn root(node: Node<'t>) -> Self {
        Self { node, section: &keys::ROOT, short: None, at: String::new() }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn get(&self, key: &str) -> Option<Node<'t>> {
        debug_assert!(self.section.key(key).is_some(), "`{key}` is not a key of {}", self.section.name);
        match self.short {
            Some(short) => (short == key).then_some(self.node),
            None => self.node.get(key),
        }
    }

    fn default(&self, key: &str) -> Option<&'static str> {
        match self.section.key(key)?.presence {
            Presence::Default(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// What stands there, else the default.
    fn text(&self, key: &str) -> Option<Arc<str>> {
        match self.get(key) {
            Some(node) => text(node),
            None => self.default(key).map(Arc::from),
        }
    }

    fn word(&self, key: &str) -> Arc<str> {
        self.text(key).unwrap_or_default()
    }

    fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Node::as_bool).unwrap_or_else(|| self.default(key) == Some("true"))
    }

    fn count(&self, key: &str) -> u32 {
        self.word(key).parse().unwrap_or_default()
    }

    fn duration(&self, key: &str) -> Option<Duration> {
        reader::duration(&self.text(key)?)
    }

    fn path(&self, key: &str) -> Option<Path> {
        Path::parse(&self.text(key)?).ok()
    }

    fn id_place(&self, key: &str) -> Option<IdPlace> {
        IdPlace::parse(&self.text(key)?).ok()
    }

    /// Of a text or a list of texts.
    fn texts(&self, key: &str) -> Vec<Arc<str>> {
        self.get(key).map(texts).unwrap_or_default()
    }

    fn block(&self, key: &str) -> Option<Block<'t>> {
        self.inner(self.get(key)?, &self.section.key(key)?.kind, format!("{}/{key}", self.at))
    }

    /// Of a list of sections, or of one.
    fn blocks(&self, key: &str) -> Vec<Block<'t>> {
        let found = self.section.key(key).zip(self.get(key));
        let Some((key, node)) = found else { return Vec::new() };
        let at = format!("{}/{}", self.at, key.name);
        let item = match &key.kind {
            Kind::List(item) | Kind::OneOrMany(item) => item,
            other => other,
        };
        if node.kind() != Shape::Array {
            return self.inner(node, item, at).into_iter().collect();
        }
        let items = node.items().enumerate();
        items.filter_map(|(index, node)| self.inner(node, item, format!("{at}/{index}"))).collect()
    }

    fn inner(&self, node: Node<'t>, kind: &'static Kind, at: String) -> Option<Block<'t>> {
        match kind {
            Kind::Section(section) | Kind::WordOr { section, .. } if node.kind() == Shape::Object => {
                Some(Block { node, section, short: None, at })
            }
            Kind::Short { section, .. } if node.kind() == Shape::Object => {
                Some(Block { node, section, short: None, at })
            }
            Kind::Short { key, section } => Some(Block { node, section, short: Some(key), at }),
            _ => None,
        }
    }

    /// Names and values of a map of scalars.
    fn entries<T>(&self, key: &str, of: impl Fn(Node<'t>) -> Option<T>) -> BTreeMap<Arc<str>, T> {
        let members = self.get(key).into_iter().flat_map(Node::members);
        members.filter_map(|member| Some((Arc::from(member.key), of(member.value)?))).collect()
    }

    /// Names and sections of a map of sections.
    fn sections(&self, key: &str) -> Vec<(Arc<str>, Block<'t>)> {
        let kind = self.section.key(key).map(|key| &key.kind);
        let Some(Kind::Map { value, .. }) = kind else { return Vec::new() };
        let members = self.get(key).into_iter().flat_map(Node::members);
        members
            .filter_map(|member| {
                let at = format!("{}/{key}/{}", self.at, member.key);
                Some((Arc::from(member.key), self.inner(member.value, value, at)?))
            })
            .collect()
    }

    fn place(&self, places: &Places) -> Place {
        places.at(&self.at).cloned().unwrap_or_else(|| Place::file(""))
    }
}

pub(super) fn bindings(root: &Block<'_>, places: Places, file: Place) -> Bindings {
    let tenants = if &*root.word("tenants") == "single" { Tenants::Single } else { Tenants::Claim };
    let of = resource::Reading { places: &places, tenants };
    let resources: BTreeMap<_, _> = root
        .sections("resources")
        .into_iter()
        .map(|(name, block)| (name.clone(), of.resource(name, &block)))
        .collect();
    let operations = root.sections("operations");
    let operations = operations
        .into_iter()
        .map(|(name, block)| (name.clone(), operation::binding(&name, &block, &resources, &places)))
        .collect();
    let properties =
        root.sections("properties").into_iter().map(|(name, block)| (name, rules(&block))).collect();
    let principals = root.block("principals").map(|block| principals(&block, &places)).unwrap_or_default();
    Bindings { place: file, tenants, principals, resources, operations, properties, places }
}

fn principals(block: &Block<'_>, places: &Places) -> Principals {
    Principals {
        subject: block.text("subject"),
        issuers: block.texts("issuer"),
        clients_own: block.flag("clients_own"),
        roles: block.text("roles"),
        role_of: block.entries("role_of", text),
        attributes: block.entries("attributes", text),
        operators: block.texts("operators"),
        whoami: block.block("whoami").and_then(|block| whoami(&block, places)),
    }
}

fn whoami(block: &Block<'_>, places: &Places) -> Option<Whoami> {
    Some(Whoami {
        place: block.place(places),
        operation: block.text("operation")?,
        subject: block.path("subject"),
        tenant: block.path("tenant"),
        roles: block.path("roles"),
        role_of: block.entries("role_of", path),
        attributes: block.entries("attributes", path),
        cache: block.duration("cache")?,
    })
}

fn rules(block: &Block<'_>) -> Properties {
    // A section that stands there and lists nothing allows nothing.
    let of = |key: &str| block.has(key).then(|| block.entries(key, |node| Some(texts(node))));
    Properties { write: of("write"), read: of("read"), scopes: block.entries("scopes", text) }
}

fn text(node: Node<'_>) -> Option<Arc<str>> {
    node.as_str().or_else(|| node.number()).filter(|text| !text.is_empty()).map(Arc::from)
}

fn texts(node: Node<'_>) -> Vec<Arc<str>> {
    if node.kind() == Shape::Array {
        node.items().filter_map(text).collect()
    } else {
        text(node).into_iter().collect()
    }
}

fn path(node: Node<'_>) -> Option<Path> {
    Path::parse(node.as_str()?).ok()
}
