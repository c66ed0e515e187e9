//! One block: what is refused, why, until when, and on whose word.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::target::Target;

/// Longest reason, in bytes.
pub const REASON_BYTES_MAX: usize = 500;
/// A block ends within a year; what should never be let in belongs into the configuration.
pub const BLOCK_FOR_MAX_MS: u64 = 366 * 86_400_000;

/// As it is in force and in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// `b-` and six characters.
    pub id: Arc<str>,
    pub target: Target,
    /// For the people who operate the gateway; never shown to callers.
    pub reason: String,
    pub by: By,
    /// Milliseconds since 1970.
    pub begun_unix_ms: u64,
    /// Milliseconds since 1970, by the wall clock.
    pub end_unix_ms: u64,
    /// Made by a drill, for a target that no real request has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drill: bool,
}

/// Who asked, as the kernel says (`SO_PEERCRED`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct By {
    pub uid: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who became that user (`SUDO_USER`), as the command says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sudo_user: Option<String>,
}

/// When a block that is asked for ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// So many milliseconds from now.
    ForMs(u64),
    /// Milliseconds since 1970.
    UntilUnixMs(u64),
}

/// A block that is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub target: Target,
    pub reason: String,
    pub by: By,
    pub end: End,
    pub drill: bool,
}

impl Wanted {
    /// The block under this id, or the sentence that says why it cannot be.
    pub(super) fn into_block(self, id: Arc<str>, now_unix_ms: u64) -> Result<Block, String> {
        if let Some(fault) = self.target.fault() {
            return Err(fault);
        }
        check_reason(&self.reason)?;
        let end_unix_ms = match self.end {
            End::ForMs(ms) => now_unix_ms.saturating_add(ms),
            End::UntilUnixMs(end) => end,
        };
        if end_unix_ms <= now_unix_ms {
            let now = model::rfc3339_millis(now_unix_ms);
            return Err(format!("the end is in the past: it is {now} here"));
        }
        if end_unix_ms - now_unix_ms > BLOCK_FOR_MAX_MS {
            return Err("a block lasts at most 366 days; what should never be let in belongs into the \
                        configuration"
                .to_owned());
        }
        let Self { target, reason, by, drill, .. } = self;
        let reason = reason.trim().to_owned();
        Ok(Block { id, target, reason, by, begun_unix_ms: now_unix_ms, end_unix_ms, drill })
    }
}

/// A reason is one line that says something.
pub(super) fn check_reason(reason: &str) -> Result<(), String> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err("a reason is needed: whoever finds the block tomorrow should know why".to_owned());
    }
    if reason.len() > REASON_BYTES_MAX {
        return Err(format!("the reason is longer than {REASON_BYTES_MAX} bytes"));
    }
    if reason.chars().any(char::is_control) {
        return Err("the reason is one line without control characters".to_owned());
    }
    Ok(())
}
