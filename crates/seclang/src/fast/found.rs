//! What one phase of one transaction has found out so far.

use std::ops::Range;

use super::Fast;
use super::names::NameBits;
use super::prepare::SourceId;
use super::room::Room;
use super::scan::Bits;
use super::search::Search;
use super::texts::{TextId, Texts};
use super::trie::NodeId;
use crate::input::Input;
use crate::limits::Exhausted;
use crate::rule_bits::RuleBits;
use crate::variable::Name;
use crate::{ByteSet, UnicodeMap};

/// A value that rules look at.
#[derive(Clone, Copy)]
pub struct Value<'i> {
    pub source: SourceId,
    /// See [`NameBits`].
    name_bit: NameBits,
    pub name: Name<'i>,
    pub text: TextId,
}

/// The values of one source.
#[derive(Clone, Copy)]
pub struct Stretch {
    start: usize,
    end: usize,
    /// Those of all of them.
    names: NameBits,
    /// The bytes of any of them.
    set: ByteSet,
}

/// Values, their texts, and which rules may match which of them; each found out when it is first asked for.
pub struct Found<'r, 'i> {
    pub fast: &'r Fast,
    /// Positions of the rules that are to be asked: those that cannot match go when that is found out.
    pub visits: RuleBits,
    input: &'i Input,
    map: Option<&'r UnicodeMap>,
    values_max: usize,
    values: Vec<Value<'i>>,
    /// Where all this is kept.
    room: Box<Room>,
    /// The number of the rule that asks, among those that asked.
    asking: u32,
}

/// Rules of a class and values that they may match, by rule and then by value.
#[derive(Default)]
pub struct Candidates {
    /// Whether they are found out.
    known: bool,
    rules: Bits,
    pairs: Vec<(u16, u32)>,
}

impl Candidates {
    pub fn forget(&mut self) {
        self.known = false;
        self.rules = Bits::default();
        self.pairs.clear();
    }

    /// Bytes of memory that it keeps.
    pub fn room_bytes(&self) -> usize {
        self.pairs.capacity() * size_of::<(u16, u32)>()
    }

    /// From where to where in `pairs` a rule's stand.
    fn of(&self, bit: u16) -> Range<usize> {
        if !self.rules.has(usize::from(bit)) {
            return 0..0;
        }
        let start = self.pairs.partition_point(|(own, _)| *own < bit);
        start..self.pairs.partition_point(|(own, _)| *own <= bit)
    }
}

/// Told of work in steps; ends it when there is no fuel left.
pub type Burn<'b> = dyn FnMut(u64) -> Result<(), Exhausted> + 'b;

impl<'r, 'i> Found<'r, 'i> {
    /// `visits`: the rules to ask; `room`: with the texts of earlier phases.
    pub fn new(
        fast: &'r Fast,
        visits: RuleBits,
        input: &'i Input,
        map: Option<&'r UnicodeMap>,
        values_max: usize,
        mut room: Box<Room>,
    ) -> Self {
        let values = room.enter(fast.sources.len(), fast.classes.len());
        Self { fast, visits, input, map, values_max, values, room, asking: 0 }
    }

    /// The room with the texts, for the next phase.
    pub fn leave(mut self) -> Box<Room> {
        self.room.keep(self.values);
        self.room
    }

    pub fn texts(&self) -> &Texts {
        &self.room.texts
    }

    /// Leaves out the rules on members that the request lacks.
    pub fn leave_lacking(&mut self) -> Result<(), Exhausted> {
        let fast = self.fast;
        for asking in &fast.asking {
            let position = asking.position as usize;
            if self.visits.has(position) {
                let (start, end) = self.named(asking.source, asking.names)?;
                if start == end {
                    self.visits.remove(position);
                }
            }
        }
        Ok(())
    }

    /// From here on another rule asks.
    pub fn next_asks(&mut self) {
        self.asking += 1;
    }

    /// The rule that asks does not match this text: values that are equal need not be asked about again.
    pub fn refute(&mut self, text: TextId) {
        let slot = text as usize;
        let Room { texts, refuted, .. } = &mut *self.room;
        if refuted.len() <= slot {
            refuted.resize(texts.len().max(slot + 1), 0);
        }
        if let Some(refuted) = refuted.get_mut(slot) {
            *refuted = self.asking;
        }
    }

    pub fn is_refuted(&self, text: TextId) -> bool {
        self.room.refuted.get(text as usize) == Some(&self.asking)
    }

