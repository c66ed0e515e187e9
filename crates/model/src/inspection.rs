//! What rules found in one request and its answer, for the record: shapes of values, never values.

use serde::{Deserialize, Serialize};

/// Matches of one request that are recorded.
pub const MATCHES_MAX: usize = 32;

/// The rule sets that ran, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectionTrace {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<RuleMatch>,
    /// Matches beyond [`MATCHES_MAX`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u32,
    /// The rule that refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_by: Option<u64>,
    /// The limit that was reached before the rules had an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exhausted: Option<String>,
    /// Steps that the rules took.
    pub steps: u64,
}

/// One rule that matched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleMatch {
    /// The rule set: `bartizan`, or `files` for those of the operator.
    pub set: String,
    pub rule: u64,
    /// Where the rule stands: file and line.
    pub place: String,
    /// 1 to 5: request head and body, answer's head and body, the end.
    pub phase: u8,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The rule itself refuses, rather than adding to a score.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refuses: bool,
    pub seen: Vec<SeenValue>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scored: Vec<Score>,
}

/// A value that matched, after its transformations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenValue {
    /// `ARGS:comment`; what does not look like a name is `*`.
    pub variable: String,
    /// Letters as `a` and `A`, digits as `0`.
    pub shape: String,
    pub bytes: u64,
}

/// One sum: `before + change = after`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub name: String,
    pub before: i64,
    pub change: i64,
    pub after: i64,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl InspectionTrace {
    pub fn is_empty(&self) -> bool {
        self.matches.is_empty() && self.refused_by.is_none() && self.exhausted.is_none()
    }

    /// Adds a match, or counts it.
    pub fn push(&mut self, found: RuleMatch) {
        if self.matches.len() < MATCHES_MAX {
            self.matches.push(found);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

impl SeenValue {
    /// A variable's name for a record: the part after the colon is the caller's own word, and so may hold anything.
    pub fn variable_for_record(name: &str) -> String {
        match name.split_once(':') {
            Some((variable, member)) => format!("{variable}:{}", name_for_record(member)),
            None => name.to_owned(),
        }
    }
}

/// A name that a caller may have chosen: itself where it looks like a name of a description, else `*`.
pub fn name_for_record(name: &str) -> &str {
    if crate::refusal::is_name(name) { name } else { "*" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_names_that_a_caller_may_have_chosen_only_those_that_look_like_a_description_s_are_kept() {
        let kept = ["ARGS:text", "ARGS:json.items.array_3.name", "REQUEST_HEADERS:x-client", "REQUEST_BODY"];
        for name in kept {
            assert_eq!(SeenValue::variable_for_record(name), name);
        }
        for name in [
            "4111111111111111",
            "anna@example.com' or 1=1",
            "sk_live_51HabCdEf0123456789",
            "pass word",
            "gr\u{f6}\u{df}e",
            "a\nb",
            "a:b",
            "<b>",
            "a_name_that_is_longer_than_any_of_a_description",
        ] {
            assert_eq!(SeenValue::variable_for_record(&format!("ARGS:{name}")), "ARGS:*", "{name}");
        }
    }
}
