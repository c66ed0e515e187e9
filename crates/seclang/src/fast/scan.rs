//! One search for the words of many rules.

use std::collections::BTreeMap;

use super::table::Table;
use crate::ByteSet;
use crate::operator::Literals;

/// Rules of one class, by their places in it.
pub const WORDS: usize = 4;
/// The most rules of one class.
pub const CLASS_RULES_MAX: usize = WORDS * 64;

/// A set of rules of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bits([u64; WORDS]);

impl Bits {
    pub fn insert(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    pub fn has(&self, bit: usize) -> bool {
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    pub fn or(&mut self, other: &Self) {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        self.0 = [a | e, b | f, c | g, d | h];
    }

    pub fn and(self, other: &Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a & e, b & f, c & g, d & h])
    }

    pub fn is_empty(&self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }

    /// Whether the two have a rule in common.
    pub fn meets(&self, other: &Self) -> bool {
        !self.and(other).is_empty()
    }

    pub fn each(self) -> impl Iterator<Item = usize> {
        let mut words = self.0.into_iter().enumerate();
        let (mut first, mut left) = (0, 0);
        std::iter::from_fn(move || {
            while left == 0 {
                let (index, word) = words.next()?;
                (first, left) = (index * 64, word);
            }
            let bit = left.trailing_zeros() as usize;
            left &= left - 1;
            Some(first + bit)
        })
    }
}

/// An automaton over the words of all rules of a class, without regard to ASCII case.
#[derive(Debug, Default)]
pub struct Scan {
    table: Option<Table>,
    /// Single bytes, and whose they are.
    bytes: Vec<(u8, Bits)>,
    any_byte: ByteSet,
    /// Rules without words.
    always: Bits,
}

impl Scan {
    /// `words`: for each rule of the class what it requires; `None` where it requires nothing.
    pub fn new(words: &[Option<Literals>]) -> Self {
        let mut long: BTreeMap<Vec<u8>, Bits> = BTreeMap::new();
        let mut short: BTreeMap<u8, Bits> = BTreeMap::new();
        let mut always = Bits::default();
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
                    _ => long.entry(word).or_default().insert(bit),
                }
            }
        }
        let any_byte = short.keys().fold(ByteSet::NONE, |set, byte| set.with(*byte));
        let mut table = None;
        if !long.is_empty() {
            table = Table::new(long);
            // An automaton that could not be built finds nothing: then every rule is asked about every value.
            if table.is_none() {
                (0..words.len()).for_each(|bit| always.insert(bit));
            }
        }
        Self { table, bytes: short.into_iter().collect(), any_byte, always }
    }

    /// Which rules can match a text with these bytes.
    pub fn search(&self, text: &[u8], set: &ByteSet) -> Bits {
        let mut found = self.always;
        if self.any_byte.meets(set) {
            for (byte, whose) in &self.bytes {
                if set.has(*byte) {
                    found.or(whose);
                }
            }
        }
        if let Some(table) = &self.table {
            table.search(text, &mut found);
        }
        found
    }
}

/// A rule that accepts the empty word requires nothing.
fn is_useful(literals: &Literals) -> bool {
    literals.words.iter().all(|word| !word.is_empty())
}
