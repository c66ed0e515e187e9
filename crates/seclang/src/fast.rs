//! The fast path: which rules can match which values at all, found out in few passes.
//!
//! Most rules cannot match most values, and finding that out rule by rule is what costs other engines their time. The
//! compiler draws from each operator the words (or bytes) of which one must occur in whatever it matches, and the
//! transformations of all rules as one trie. At run time each value is transformed once a node of that trie (not at
//! all where it holds none of the bytes that a transformation touches), each text that comes of it is searched once for
//! all words, and only the operators whose words occurred are asked. Patterns are never joined into one: a joined
//! automaton that overflows its cache takes seconds on a hostile value.
//!
//! Nothing here decides anything. What is left out could not have matched; the rest is asked in the order of the rules.

mod classes;
mod found;
mod known;
mod members;
mod names;
mod plan;
mod prepare;
mod room;
mod scan;
mod search;
mod steps;
mod takers;
mod texts;
mod trie;
mod words;

pub use found::Found;
pub use prepare::Prepared;
pub use room::{Room, Rooms};

use crate::operator::Comparison;
use crate::rule_set::PhaseRules;
use crate::tx::{Slot, Tx};
use classes::Class;
use members::Asking;
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
    /// For each rule of the phase, in order, what shows whether it matches.
    checks: Vec<Check>,
    /// Rules on members that a request may lack.
    asking: Vec<Asking>,
}

/// What shows, most of the time, whether a rule matches, without a look at the rule.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// Nothing but the rule itself.
    Ask,
    /// No value holds its words: class, and place in it.
    Words { class: u16, place: u16 },
    /// A TX variable, or with `counted` whether it is there, compares otherwise with a number.
    Number { slot: Slot, counted: bool, comparison: Comparison, negated: bool },
}

impl Check {
    /// The TX variable whose number it compares.
    pub fn slot(&self) -> Option<Slot> {
        match self {
            Self::Number { slot, .. } => Some(*slot),
            Self::Ask | Self::Words { .. } => None,
        }
    }

    /// Whether the number in TX matches; `None` for what asks something else.
    pub fn compared(&self, tx: &Tx) -> Option<bool> {
        let Self::Number { slot, counted, comparison, negated } = self else { return None };
        let value = tx.get(*slot);
        Some(match counted {
            true => comparison.holds(i64::from(value.is_some())) != *negated,
            false => value.is_some_and(|value| comparison.matches(value) != *negated),
        })
    }
}

impl Fast {
    pub fn new(rules: &PhaseRules<'_>) -> Self {
        prepare::prepare(rules)
    }

    /// Numbers its looks, from `first` on; gives the number after the last.
    pub fn number_looks(&mut self, first: usize) -> usize {
        let mut next = first;
        for look in self.classes.iter_mut().flat_map(|class| &mut class.looks) {
            look.number = next;
            next += 1;
        }
        next
    }

    /// Of the rule at a position of the phase.
    pub fn check(&self, position: usize) -> &Check {
        self.checks.get(position).unwrap_or(&Check::Ask)
    }

    pub fn prepared(&self, rule: usize) -> Option<&Prepared> {
        self.rules.get(rule).and_then(Option::as_ref)
    }
}

#[cfg(test)]
mod tests;
