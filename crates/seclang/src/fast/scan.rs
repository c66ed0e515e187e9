//! One search for the words of many rules.

use std::collections::BTreeMap;

use super::words::Words;
use crate::ByteSet;
use crate::operator::Literals;

/// The most rules of one class.
pub const CLASS_RULES_MAX: usize = 128;

/// A set of rules of one class, by their places in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bits(u128);

impl Bits {
    pub fn insert(&mut self, bit: usize) {
        self.0 |= Self::one(bit);
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

    pub fn is_empty(&self) -> bool {
        self.0 == 0
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
}

impl Scan {
    /// `words`: for each rule of the class what it requires; `None` where it requires nothing.
    pub fn new(words: &[Option<Literals>]) -> Self {
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
        Self { long, worded, bytes, whose: short.into_iter().collect(), always }
    }

    /// Whether any of these rules is found by a search only, and not by the bytes of a text.
    pub fn searches_for(&self, rules: &Bits) -> bool {
        self.worded.meets(rules)
    }

    /// Which rules can match a text with these bytes.
    pub fn search(&self, text: &[u8], set: &ByteSet) -> Bits {
        let mut found = self.by_bytes(set);
        if let Some(long) = &self.long {
            long.search(text, &mut found);
        }
        found
    }

    /// The same of rules that need no search.
    pub fn by_bytes(&self, set: &ByteSet) -> Bits {
        let mut found = self.always;
        let mut whose = self.whose.iter();
        self.bytes.and(*set).each(|byte| {
            if let Some((_, rules)) = whose.find(|(own, _)| *own == byte) {
                found.or(rules);
            }
        });
        found
    }
}

/// A rule that accepts the empty word requires nothing.
fn is_useful(literals: &Literals) -> bool {
    literals.words.iter().all(|word| !word.is_empty())
}
