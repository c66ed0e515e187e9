//! The texts that values become by transformations, each made once.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

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
    /// What transformations made, one after the other.
    made: Vec<u8>,
    /// What a transformation writes to.
    out: Vec<u8>,
    /// Which step made which text of which: lists that begin at `Text::first`.
    steps: Vec<Step>,
    /// Values that are equal are one text.
    values: HashMap<&'i [u8], TextId, BuildHasherDefault<Quick>>,
}

struct Text<'i> {
    bytes: Bytes<'i>,
    /// Which bytes occur.
    set: ByteSet,
    /// The text that a search without regard to case finds the same in.
    search_as: TextId,
    /// Index of the first of its steps.
    first: Option<u32>,
}

#[derive(Clone, Copy)]
struct Step {
    step: u16,
    /// The text that was stepped from, where nothing was changed.
    made: TextId,
    next: Option<u32>,
}

enum Bytes<'i> {
    Borrowed(&'i [u8]),
    /// From where to where in `Texts::made`.
    Made(usize, usize),
}

impl<'i> Texts<'i> {
    /// The text of a value as it is.
    pub fn value(&mut self, value: &'i [u8]) -> TextId {
        if let Some(id) = self.values.get(value) {
            return *id;
        }
        let id = self.push(Bytes::Borrowed(value), ByteSet::of(value), None);
        self.values.insert(value, id);
        id
    }

    pub fn bytes(&self, id: TextId) -> &[u8] {
        match self.texts.get(id as usize).map(|text| &text.bytes) {
            Some(Bytes::Borrowed(bytes)) => bytes,
            Some(Bytes::Made(start, end)) => self.made.get(*start..*end).unwrap_or_default(),
            None => &[],
        }
    }

    pub fn set(&self, id: TextId) -> ByteSet {
        self.texts.get(id as usize).map_or(ByteSet::NONE, |text| text.set)
    }

    /// The text to search instead of this one.
    pub fn search_as(&self, id: TextId) -> TextId {
        self.texts.get(id as usize).map_or(id, |text| text.search_as)
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
        let parent = self.at(id, trie.node(node).parent, trie, map, burn)?;
        self.child(parent, node, trie, map, burn)
    }

    /// What the text at a node's parent is at the node.
    pub fn child(
        &mut self,
        parent: TextId,
        node: NodeId,
        trie: &Trie,
        map: Option<&UnicodeMap>,
        burn: &mut Burn<'_>,
    ) -> Result<TextId, Exhausted> {
        let step = trie.node(node).step;
        let Some(transformation) = trie.transformation(step) else { return Ok(parent) };
        self.step(parent, step, transformation, map, burn)
    }

    /// What one transformation makes of a text; the same text where it changes nothing.
    fn step(
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
        let (mut at, first, search_as) = (text.first, text.first, text.search_as);
        while let Some(known) = at.and_then(|at| self.steps.get(at as usize)) {
            if known.step == step {
                return Ok(known.made);
            }
            at = known.next;
        }
        let mut out = std::mem::take(&mut self.out);
        let bytes = self.bytes(id);
        burn(bytes.len() as u64 + 1)?;
        let made = if transformation.run(bytes, map, &mut out) {
            let same = out.eq_ignore_ascii_case(bytes).then_some(search_as);
            let start = self.made.len();
            self.made.extend_from_slice(&out);
            self.push(Bytes::Made(start, self.made.len()), ByteSet::of(&out), same)
        } else {
            id
        };
        self.out = out;
        let index = u32::try_from(self.steps.len()).ok();
        self.steps.push(Step { step, made, next: first });
        if let Some(text) = self.texts.get_mut(id as usize) {
            text.first = index;
        }
        Ok(made)
    }

    fn push(&mut self, bytes: Bytes<'i>, set: ByteSet, search_as: Option<TextId>) -> TextId {
        let id = TextId::try_from(self.texts.len()).unwrap_or(TextId::MAX);
        self.texts.push(Text { bytes, set, search_as: search_as.unwrap_or(id), first: None });
        id
    }
}

/// Multiplies eight bytes at a time. A sender could make values collide, and gains a slower search in one request,
/// which the number of values bounds.
#[derive(Default)]
struct Quick(u64);

impl std::hash::Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        if let Some(room) = last.get_mut(..rest.len()) {
            room.copy_from_slice(rest);
        }
        self.mix(u64::from_le_bytes(last));
    }

    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Quick {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 32;
    }
}
