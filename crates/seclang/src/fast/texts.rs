//! The texts that values become by transformations, each made once in a transaction.

use super::found::Burn;
use super::known::Known;
use super::steps::Steps;
use super::trie::{self, NodeId, Step, Trie};
use crate::hash::hash;
use crate::limits::Exhausted;
use crate::transformation::Transformation;
use crate::{ByteSet, UnicodeMap};

/// A text within one transaction.
pub type TextId = u32;

/// Room that most requests do with.
pub const FIRST_TEXTS: usize = 112;
const FIRST_BYTES: usize = 8 * 1024;

/// Every text of one transaction: values as they are, and what transformations made of them. Texts that are equal are
/// one, whatever they come from.
#[derive(Default)]
pub struct Texts {
    texts: Vec<Text>,
    /// The bytes of all texts, one after the other.
    bytes: Vec<u8>,
    /// What a transformation writes to.
    out: Vec<u8>,
    /// Which step made which text of which: lists that begin at `Text::first`.
    made: Vec<Made>,
    known: Known,
}

struct Text {
    /// From where to where in `Texts::bytes`.
    start: usize,
    end: usize,
    /// Which bytes occur.
    set: ByteSet,
    /// Which transformations can change it, as far as is known.
    touching: Steps,
    /// The text that a search without regard to case finds the same in.
    search_as: TextId,
    /// Index of the first of what was made of it.
    first: Option<u32>,
}

#[derive(Clone, Copy)]
struct Made {
    step: Step,
    text: TextId,
    next: Option<u32>,
}

impl Texts {
    /// Forgets every text and keeps the room that they took.
    pub fn forget(&mut self) {
        self.texts.clear();
        self.bytes.clear();
        self.made.clear();
        self.known.forget();
    }

    /// Bytes of memory that it keeps.
    pub fn room_bytes(&self) -> usize {
        self.texts.capacity() * size_of::<Text>()
            + self.bytes.capacity()
            + self.out.capacity()
            + self.made.capacity() * size_of::<Made>()
            + self.known.room_bytes()
    }

    /// The text of a value as it is.
    pub fn value(&mut self, value: &[u8]) -> TextId {
        self.text(value, None)
    }

    pub fn bytes(&self, id: TextId) -> &[u8] {
        let text = self.texts.get(id as usize);
        text.and_then(|text| self.bytes.get(text.start..text.end)).unwrap_or_default()
    }

    /// Its length.
    pub fn bytes_len(&self, id: TextId) -> usize {
        self.texts.get(id as usize).map_or(0, |text| text.end - text.start)
    }

    /// Which bytes occur in it.
    pub fn set(&self, id: TextId) -> &ByteSet {
        self.texts.get(id as usize).map_or(&ByteSet::NONE, |text| &text.set)
    }

    /// Which transformations can change it.
    pub fn touching(&self, id: TextId) -> Steps {
        self.texts.get(id as usize).map_or(Steps::NONE, |text| text.touching)
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
        let Some(transformation) = trie::transformation(step) else { return Ok(parent) };
        self.step(parent, step, transformation, map, burn)
    }

    /// What one transformation makes of a text; the same text where it changes nothing.
    fn step(
        &mut self,
        id: TextId,
        step: Step,
        transformation: &Transformation,
        map: Option<&UnicodeMap>,
        burn: &mut Burn<'_>,
    ) -> Result<TextId, Exhausted> {
        let Some(text) = self.texts.get(id as usize) else { return Ok(id) };
        if !text.touching.has(step) {
            return Ok(id);
        }
        let (mut at, first, search_as) = (text.first, text.first, text.search_as);
        while let Some(known) = at.and_then(|at| self.made.get(at as usize)) {
            if known.step == step {
                return Ok(known.text);
            }
            at = known.next;
        }
        let mut out = std::mem::take(&mut self.out);
        let bytes = self.bytes(id);
        burn(bytes.len() as u64 + 1)?;
        let made = if transformation.run(bytes, map, &mut out) {
            let same = out.eq_ignore_ascii_case(bytes).then_some(search_as);
            // Changed into what it was: multiMatch asks about it once more all the same.
            if out == bytes { self.push(&out, same) } else { self.text(&out, same) }
        } else {
            // Known from now on at a glance.
            self.out = out;
            if let Some(text) = self.texts.get_mut(id as usize) {
                text.touching = text.touching.without(step);
            }
            return Ok(id);
        };
        self.out = out;
        let index = u32::try_from(self.made.len()).ok();
        self.made.push(Made { step, text: made, next: first });
        if let Some(text) = self.texts.get_mut(id as usize) {
            text.first = index;
        }
        Ok(made)
    }

    fn text(&mut self, bytes: &[u8], search_as: Option<TextId>) -> TextId {
        if self.known.is_full(self.texts.len()) {
            self.known = self.known.wider(|id| hash(self.bytes(id)));
        }
        let hash = hash(bytes);
        let known = self.known.like(hash).find(|id| self.bytes(*id) == bytes);
        if let Some(id) = known {
            return id;
        }
        let id = self.push(bytes, search_as);
        self.known.insert(hash, id);
        id
    }

    fn push(&mut self, bytes: &[u8], search_as: Option<TextId>) -> TextId {
        if self.texts.capacity() == 0 {
            self.texts.reserve(FIRST_TEXTS);
            self.made.reserve(FIRST_TEXTS);
            self.bytes.reserve(FIRST_BYTES);
        }
        let id = TextId::try_from(self.texts.len()).unwrap_or(TextId::MAX);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let set = ByteSet::in_text(bytes);
        self.texts.push(Text {
            start,
            end: self.bytes.len(),
            set,
            touching: Steps::touching(&set),
            search_as: search_as.unwrap_or(id),
            first: None,
        });
        id
    }
}
