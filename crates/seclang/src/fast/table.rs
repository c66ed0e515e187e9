//! An automaton over many words as a table: one look-up a byte.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

use super::scan::Bits;

/// Entries of one table (16 MiB); an automaton that needs more is walked as it is, which is slower.
const ENTRIES_MAX: usize = 4 << 20;
/// Marks an entry whose state ends words.
const ENDS: u32 = 1 << 31;

/// Finds the words of many rules in one pass, without regard to ASCII case.
#[derive(Debug)]
pub struct Table {
    /// Column of each byte: bytes that no word tells apart share one, as do a letter's two cases.
    columns: [u8; 256],
    /// For each state, row after row, where the next row begins (with [`ENDS`] when words end there); a row's last
    /// entry is the place in `ends`.
    next: Vec<u32>,
    last: usize,
    /// Whose words end at a state, where some do.
    ends: Vec<Bits>,
    /// In place of a table that would be too large: the automaton, its start, and whose its words are.
    walked: Option<(NFA, StateID, Vec<Bits>)>,
}

impl Table {
    /// Words in lower case, each with the rules whose word it is; `None` when there are too many for an automaton.
    pub fn new(words: BTreeMap<Vec<u8>, Bits>) -> Option<Self> {
        Self::within(words, ENTRIES_MAX)
    }

    /// The same with as many entries at most.
    pub(super) fn within(words: BTreeMap<Vec<u8>, Bits>, entries_max: usize) -> Option<Self> {
        let (words, whose): (Vec<Vec<u8>>, Vec<Bits>) = words.into_iter().unzip();
        // Words and texts are in lower case, so that the automaton is half as large as one without regard to case.
        let nfa = NFA::builder().match_kind(MatchKind::Standard).prefilter(false).build(&words).ok()?;
        let start = nfa.start_state(Anchored::No).ok()?;
        let (columns, samples) = columns(&words);
        let last = samples.len();
        let mut table = Self { columns, next: Vec::new(), last, ends: Vec::new(), walked: None };
        if table.fill(&nfa, start, &samples, &whose, entries_max).is_none() {
            table.next = Vec::new();
            table.ends = Vec::new();
            table.walked = Some((nfa, start, whose));
        }
        Some(table)
    }

    /// `None` when there are too many states.
    fn fill(
        &mut self,
        nfa: &NFA,
        start: StateID,
        samples: &[u8],
        whose: &[Bits],
        entries_max: usize,
    ) -> Option<()> {
        let mut rows = Rows::default();
        rows.insert(start, 0);
        // States in the order in which they are reached: the first rows are those that are mostly looked at.
        let mut states = vec![start];
        let mut at = 0;
        while let Some(state) = states.get(at).copied() {
            at += 1;
            for byte in samples {
                let to = nfa.next_state(Anchored::No, state, *byte);
                let row = match rows.get(to) {
                    Some(row) => row,
                    None => {
                        let first = states.len() * (self.last + 1);
                        if first + self.last >= entries_max {
                            return None;
                        }
                        let mut row = u32::try_from(first).ok()?;
                        if nfa.is_match(to) {
                            row |= ENDS;
                        }
                        rows.insert(to, row);
                        states.push(to);
                        row
                    }
                };
                self.next.push(row);
            }
            self.next.push(u32::try_from(self.ends.len()).ok()?);
            if nfa.is_match(state) {
                let mut ends = Bits::default();
                for index in 0..nfa.match_len(state) {
                    ends.or(whose.get(nfa.match_pattern(state, index).as_usize())?);
                }
                self.ends.push(ends);
            }
        }
        Some(())
    }

    /// Whether it was too large for a table.
    #[cfg(test)]
    pub(super) fn is_walked(&self) -> bool {
        self.walked.is_some()
    }

    /// Adds the rules whose words occur.
    pub fn search(&self, text: &[u8], found: &mut Bits) {
        if let Some(walked) = &self.walked {
            walk(walked, text, found);
            return;
        }
        let mut row = 0;
        for byte in text {
            let column = self.columns.get(usize::from(*byte)).copied().unwrap_or(0);
            let Some(next) = self.next.get(row as usize + usize::from(column)) else { return };
            row = *next;
            if row & ENDS != 0 {
                row &= !ENDS;
                let place = self.next.get(row as usize + self.last);
                if let Some(ends) = place.and_then(|place| self.ends.get(*place as usize)) {
                    found.or(ends);
                }
            }
        }
    }
}

fn walk((nfa, start, whose): &(NFA, StateID, Vec<Bits>), text: &[u8], found: &mut Bits) {
    let mut state = *start;
    for byte in text {
        state = nfa.next_state(Anchored::No, state, byte.to_ascii_lowercase());
        if nfa.is_special(state) && nfa.is_match(state) {
            for index in 0..nfa.match_len(state) {
                if let Some(whose) = whose.get(nfa.match_pattern(state, index).as_usize()) {
                    found.or(whose);
                }
            }
        }
    }
}

/// The column of each byte, and for each column one byte that stands for it. Column 0 is of bytes in no word.
fn columns(words: &[Vec<u8>]) -> ([u8; 256], Vec<u8>) {
    let set = words.iter().fold(crate::ByteSet::NONE, |set, word| set.or(crate::ByteSet::of(word)));
    let lower = |byte: &u8| !byte.is_ascii_uppercase();
    let absent = (0..=u8::MAX).filter(lower).find(|byte| !set.has(*byte));
    let present = (0..=u8::MAX).filter(lower).filter(|byte| set.has(*byte));
    // Upper case stands in no word, so that there is a byte for column 0 even where all others occur.
    let samples: Vec<u8> = std::iter::once(absent.unwrap_or(b'A')).chain(present).collect();
    let mut columns = [0; 256];
    for (byte, column) in (0..=u8::MAX).zip(&mut columns) {
        let own = byte.to_ascii_lowercase();
        let place = samples.iter().skip(1).position(|sample| *sample == own);
        *column = place.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(0);
    }
    (columns, samples)
}

/// Where the row of each state begins. Numbers of states are offsets within the automaton, so that none is far off.
#[derive(Default)]
struct Rows(Vec<Option<NonZeroU32>>);

impl Rows {
    fn get(&self, state: StateID) -> Option<u32> {
        self.0.get(state.as_usize()).copied().flatten().map(|row| !row.get())
    }

    fn insert(&mut self, state: StateID, row: u32) {
        let place = state.as_usize();
        if self.0.len() <= place {
            self.0.resize((place + 1).max(self.0.len() * 2), None);
        }
        if let Some(slot) = self.0.get_mut(place) {
            *slot = NonZeroU32::new(!row);
        }
    }
}
