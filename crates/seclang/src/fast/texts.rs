//! The texts that values become by transformations, each made once.

use std::collections::HashMap;

use super::found::Burn;
use super::trie::{NodeId, Trie};
use crate::limits::Exhausted;
use crate::transformation::Transformation;
use crate::{ByteSet, UnicodeMap};

/// A text within one phase of one transaction.
pub type TextId = u32;

/// Every text of one phase: values as they are, and what transformations made of them.
#[derive(Default)]
pub struct Texts<'i> {
    texts: Vec<Text<'i>>,
    /// Values that are equal are one text.
    values: HashMap<&'i [u8], TextId, Quick>,
}

struct Text<'i> {
    bytes: Bytes<'i>,
    /// Which bytes occur.
    set: ByteSet,
    /// Step and what it made: this text itself where it changed nothing.
    derived: Vec<(u16, TextId)>,
}

enum Bytes<'i> {
    Borrowed(&'i [u8]),
    Owned(Vec<u8>),
}

impl<'i> Texts<'i> {
    /// The text of a value as it is.
    pub fn value(&mut self, value: &'i [u8]) -> TextId {
        if let Some(id) = self.values.get(value) {
            return *id;
        }
        let id = self.push(Bytes::Borrowed(value), set_of(value));
        self.values.insert(value, id);
        id
    }

    pub fn bytes(&self, id: TextId) -> &[u8] {
        match self.texts.get(id as usize).map(|text| &text.bytes) {
            Some(Bytes::Borrowed(bytes)) => bytes,
            Some(Bytes::Owned(bytes)) => bytes,
            None => &[],
        }
    }

    pub fn set(&self, id: TextId) -> ByteSet {
        self.texts.get(id as usize).map_or(ByteSet::NONE, |text| text.set)
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// What the value `id` is at a node. `burn` is told the bytes that transformations passed over.
    pub fn at(
        &mut self,
        id: TextId,
        node: NodeId,
        trie: &Trie,
        map: Option<&UnicodeMap>,
        burn: &mut Burn<'_>,
    ) -> Result<TextId, Exhausted> {
        if node == 0 {
            return Ok(id);
        }
        let there = trie.node(node);
        let parent = self.at(id, there.parent, trie, map, burn)?;
        let Some(transformation) = trie.transformation(there.step) else { return Ok(parent) };
        self.step(parent, there.step, transformation, map, burn)
    }

    /// What one transformation makes of a text; the same text where it changes nothing.
    pub fn step(
        &mut self,
        id: TextId,
        step: u16,
        transformation: &Transformation,
        map: Option<&UnicodeMap>,
        burn: &mut Burn<'_>,
    ) -> Result<TextId, Exhausted> {
        let Some(text) = self.texts.get(id as usize) else { return Ok(id) };
        if !transformation.touches.is_all() && !transformation.touches.meets(&text.set) {
            return Ok(id);
        }
        if let Some((_, derived)) = text.derived.iter().find(|(known, _)| *known == step) {
            return Ok(*derived);
        }
        let bytes = self.bytes(id);
        burn(bytes.len() as u64 + 1)?;
        let mut out = Vec::new();
        let derived = if transformation.run(bytes, map, &mut out) {
            let set = set_of(&out);
            self.push(Bytes::Owned(out), set)
        } else {
            id
        };
        if let Some(text) = self.texts.get_mut(id as usize) {
            text.derived.push((step, derived));
        }
        Ok(derived)
    }

    fn push(&mut self, bytes: Bytes<'i>, set: ByteSet) -> TextId {
        self.texts.push(Text { bytes, set, derived: Vec::new() });
        TextId::try_from(self.texts.len() - 1).unwrap_or(TextId::MAX)
    }
}

fn set_of(bytes: &[u8]) -> ByteSet {
    bytes.iter().fold(ByteSet::NONE, |set, byte| set.with(*byte))
}

/// SipHash with a fixed key: a sender could make values collide, and gains a slower search in one request, which the
/// number of values bounds.
type Quick = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;
