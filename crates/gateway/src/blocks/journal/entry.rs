//! What the journal's lines say.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blocks::block::{Block, By};

/// Of the file's format.
pub(super) const VERSION: u32 = 1;

/// A numbered fact; numbers follow one another, so that a line that is missing is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) n: u64,
    /// RFC 3339, for people.
    pub(super) time: String,
    #[serde(flatten)]
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// The first line.
    Journal {
        version: u32,
    },
    Block(Block),
    Lift(Lift),
}

/// A block that was ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    pub id: Arc<str>,
    pub reason: String,
    pub by: By,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drill: bool,
}
