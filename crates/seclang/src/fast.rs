//! The fast path: which rules can match which values at all, found out in few passes.
//!
//! Most rules cannot match most values, and finding that out rule by rule is what costs other engines their time. The
//! compiler draws from each operator the words (or bytes) of which one must occur in whatever it matches, and the
//! transformations of all rules as one trie. At run time each value is transformed once a node of that trie (not at
//! all where it holds none of the bytes that a transformation touches), each text that comes of it is searched once by
//! an Aho-Corasick automaton over all words, and only the operators whose words occurred are asked. Patterns are never
//! joined into one: a joined automaton that overflows its cache takes seconds on a hostile value.
//!
//! Nothing here decides anything. What is left out could not have matched; the rest is asked in the order of the rules.

mod classes;
mod found;
mod prepare;
mod scan;
mod table;
mod texts;
mod trie;

pub use found::Found;
pub use prepare::Prepared;

use crate::rule_set::PhaseRules;
use classes::Class;
use prepare::Source;
use trie::Trie;

/// What the compiler prepares for one phase.
#[derive(Debug, Default)]
pub struct Fast {
    /// What the rules of the phase look at.
    sources: Vec<Source>,
    trie: Trie,
    /// Rules that are searched for together; see [`classes`].
    classes: Vec<Class>,
    /// For each rule of the set, how its head is looked at; `None` where the fast path has no part in it.
    rules: Vec<Option<Prepared>>,
}

impl Fast {
    pub fn new(rules: &PhaseRules<'_>) -> Self {
        prepare::prepare(rules)
    }

    pub fn prepared(&self, rule: usize) -> Option<&Prepared> {
        self.rules.get(rule).and_then(Option::as_ref)
    }
}

#[cfg(test)]
mod tests;