    pub fn value(&self, index: usize) -> Option<Value<'i>> {
        self.values.get(index).copied()
    }

    /// Whether a value may have such a name and holds any of the bytes; `ALL` is of every value, also the empty one.
    pub fn may_need(&self, index: usize, names: NameBits, needs: &ByteSet) -> bool {
        let Some(value) = self.values.get(index) else { return false };
        names.meets(value.name_bit) && (needs.is_all() || needs.meets(self.room.texts.set(value.text)))
    }

    /// Where the values of a source begin and end that may have such a name; nowhere when there is none.
    pub fn named(&mut self, source: SourceId, names: NameBits) -> Result<(usize, usize), Exhausted> {
        let range = self.source(source)?;
        let known = self.room.sources.get(usize::from(source)).copied().flatten();
        Ok(if known.is_some_and(|known| known.names.meets(names)) { range } else { (0, 0) })
    }

    /// The same of values that may hold any of the bytes; see [`Found::may_need`].
    pub fn needed(
        &mut self,
        source: SourceId,
        names: NameBits,
        needs: &ByteSet,
    ) -> Result<(usize, usize), Exhausted> {
        let range = self.named(source, names)?;
        let known = self.room.sources.get(usize::from(source)).copied().flatten();
        let may = needs.is_all() || known.is_some_and(|known| known.set.meets(needs));
        Ok(if may { range } else { (0, 0) })
    }

    /// Where the values of a source begin and end.
    pub fn source(&mut self, source: SourceId) -> Result<(usize, usize), Exhausted> {
        let slot = usize::from(source);
        if let Some(Some(known)) = self.room.sources.get(slot) {
            return Ok((known.start, known.end));
        }
        let start = self.values.len();
        let (mut names, mut set) = (NameBits::NONE, ByteSet::NONE);
        if let Some(of) = self.fast.sources.get(slot) {
            let (values, texts) = (&mut self.values, &mut self.room.texts);
            self.input.each_inspected(of.variable, &of.selector, &mut |name, value| {
                let name_bit = name.key.map_or(NameBits::NAMELESS, NameBits::of);
                names = names.or(name_bit);
                let text = texts.value(value);
                set = set.or(*texts.set(text));
                values.push(Value { source, name_bit, name, text });
            });
        }
        if self.values.len() > self.values_max {
            return Err(Exhausted::Values);
        }
        let end = self.values.len();
        if let Some(known) = self.room.sources.get_mut(slot) {
            *known = Some(Stretch { start, end, names, set });
        }
        Ok((start, end))
    }

    /// The text of a value at a node of the trie.
    pub fn text(&mut self, value: TextId, node: NodeId, burn: &mut Burn<'_>) -> Result<TextId, Exhausted> {
        self.room.texts.at(value, node, &self.fast.trie, self.map, burn)
    }

    /// Where the values that a rule of a class may match stand, ascending; see [`Found::candidate`].
    pub fn candidates(&self, class: u16, bit: u16) -> Range<usize> {
        self.room.classes.get(usize::from(class)).map_or(0..0, |candidates| candidates.of(bit))
    }

    /// Whether a rule of a class may match any value. The first to ask has the class searched for.
    #[inline]
    pub fn may_match(&mut self, class: u16, bit: u16, burn: &mut Burn<'_>) -> Result<bool, Exhausted> {
        let index = usize::from(class);
        if let Some(candidates) = self.room.classes.get(index)
            && candidates.known
        {
            return Ok(candidates.rules.has(usize::from(bit)));
        }
        let candidates = self.search(index, burn)?;
        let positions = self.fast.classes.get(index).map_or(&[][..], |class| &class.positions);
        for (place, position) in positions.iter().enumerate() {
            if !candidates.rules.has(place) {
                self.visits.remove(*position);
            }
        }
        let may = candidates.rules.has(usize::from(bit));
        if let Some(slot) = self.room.classes.get_mut(index) {
            *slot = candidates;
        }
        Ok(may)
    }

    /// The index of a value that a rule of the class may match.
    pub fn candidate(&self, class: u16, place: usize) -> Option<usize> {
        let candidates = self.room.classes.get(usize::from(class))?;
        candidates.pairs.get(place).map(|(_, value)| *value as usize)
    }

    /// Searches every value that the class looks at, at every node of the trie where it looks.
    #[inline(never)]
    fn search(&mut self, class: usize, burn: &mut Burn<'_>) -> Result<Candidates, Exhausted> {
        let fast = self.fast;
        let mut candidates = self.room.classes.get_mut(class).map(std::mem::take).unwrap_or_default();
        candidates.known = true;
        let Some(class) = fast.classes.get(class) else { return Ok(candidates) };
        let mut kept = std::mem::take(&mut self.room.kept);
        let mut search = Search::new(fast, class, self.map, &mut kept);
        for look in &class.looks {
            search.next_source();
            let (start, end) = self.source(look.source)?;
            for index in start..end {
                let Some(value) = self.values.get(index) else { break };
                let found = search.value(look, (value.name.key, value.text), &mut self.room.texts, burn)?;
                candidates.rules.or(&found);
                for bit in found.each() {
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    candidates.pairs.push((u16::try_from(bit).unwrap_or(u16::MAX), index));
                }
            }
        }
        self.room.kept = kept;
        candidates.pairs.sort_unstable();
        Ok(candidates)
    }
}
