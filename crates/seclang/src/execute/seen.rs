//! What matched, for MATCHED_VAR and its kind, and for whoever asks later.

use super::{Match, Seen, Transaction, shape};
use crate::input::Input;
use crate::rule_set::RuleSet;
use crate::tx::Value;
use crate::variable::Variable;

/// Matches of one rule whose values are told.
const SEEN_MAX: usize = 10;
/// Bytes of a member's name that are told.
const NAME_BYTES_MAX: usize = 128;

/// A value that a rule matched.
#[derive(Debug, Clone)]
pub struct Matched {
    pub variable: Variable,
    pub key: Option<Value>,
    pub counted: bool,
    pub value: Value,
}

impl Matched {
    /// `ARGS:id`, `&ARGS`.
    pub fn name(&self) -> Vec<u8> {
        let mut name = Vec::new();
        if self.counted {
            name.push(b'&');
        }
        name.extend_from_slice(self.variable.name().as_bytes());
        if let Some(key) = &self.key {
            name.push(b':');
            name.extend_from_slice(key.bytes());
        }
        name
    }

    fn seen(&self) -> Seen {
        let mut name = self.name();
        name.truncate(NAME_BYTES_MAX);
        let name = String::from_utf8_lossy(&name).chars().filter(|c| !c.is_control()).collect();
        let value = self.value.bytes();
        Seen { name, shape: shape(value), length_bytes: value.len() }
    }
}

impl Transaction {
    /// Keeps a match for the record.
    pub(super) fn tell(&mut self, rules: &RuleSet, index: usize, input: &Input, refuses: bool) {
        let Some(rule) = rules.rules().get(index) else { return };
        if self.matches.len() >= self.limits.matches_max {
            self.matches_dropped += 1;
            return;
        }
        let last = |of: fn(&crate::rule::Link) -> Option<&crate::macros::Macro>| {
            rule.links.iter().rev().find_map(of)
        };
        let message = last(|link| link.message.as_ref()).unwrap_or(&rule.words.message);
        let data = last(|link| link.data.as_ref()).unwrap_or(&rule.words.data);
        let told = Match {
            rule_id: rule.id,
            phase: rule.phase,
            place: rule.place.clone(),
            message: self.tellable(message, input, rule),
            data: self.tellable(data, input, rule),
            severity: rule.words.severity,
            tags: rule.words.tags.clone(),
            refuses,
            seen: self.matched.iter().take(SEEN_MAX).map(Matched::seen).collect(),
            seen_count: self.matched.len(),
            scored: std::mem::take(&mut self.scored),
        };
        self.matches.push(told);
    }
}
