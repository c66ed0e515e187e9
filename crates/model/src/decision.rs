//! What each check decided about one request, and what that cost.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Code;

/// How strictly a check is applied. The runner applies it, never the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Off,
    /// Refusals, errors and edits are recorded and discarded.
    Watch,
    /// Refusals refuse, and an error refuses.
    Enforce,
}

impl Mode {
    /// The word in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Watch => "watch",
            Self::Enforce => "enforce",
        }
    }
}

/// The order of the data plane. Checks run phase by phase; no body byte is read before `Permit` has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Connect,
    Identify,
    Limit,
    Permit,
    Validate,
    Inspect,
    Authorize,
}

impl Phase {
    /// The word in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Identify => "identify",
            Self::Limit => "limit",
            Self::Permit => "permit",
            Self::Validate => "validate",
            Self::Inspect => "inspect",
            Self::Authorize => "authorize",
        }
    }
}

/// What a check said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    Edit,
    Refuse,
    /// The check itself failed; in enforce mode the request was refused.
    Error,
}

impl Verdict {
    /// The word in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Edit => "edit",
            Self::Refuse => "refuse",
            Self::Error => "error",
        }
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Forwarded, and the upstream's answer was relayed.
    Allowed,
    /// Refused by a check, the route or the listener.
    Refused,
    /// Allowed, but the upstream or the gateway failed.
    Failed,
    /// The caller went away before the answer was whole.
    Aborted,
}

/// One question a check asked the outside world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionTrace {
    /// `keys`, `introspect`, ...
    pub kind: Cow<'static, str>,
    /// `answered`, `failed`, `timed_out`, `over_budget`.
    pub outcome: Cow<'static, str>,
    pub duration_us: u64,
}

/// One check's line in the decision record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckTrace {
    pub name: Cow<'static, str>,
    pub phase: Phase,
    pub mode: Mode,
    pub verdict: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Why, in words that carry no value from the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub duration_ns: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<QuestionTrace>,
}
