//! One class searched for in value after value.

use super::Fast;
use super::classes::{Class, Look};
use super::found::Burn;
use super::plan::Plans;
use super::scan::Bits;
use super::texts::{FIRST_TEXTS, TextId, Texts};
use super::trie::DEPTH_MAX;
use crate::UnicodeMap;
use crate::limits::Exhausted;

/// One pass of one class over the values.
pub struct Search<'r, 'k> {
    fast: &'r Fast,
    class: &'r Class,
    map: Option<&'r UnicodeMap>,
    kept: &'k mut Kept,
}

/// What one pass after the other needs.
#[derive(Default)]
pub struct Kept {
    /// In texts that were searched.
    found: Memo,
    /// In values of the source under way, with all that they become.
    looked: Memo,
    /// Of the value under way, its texts at the stops that lead to the one at hand, by their depth.
    at: Vec<TextId>,
    plans: Plans,
}

impl Kept {
    /// Bytes of memory that it keeps.
    pub fn room_bytes(&self) -> usize {
        self.found.room_bytes()
            + self.looked.room_bytes()
            + self.at.capacity() * size_of::<TextId>()
            + self.plans.room_bytes()
    }
}

impl<'r, 'k> Search<'r, 'k> {
    pub fn new(fast: &'r Fast, class: &'r Class, map: Option<&'r UnicodeMap>, kept: &'k mut Kept) -> Self {
        kept.found.forget();
        kept.at.resize(DEPTH_MAX + 1, 0);
        Self { fast, class, map, kept }
    }

    /// From here on values of another source are looked at.
    pub fn next_source(&mut self) {
        self.kept.looked.forget();
    }

    /// Which of the rules that look can match a value, as it is and at every stop; `name` is that of the member.
    pub fn value(
        &mut self,
        look: &Look,
        (name, value): (Option<&[u8]>, TextId),
        texts: &mut Texts,
        burn: &mut Burn<'_>,
    ) -> Result<Bits, Exhausted> {
        let takers = look.takers.of(name);
        let mut found = Bits::default();
        if takers.is_empty() {
            return Ok(found);
        }
        // Rules that ask for a name make its values differ from equal ones.
        let takes_any = takers == look.takers.any;
        if takes_any && let Some(known) = self.kept.looked.get(value) {
            return Ok(known);
        }
        let planned = self.kept.plans.of(look, texts.touching(value), takers);
        burn(planned.steps)?;
        let mut bits = None;
        self.look(planned.looking, value, &mut bits, texts, &mut found, burn)?;
        let (length, mut number) = (texts.bytes_len(value), 0);
        while let Some(place) = self.kept.plans.stop(planned, number) {
            number += 1;
            if look.stops.get(place).is_some_and(|stop| length >= stop.least) {
                found.or(&self.below(look, place, (takers, value, bits), texts, burn)?);
            }
        }
        if takes_any {
            self.kept.looked.keep(value, found, texts.len());
        }
        Ok(found)
    }

