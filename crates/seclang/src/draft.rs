//! A rule while its actions are being read, before defaults and exclusions are applied.

use model::Place;

use crate::effect::Effect;
use crate::macros::Macro;
use crate::parse::Text;
use crate::phase::Phase;
use crate::rule::{Allow, Exclusion, Question, Severity, Target};
use crate::transformation::Transformation;

/// What the actions of one rule said; `None` where they said nothing.
#[derive(Debug, Clone, Default)]
pub struct Actions {
    pub id: Option<u64>,
    pub phase: Option<Phase>,
    pub disruptive: Option<Wanted>,
    pub status: Option<u16>,
    pub log: Option<bool>,
    pub message: Option<Macro>,
    /// As it was written, for exclusions by message.
    pub message_text: String,
    pub data: Option<Macro>,
    pub severity: Option<Severity>,
    pub tags: Vec<String>,
    pub version: String,
    pub revision: String,
    pub maturity: Option<u8>,
    pub accuracy: Option<u8>,
    pub skip: Option<u32>,
    pub skip_after: Option<Text>,
    pub capture: bool,
    pub multi_match: bool,
    pub chain: bool,
    pub transformations: Vec<&'static Transformation>,
    /// `t:none` was written: what SecDefaultAction said does not count.
    pub without_defaults: bool,
    pub effects: Vec<Effect>,
}

impl Actions {
    /// What `other` says replaces what was said; lists grow. Transformations are replaced after `t:none`.
    pub fn overlay(&mut self, other: &Self) {
        fn set<T: Clone>(own: &mut Option<T>, other: &Option<T>) {
            if other.is_some() {
                own.clone_from(other);
            }
        }
        set(&mut self.disruptive, &other.disruptive);
        set(&mut self.status, &other.status);
        set(&mut self.log, &other.log);
        if other.message.is_some() {
            self.message.clone_from(&other.message);
            self.message_text.clone_from(&other.message_text);
        }
        set(&mut self.data, &other.data);
        set(&mut self.severity, &other.severity);
        set(&mut self.maturity, &other.maturity);
        set(&mut self.accuracy, &other.accuracy);
        set(&mut self.skip, &other.skip);
        set(&mut self.skip_after, &other.skip_after);
        self.tags.extend(other.tags.iter().cloned());
        self.capture |= other.capture;
        self.multi_match |= other.multi_match;
        if other.without_defaults {
            self.without_defaults = true;
            self.transformations.clear();
        }
        self.transformations.extend(&other.transformations);
        self.effects.extend(other.effects.iter().cloned());
    }
}

/// The disruptive action as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Whatever SecDefaultAction of the phase says.
    Block,
    Pass,
    Deny,
    Drop,
    Redirect(Macro),
    Allow(Allow),
}

/// One SecRule or SecAction, as far as it could be read.
pub struct Draft {
    pub place: Place,
    pub targets: Vec<Target>,
    pub exclusions: Vec<Exclusion>,
    pub question: Option<Question>,
    pub actions: Actions,
}

/// A head and the rules chained to it.
pub struct Chain {
    pub links: Vec<Draft>,
    /// Of SecDefaultAction, for the phase, as of where the rule stands.
    pub defaults: Actions,
    /// Markers seen before, for `skipAfter`.
    pub order: usize,
}
