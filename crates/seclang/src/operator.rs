//! What a value is asked: the trait, and the list of all operators.

use crate::{ByteSet, Files};

/// What an operator is built from.
#[derive(Clone, Copy)]
pub struct Argument<'a> {
    /// As written after the operator's name, without surrounding white space; quotes and their escapes are undone.
    pub text: &'a [u8],
    /// The text contains macros (`%{tx.name}`): it is known only when the rule runs, and handed to `matches` expanded.
    pub has_macros: bool,
    /// The source that the rule stands in, for `Files::read`.
    pub source: &'a str,
    pub files: &'a dyn Files,
}

/// One compiled operator with its argument. Owned by one file of `operator/`.
pub trait Operator: Send + Sync {
    /// `argument` is `Some` exactly when the argument has macros: it is then the expanded text. Sets `captures` when it
    /// matches and has groups (group 0 is the match).
    fn matches(&self, value: &[u8], argument: Option<&[u8]>, captures: &mut Captures) -> bool;

    /// Words of which at least one must occur in any value that matches; `None`: nothing is required.
    fn literals(&self) -> Option<Literals> {
        None
    }

    /// A value without any of these bytes cannot match; `ByteSet::ALL`: any value can, also the empty one.
    fn needs(&self) -> ByteSet {
        ByteSet::ALL
    }

    /// Fuel a byte of the value; see `limits::Limits::fuel`.
    fn cost_per_byte(&self) -> u32 {
        1
    }
}

/// A set of words, one of which is required.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Literals {
    pub words: Vec<Vec<u8>>,
    /// ASCII letters of the value are compared without regard to case.
    pub folded: bool,
}

/// Byte ranges of the groups 0 to 9 of the last match, within the value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captures {
    groups: [Option<(usize, usize)>; 10],
    /// A text that is not part of the value (libinjection's fingerprint), as group 0.
    pub text: Option<Vec<u8>>,
}

impl Captures {
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Groups above 9 are dropped.
    pub fn set(&mut self, group: usize, start: usize, end: usize) {
        if let Some(slot) = self.groups.get_mut(group) {
            *slot = Some((start, end));
        }
    }

    /// Start and end of a group that took part in the match.
    pub fn get(&self, group: usize) -> Option<(usize, usize)> {
        self.groups.get(group).copied().flatten()
    }
}

/// Builds an operator, or says in a sentence (lower case, no full stop) why its argument is no good.
pub type Build = fn(&Argument<'_>) -> Result<Box<dyn Operator>, String>;

/// Every operator by name, as ModSecurity writes it.
pub static OPERATORS: &[(&str, Build)] = &[];

pub fn find(name: &str) -> Option<Build> {
    OPERATORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, build)| *build)
}
