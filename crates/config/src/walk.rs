//! Reads a document by the table of keys, and reports everything that does not fit at once.

mod scalar;

pub use scalar::rate_text;
pub(crate) use scalar::{bytes_text, duration_text};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use model::{Finding, Place};
use tape::keys::Presence;
use tape::{Kind as Shape, Node};

use crate::keys::{Key, Kind, Section, noun};
use crate::sources::{Environment, Locator, Sources};
use crate::suggest;
pub(crate) use crate::suggest::shown;
use crate::values::{Block, Content, Named, Value};

pub(crate) struct Walk<'a> {
    pub(crate) locator: &'a Locator,
    /// Where relative paths begin: the directory of the gateway file.
    pub(crate) directory: PathBuf,
    pub(crate) environment: &'a dyn Environment,
    pub(crate) sources: &'a mut Sources,
    pub(crate) findings: &'a mut Vec<Finding>,
}

impl Walk<'_> {
    /// `None` when the node is no mapping.
    pub(crate) fn section(&mut self, node: Node<'_>, section: &'static Section) -> Option<Block> {
        let place = self.locator.place(node.span());
        if node.kind() != Shape::Object {
            self.wrong(place, &format!("{} is a mapping of keys", noun(section)), node);
            return None;
        }
        let mut block =
            Block { section, place: place.clone(), values: BTreeMap::new(), written: BTreeMap::new() };
        for member in node.members() {
            let key_place = self.locator.place(member.key_span());
            let Some(key) = section.key(member.key) else {
                self.unknown(member.key, key_place, section);
                self.mask_within(member, section);
                continue;
            };
            block.written.insert(key.name, key_place);
            if let Some(value) = self.value(member.value, &key.kind, key.name) {
                block.values.insert(key.name, value);
            }
        }
        self.complete(&mut block);
        Some(block)
    }

    /// What is under an unknown key is not read, and may hold secrets all the same.
    fn mask_within(&mut self, member: tape::Member<'_>, section: &'static Section) {
        let mut open = vec![(may_be_secret(member.key, section), member.value)];
        while let Some((secret, node)) = open.pop() {
            match node.kind() {
                Shape::Object => open.extend(node.members().map(|inner| {
                    (secret || crate::sources::is_secret(inner.key, &crate::keys::ROOT), inner.value)
                })),
                Shape::Array => open.extend(node.items().map(|inner| (secret, inner))),
                _ if secret => self.sources.mask(self.locator.place(node.span())),
                _ => {}
            }
        }
    }

    fn complete(&mut self, block: &mut Block) {
        for key in block.section.keys {
            if block.written.contains_key(key.name) {
                continue;
            }
            match key.presence {
                // No section of the gateway file has alternatives.
                Presence::Optional | Presence::OneOf => {}
                Presence::Required => {
                    let near =
                        Finding::error("B2004", format!("the {} has no `{}`", block.section.name, key.name))
                            .at(block.place.clone(), format!("`{}` is missing here", key.name))
                            .advice(format!("`{}`: {}", key.name, key.about));
                    self.findings.push(near);
                }
                Presence::Default(text) => {
                    if let Some(value) = self.default(key, text, &block.place) {
                        block.values.insert(key.name, value);
                    }
                }
            }
        }
    }

    /// A default goes through the same reader as what stands in the file.
    fn default(&mut self, key: &Key, text: &str, place: &Place) -> Option<Value> {
        let content = match &key.kind {
            Kind::List(item) | Kind::OneOrMany(item) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Content::List(parts.filter_map(|part| self.default_item(item, part, place)).collect())
            }
            kind => return self.default_item(kind, text, place),
        };
        Some(Value { place: place.clone(), content })
    }

    fn default_item(&mut self, kind: &Kind, text: &str, place: &Place) -> Option<Value> {
        if let Kind::Short { key, section } = kind {
            let inner = section.key(key)?;
            let value = self.default_item(&inner.kind, text, place)?;
            let mut block = self.short(section, key, place, value);
            block.written.clear();
            return Some(Value { place: place.clone(), content: Content::Section(block) });
        }
        let content = self.scalar(kind, text, place).ok()?;
        Some(Value { place: place.clone(), content })
    }

    fn value(&mut self, node: Node<'_>, kind: &'static Kind, name: &str) -> Option<Value> {
        let place = self.locator.place(node.span());
        let content = match kind {
            Kind::Section(section) => Content::Section(self.section(node, section)?),
            Kind::List(item) => {
                if node.kind() != Shape::Array {
                    self.wrong(place, &format!("`{name}` is a list"), node);
                    return None;
                }
                Content::List(self.items(node, item, name))
            }
            Kind::OneOrMany(item) if node.kind() == Shape::Array => {
                Content::List(self.items(node, item, name))
            }
            Kind::OneOrMany(item) => Content::List(vec![self.value(node, item, name)?]),
            Kind::Map { names, value } => {
                if node.kind() != Shape::Object {
                    self.wrong(place, &format!("`{name}` is a mapping, by {names}"), node);
                    return None;
                }
                Content::Map(self.entries(node, value))
            }
            Kind::Short { section, .. } if node.kind() == Shape::Object => {
                Content::Section(self.section(node, section)?)
            }
            Kind::Short { key, section } => {
                let inner = section.key(key)?;
                let value = self.value(node, &inner.kind, name)?;
                Content::Section(self.short(section, key, &place, value))
            }
            scalar => self.scalar_node(node, scalar, name)?,
        };
        Some(Value { place, content })
    }

    fn items(&mut self, node: Node<'_>, kind: &'static Kind, name: &str) -> Vec<Value> {
        node.items().filter_map(|item| self.value(item, kind, name)).collect()
    }

    fn entries(&mut self, node: Node<'_>, kind: &'static Kind) -> Vec<Named> {
        let mut entries = Vec::new();
        for member in node.members() {
            let place = self.locator.place(member.key_span());
            if let Some(value) = self.value(member.value, kind, member.key) {
                entries.push(Named { name: Arc::from(member.key), place, value });
            }
        }
        entries
    }

    /// The section that a scalar is short for.
    fn short(&mut self, section: &'static Section, key: &'static str, place: &Place, value: Value) -> Block {
        let mut block =
            Block { section, place: place.clone(), values: BTreeMap::new(), written: BTreeMap::new() };
        block.written.insert(key, place.clone());
        block.values.insert(key, value);
        self.complete(&mut block);
        block
    }

    fn unknown(&mut self, name: &str, place: Place, section: &'static Section) {
        let known = section.keys.iter().map(|key| key.name);
        self.findings.push(suggest::unknown_key("B2002", &noun(section), name, known, place));
    }

    fn wrong(&mut self, place: Place, sentence: &str, node: Node<'_>) {
        let found = match node.kind() {
            Shape::Null => "nothing stands here",
            Shape::Bool => "this is true or false",
            Shape::Number => "this is a number",
            Shape::String => "this is text",
            Shape::Array => "this is a list",
            Shape::Object => "this is a mapping",
        };
        self.findings.push(Finding::error("B2003", sentence).at(place, found));
    }
}

/// Whether an unknown key may be a misspelt one that holds a secret: then the secret follows it.
fn may_be_secret(name: &str, section: &'static Section) -> bool {
    match suggest::closest(name, section.keys.iter().map(|key| key.name)) {
        Some(near) => section.key(near).is_some_and(|key| matches!(key.kind, Kind::Secret)),
        None => section.keys.iter().any(|key| matches!(key.kind, Kind::Secret)),
    }
}