    /// Which of the rules in `takers` can match what a text becomes at a stop and below. `bits`: which of the class can
    /// match it as it is, once that is known.
    fn below(
        &mut self,
        look: &Look,
        first: usize,
        (takers, value, bits): (Bits, TextId, Option<Bits>),
        texts: &mut Texts,
        burn: &mut Burn<'_>,
    ) -> Result<Bits, Exhausted> {
        let mut found = Bits::default();
        let Some((depth, end)) = look.stops.get(first).map(|stop| (stop.depth, stop.end)) else {
            return Ok(found);
        };
        if let Some(at) = depth.checked_sub(1).and_then(|above| self.kept.at.get_mut(above)) {
            *at = value;
        }
        // The text at hand, what can change it and what it holds: mostly the same from stop to stop.
        let (mut text, mut touching, mut bits) = (value, texts.touching(value), bits);
        let mut place = first;
        while let Some(stop) = look.stops.get(place).filter(|_| place < end) {
            if !stop.looking_below.meets(&takers) {
                place = stop.end;
                continue;
            }
            let above = stop.depth.checked_sub(1).and_then(|above| self.kept.at.get(above));
            let parent = above.copied().unwrap_or(value);
            if parent != text {
                (text, touching, bits) = (parent, texts.touching(parent), None);
            }
            if stop.step.meets(touching) {
                if texts.bytes_len(text) < stop.least {
                    place = stop.end;
                    continue;
                }
                let child = texts.child(text, stop.node, &self.fast.trie, self.map, burn)?;
                if child != text {
                    (text, touching, bits) = (child, texts.touching(child), None);
                }
            }
            if let Some(at) = self.kept.at.get_mut(stop.depth) {
                *at = text;
            }
            let changes = stop.steps_below.meets(touching);
            let (looking, next) =
                if changes { (&stop.looking, place + 1) } else { (&stop.looking_below, stop.end) };
            self.look(looking.and(&takers), text, &mut bits, texts, &mut found, burn)?;
            place = next;
        }
        Ok(found)
    }

    /// Adds those of `asked` that can match a text. `bits`: which rules of the class can, once that is known.
    #[inline]
    fn look(
        &mut self,
        asked: Bits,
        text: TextId,
        bits: &mut Option<Bits>,
        texts: &Texts,
        found: &mut Bits,
        burn: &mut Burn<'_>,
    ) -> Result<(), Exhausted> {
        if bits.is_some() || self.class.scan.searches_for(&asked, texts.set(text)) {
            let bits = match bits {
                Some(bits) => bits,
                None => bits.insert(self.bits(text, texts, burn)?),
            };
            found.or(&bits.and(&asked));
        } else if !asked.is_empty() {
            burn(1)?;
            found.or(&self.class.scan.by_bytes(texts.set(text)).and(&asked));
        }
        Ok(())
    }

    /// Which rules of the class can match a text.
    fn bits(&mut self, text: TextId, texts: &Texts, burn: &mut Burn<'_>) -> Result<Bits, Exhausted> {
        let text = texts.search_as(text);
        if let Some(bits) = self.kept.found.get(text) {
            return Ok(bits);
        }
        let bytes = texts.bytes(text);
        burn(bytes.len() as u64 + 1)?;
        let (bits, steps) = self.class.scan.search(bytes, texts.set(text));
        burn(steps as u64)?;
        self.kept.found.keep(text, bits, texts.len());
        Ok(bits)
    }
}

/// What was found out about texts.
#[derive(Default)]
struct Memo {
    bits: Vec<Bits>,
    /// Whose bits they are.
    whose: Vec<TextId>,
    /// For each text, the place of its bits; it means nothing where other bits stand there, or none.
    places: Vec<u32>,
}

impl Memo {
    fn get(&self, text: TextId) -> Option<Bits> {
        let place = self.places.get(text as usize).copied()? as usize;
        let own = self.whose.get(place).is_some_and(|whose| *whose == text);
        self.bits.get(place).copied().filter(|_| own)
    }

    /// `texts`: how many there are.
    fn keep(&mut self, text: TextId, bits: Bits, texts: usize) {
        let slot = text as usize;
        if self.places.len() <= slot {
            self.places.resize(texts.max(slot + 1).max(FIRST_TEXTS), 0);
        }
        if self.bits.capacity() == 0 {
            self.bits.reserve(FIRST_TEXTS);
            self.whose.reserve(FIRST_TEXTS);
        }
        if let (Some(place), Ok(count)) = (self.places.get_mut(slot), u32::try_from(self.bits.len())) {
            *place = count;
            self.bits.push(bits);
            self.whose.push(text);
        }
    }

    fn forget(&mut self) {
        self.bits.clear();
        self.whose.clear();
    }

    fn room_bytes(&self) -> usize {
        self.bits.capacity() * size_of::<Bits>() + (self.whose.capacity() + self.places.capacity()) * 4
    }
}
