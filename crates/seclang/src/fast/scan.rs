//! One search for the words of many rules.

use std::collections::BTreeMap;

use super::words::Words;
use crate::ByteSet;
use crate::operator::Literals;

/// The most rules of one class.
pub const CLASS_RULES_MAX: usize = 128;

/// So few rules are looked at one by one, before a text is searched for their sake.
const FEW: u32 = 4;

/// A set of rules of one class, by their places in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bits(u128);

impl Bits {
    pub fn insert(&mut self, bit: usize) {
        self.0 |= Self::one(bit);
    }

    pub fn remove(&mut self, bit: usize) {
        self.0 &= !Self::one(bit);
    }

    pub fn has(&self, bit: usize) -> bool {
        self.0 & Self::one(bit) != 0
    }

    fn one(bit: usize) -> u128 {
        u32::try_from(bit).ok().and_then(|bit| 1_u128.checked_shl(bit)).unwrap_or(0)
    }

    pub fn or(&mut self, other: &Self) {
        self.0 |= other.0;
    }

    pub fn and(self, other: &Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// A number in which all of it counts.
    pub fn mixed(self) -> u64 {
        self.0 as u64 ^ (self.0 >> 64) as u64
    }

    /// Whether the two have a rule in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn each(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let bit = left.trailing_zeros() as usize;
            left &= left.checked_sub(1)?;
            Some(bit)
        })
    }
}

/// The words of all rules of a class, without regard to ASCII case.
#[derive(Debug, Default)]
pub struct Scan {
    long: Option<Words>,
    /// Rules that are found by a search alone.
    worded: Bits,
    /// Words of one byte, and whose each is, in the same order.
    bytes: ByteSet,
    whose: Vec<(u8, Bits)>,
    /// Rules without words.
    always: Bits,
    /// For each rule, sets of bytes: a text that lacks all bytes of one of them cannot match.
    needs: Vec<Vec<ByteSet>>,
}

impl Scan {
    /// `words`: for each rule of the class what it requires; `None` where it requires nothing. `needs`: for each rule
    /// sets of bytes, as far as any are known; a text that matches has a byte of each.
    pub fn new(words: &[Option<Literals>], needs: Vec<Vec<ByteSet>>) -> Self {
        let mut long: BTreeMap<Vec<u8>, Bits> = BTreeMap::new();
        let mut short: BTreeMap<u8, Bits> = BTreeMap::new();
        let (mut always, mut worded) = (Bits::default(), Bits::default());
        for (bit, literals) in words.iter().enumerate() {
            let Some(literals) = literals.as_ref().filter(|literals| is_useful(literals)) else {
                always.insert(bit);
                continue;
            };
            for word in &literals.words {
                let word = word.to_ascii_lowercase();
                match word.as_slice() {
                    [byte] => {
                        short.entry(*byte).or_default().insert(bit);
                        short.entry(byte.to_ascii_uppercase()).or_default().insert(bit);
                    }
                    _ => {
                        long.entry(word).or_default().insert(bit);
                        worded.insert(bit);
                    }
                }
            }
        }
        let bytes = short.keys().fold(ByteSet::NONE, |set, byte| set.with(*byte));
        let long = (!long.is_empty()).then(|| Words::new(long));
        Self { long, worded, bytes, whose: short.into_iter().collect(), always, needs }
    }

    /// Whether any of these rules can be found by a search in a text with these bytes, and not by the bytes alone.
    pub fn searches_for(&self, rules: &Bits, set: &ByteSet) -> bool {
        let worded = self.worded.and(rules);
        match worded.len() {
            0 => false,
            1..=FEW => worded.each().any(|rule| self.may_match(rule, set)),
            _ => true,
        }
    }

    /// Which rules can match a text with these bytes, and the steps that comparing words took.
    pub fn search(&self, text: &[u8], set: &ByteSet) -> (Bits, usize) {
        let mut found = self.told_by(set);
        let steps = self.long.as_ref().map_or(0, |long| long.search(text, &mut found));
        (self.matching(found, set), steps)
    }

    /// The same of rules that need no search.
    pub fn by_bytes(&self, set: &ByteSet) -> Bits {
        self.matching(self.told_by(set), set)
    }

    fn told_by(&self, set: &ByteSet) -> Bits {
        let mut found = self.always;
        if !self.bytes.meets(set) {
            return found;
        }
        let mut whose = self.whose.iter();
        self.bytes.and(*set).each(|byte| {
            if let Some((_, rules)) = whose.find(|(own, _)| *own == byte) {
                found.or(rules);
            }
        });
        found
    }

    /// Those that can match a text with these bytes.
    fn matching(&self, found: Bits, set: &ByteSet) -> Bits {
        let mut left = found;
        found.each().filter(|rule| !self.may_match(*rule, set)).for_each(|rule| left.remove(rule));
        left
    }

    fn may_match(&self, rule: usize, set: &ByteSet) -> bool {
        self.needs.get(rule).is_none_or(|needs| needs.iter().all(|needs| needs.meets(set)))
    }
}

/// A rule that accepts the empty word requires nothing.
fn is_useful(literals: &Literals) -> bool {
    literals.words.iter().all(|word| !word.is_empty())
}
