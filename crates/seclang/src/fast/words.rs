//! The words of many rules, found in one pass over a text.
//!
//! Of each word three bytes in a row are chosen, those that stand in the fewest honest values. One look into a small
//! table tells whether any word's three bytes begin at a place of the text; mostly none do, and no look has to wait
//! for the one before it, as in an automaton it has to. Where three bytes stand, the words that they were chosen from
//! are compared.

use std::collections::BTreeMap;

use super::scan::Bits;
use crate::operator::chance_together;

/// Columns of bytes that are told apart.
const COLUMNS: usize = 64;
/// Places of two columns, one after the other.
const PAIRS: usize = COLUMNS * COLUMNS;
/// Columns that are told apart of third bytes, so that the table has room near the processor.
const THIRDS: usize = 32;
/// Bytes of a word that are looked for. What holds the word holds its beginning.
const COMPARED_BYTES_MAX: usize = 64;
/// Bytes of a text that are passed over before places in them are looked at; a place is a byte.
const AT_ONCE: usize = 64;
/// Words that are told by the same bytes. Where there are more, the bytes alone have to do: else a text that is full
/// of them would be compared with all of these words at every place.
const WORDS_A_PLACE_MAX: usize = 24;
/// Steps that one more word takes, beside a step for each of its bytes that are compared.
const WORD_STEPS: usize = 2;
/// What one more word to compare costs, beside what it costs to leave the pass.
const WORD_SHARE: f64 = 0.3;
/// In the key of two bytes, which are told apart by no third one.
const PAIR: u32 = 1 << 24;

/// Finds the words of many rules in one pass, without regard to ASCII case.
#[derive(Debug)]
pub struct Words {
    /// Column of each byte. The two cases of a letter share one, as do all bytes that stand in no word, and bytes
    /// beyond the most that are told apart.
    columns: [u8; 256],
    /// For two columns, those that follow them in what tells a word; all of them where two bytes tell one.
    thirds: Vec<u32>,
    /// For each hash of a key, the columns that follow what it stands for in words; all of them where a word ends
    /// there.
    fourths: Vec<u64>,
    /// For each hash of a key, where in `told` the words begin that it tells.
    starts: Vec<u32>,
    shift: u32,
    told: Vec<Told>,
    /// The bytes of the words.
    bytes: Vec<u8>,
}

/// One word by the bytes that tell it.
#[derive(Debug)]
struct Told {
    /// In `Words::bytes`.
    start: usize,
    length: u8,
    /// Bytes before those that tell it.
    before: u8,
    whose: Bits,
}

impl Words {
    /// Words in lower case, of two bytes and more, each with the rules whose word it is.
    pub fn new(words: BTreeMap<Vec<u8>, Bits>) -> Self {
        let mut cut: BTreeMap<Vec<u8>, Bits> = BTreeMap::new();
        for (mut word, whose) in words {
            word.truncate(COMPARED_BYTES_MAX);
            cut.entry(word).or_default().or(&whose);
        }
        let chosen = choose(cut);
        let size = (chosen.len() * 2).next_power_of_two().max(2);
        let mut words = Self {
            columns: columns(&chosen),
            thirds: vec![0; PAIRS],
            fourths: vec![0; size],
            starts: Vec::with_capacity(size + 1),
            shift: 32 - size.trailing_zeros(),
            told: Vec::new(),
            bytes: Vec::new(),
        };
        let mut places: Vec<Vec<(Vec<u8>, usize, Bits)>> = Vec::new();
        places.resize_with(size, Vec::new);
        for (key, told) in chosen {
            words.mark(key, &told);
            if let Some(place) = places.get_mut(words.place(key)) {
                place.extend(told);
            }
        }
        for place in places {
            words.starts.push(u32::try_from(words.told.len()).unwrap_or(u32::MAX));
            for (word, before, whose) in place {
                let (length, before) = (word.len() as u8, before as u8);
                words.told.push(Told { start: words.bytes.len(), length, before, whose });
                words.bytes.extend(word);
            }
        }
        words.starts.push(u32::try_from(words.told.len()).unwrap_or(u32::MAX));
        words
    }

