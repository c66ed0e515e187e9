//! What comes of a transaction: the verdict of a phase, and what to tell about it.

use model::Place;

use crate::limits::Exhausted;
use crate::phase::Phase;
use crate::rule::Severity;

/// The verdict of one phase.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    Continue,
    /// A rule refuses.
    Interrupted(Interruption),
    /// A limit was exceeded before the rules came to an end, so that nobody knows what they would have said: to be
    /// refused.
    Exhausted(Exhausted),
}

/// A refusal by a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    pub status: u16,
    pub rule_id: u64,
    pub phase: Phase,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Deny,
    /// The connection is closed as well.
    Drop,
    /// To this location.
    Redirect(String),
}

/// One rule that matched, with its whole chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub rule_id: u64,
    pub phase: Phase,
    pub place: Place,
    /// Of the rule, filled in; values of the request only as their shape (see [`super::shape`]).
    pub message: String,
    pub data: String,
    pub severity: Option<Severity>,
    pub tags: Vec<String>,
    /// The rule is disruptive.
    pub refuses: bool,
    /// The values that matched, over the chain; the first ten.
    pub seen: Vec<Seen>,
    /// How many matched.
    pub seen_count: usize,
    /// What was added to scores.
    pub scored: Vec<Scored>,
}

/// One value that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// As MATCHED_VAR_NAME: `ARGS:id`.
    pub name: String,
    /// Of the value after its transformations: letters as `a` and `A`, digits as `0`, other characters as they are.
    pub shape: String,
    pub length_bytes: usize,
}

/// One sum that `setvar` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    pub name: String,
    pub before: i64,
    pub change: i64,
    pub after: i64,
}