    /// Bytes that tell words: they are looked for from here on.
    fn mark(&mut self, key: u32, told: &[(Vec<u8>, usize, Bits)]) {
        let [first, second, third, pair] = key.to_le_bytes();
        let place = (self.column(first) << 6 | self.column(second)) % PAIRS;
        let marked = if pair == 0 { 1 << (self.column(third) % THIRDS) } else { u32::MAX };
        if let Some(thirds) = self.thirds.get_mut(place) {
            *thirds |= marked;
        }
        let mut following = 0;
        for (word, before, _) in told {
            let next = if pair == 0 { word.get(before + 3) } else { None };
            following |= next.map_or(u64::MAX, |next| 1 << self.column(*next));
        }
        let place = self.place(key);
        if let Some(fourths) = self.fourths.get_mut(place) {
            *fourths |= following;
        }
    }

    fn column(&self, byte: u8) -> usize {
        self.columns.get(usize::from(byte)).map_or(0, |column| usize::from(*column))
    }

    fn place(&self, key: u32) -> usize {
        (key.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    /// Adds the rules whose words occur. A rule may be added whose word is longer than what is compared of it, or one
    /// of very many alike. Gives the steps that comparing words took: few, unless a text was made for it.
    pub fn search(&self, text: &[u8], found: &mut Bits) -> usize {
        let [first, second, rest @ ..] = text else { return 0 };
        // Of a fixed size, so that a place below it is not asked for its bounds.
        let Some((thirds, _)) = self.thirds.split_first_chunk::<PAIRS>() else { return 0 };
        let mut pair = self.column(*first) << 6 | self.column(*second);
        let (mut start, mut steps) = (0, 0);
        // Places are taken down without a branch, and looked at afterwards: it cannot be foretold which they are.
        let mut places = [0_u8; AT_ONCE];
        for part in rest.chunks(AT_ONCE) {
            let mut count = 0;
            for (at, byte) in part.iter().enumerate() {
                let third = self.column(*byte);
                let stands = thirds.get(pair % PAIRS).map_or(0, |thirds| thirds >> (third % THIRDS) & 1);
                if let Some(place) = places.get_mut(count) {
                    *place = at as u8;
                }
                count += stands as usize;
                pair = pair << 6 | third;
            }
            for place in places.iter().take(count) {
                steps += self.compare(text, start + usize::from(*place), found);
            }
            start += part.len();
        }
        // Two bytes at the end.
        if thirds.get(pair % PAIRS) == Some(&u32::MAX) {
            steps += self.compare_told(two(text, rest.len()) | PAIR, text, rest.len(), found);
        }
        steps
    }

    /// Compares the words that bytes at a place of the text may tell; gives the steps.
    fn compare(&self, text: &[u8], at: usize, found: &mut Bits) -> usize {
        let mut steps = 0;
        let pair = two(text, at);
        let key = pair | folded(text, at + 2) << 16;
        let next = text.get(at + 3).map_or(0, |byte| self.column(*byte));
        if self.fourths.get(self.place(key)).is_some_and(|fourths| fourths >> next & 1 != 0) {
            steps += self.compare_told(key, text, at, found);
        }
        if self.fourths.get(self.place(pair | PAIR)).is_some_and(|fourths| *fourths == u64::MAX) {
            steps += self.compare_told(pair | PAIR, text, at, found);
        }
        steps
    }

    #[inline(never)]
    fn compare_told(&self, key: u32, text: &[u8], at: usize, found: &mut Bits) -> usize {
        let place = self.place(key);
        let (Some(start), Some(end)) = (self.starts.get(place), self.starts.get(place + 1)) else { return 0 };
        let mut steps = 0;
        for told in self.told.get(*start as usize..*end as usize).unwrap_or_default() {
            let word = self.bytes.get(told.start..told.start + usize::from(told.length)).unwrap_or_default();
            let start = at.checked_sub(usize::from(told.before));
            let stands = start.and_then(|start| text.get(start..start + word.len())).unwrap_or_default();
            // Many words differ in their last byte alone.
            let alike = stands.last().map(u8::to_ascii_lowercase) == word.last().copied();
            steps += WORD_STEPS;
            if alike {
                steps += word.len();
                if stands.eq_ignore_ascii_case(word) {
                    found.or(&told.whose);
                }
            }
        }
        steps
    }
}

fn folded(text: &[u8], at: usize) -> u32 {
    text.get(at).map_or(0, |byte| u32::from(byte.to_ascii_lowercase()))
}

fn two(text: &[u8], at: usize) -> u32 {
    folded(text, at) | folded(text, at + 1) << 8
}

/// What a key tells: words, the bytes before those of the key, and whose they are.
type Chosen = BTreeMap<u32, Vec<(Vec<u8>, usize, Bits)>>;

/// Chooses what tells each word.
fn choose(words: BTreeMap<Vec<u8>, Bits>) -> Chosen {
    let mut chosen = Chosen::new();
    let mut words: Vec<_> = words.into_iter().collect();
    // Short words have no choice, and long ones can make use of that.
    words.sort_by_key(|(word, _)| word.len());
    for (word, whose) in words {
        let best = keys(&word)
            .map(|(key, before, chance)| {
                let others = chosen.get(&key).map_or(0, Vec::len);
                // The more words there are, the more a text that is full of such bytes would cost.
                let leaves = if others == 0 { 1.0 } else { 0.0 };
                (key, before, chance.of_key * leaves + chance.of_more * WORD_SHARE * (others + 1) as f64)
            })
            .min_by(|(.., a), (.., b)| a.total_cmp(b));
        if let Some((key, before, _)) = best {
            chosen.entry(key).or_default().push((word, before, whose));
        }
    }
    for (key, told) in &mut chosen {
        if told.len() > WORDS_A_PLACE_MAX {
            let mut whose = Bits::default();
            told.iter().for_each(|(.., bits)| whose.or(bits));
            let [first, second, third, pair] = key.to_le_bytes();
            let bytes = if pair == 0 { vec![first, second, third] } else { vec![first, second] };
            *told = vec![(bytes, 0, whose)];
        }
    }
    chosen
}

/// How likely something stands at a place of an honest value.
struct Chance {
    of_key: f64,
    /// Of the key and the byte that follows it in the word.
    of_more: f64,
}

/// What may tell a word, and the bytes before that.
fn keys(word: &[u8]) -> impl Iterator<Item = (u32, usize, Chance)> {
    let last = word.len().saturating_sub(2).max(1);
    (0..last).filter_map(move |before| {
        let (key, length) = match word.get(before..)? {
            [first, second] => (key(*first, *second, None), 2),
            [first, second, third, ..] => (key(*first, *second, Some(*third)), 3),
            _ => return None,
        };
        let of_key = chance_together(word.get(before..before + length)?);
        let of_more = word.get(before..before + length + 1).map_or(of_key, chance_together);
        Some((key, before, Chance { of_key, of_more }))
    })
}

fn key(first: u8, second: u8, third: Option<u8>) -> u32 {
    u32::from(first) | u32::from(second) << 8 | third.map_or(PAIR, |third| u32::from(third) << 16)
}

/// The column of each byte: those that tell the most words have their own.
fn columns(chosen: &Chosen) -> [u8; 256] {
    let mut counts = [0_usize; 256];
    for key in chosen.keys() {
        let [first, second, third, pair] = key.to_le_bytes();
        for byte in [Some(first), Some(second), (pair == 0).then_some(third)].into_iter().flatten() {
            if let Some(count) = counts.get_mut(usize::from(byte)) {
                *count += 1;
            }
        }
    }
    let mut told: Vec<(usize, u8)> =
        counts.into_iter().zip(0..=u8::MAX).filter(|(count, _)| *count > 0).collect();
    told.sort_by(|a, b| b.cmp(a));
    let mut own = [0_u8; 256];
    for (place, (_, byte)) in told.iter().enumerate() {
        if let Some(column) = own.get_mut(usize::from(*byte)) {
            *column = (place + 1).min(COLUMNS - 1) as u8;
        }
    }
    let lower = |byte: usize| own.get(byte).copied().unwrap_or(0);
    std::array::from_fn(|byte| {
        let folded = u8::try_from(byte).map_or(0, |byte| byte.to_ascii_lowercase());
        lower(usize::from(folded))
    })
}
