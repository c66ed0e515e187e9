//! What is told of blocks: plain values that serialise.

use std::sync::atomic::Ordering;

use serde::Serialize;

use super::block::Block;
use super::index::{Entry, Now};
use super::target::Kind;

/// A block as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    #[serde(flatten)]
    pub block: Block,
    /// The target in words.
    pub what: String,
    pub kind: Kind,
    /// RFC 3339.
    pub begun: String,
    pub end: String,
    /// Until both clocks agree that it is over.
    pub left_ms: u64,
    /// Requests that it refused since it came into force in this process.
    pub hits: u64,
    /// RFC 3339; `None` when there was none.
    pub last_hit: Option<String>,
    /// `false`: it would not survive a restart.
    pub durable: bool,
}

impl Listed {
    pub(super) fn of(entry: &Entry, now: Now) -> Self {
        let last_hit = entry.last_hit_unix_ms.load(Ordering::Relaxed);
        Self {
            what: entry.block.target.to_string(),
            kind: entry.kind,
            begun: model::rfc3339_millis(entry.block.begun_unix_ms),
            end: model::rfc3339_millis(entry.block.end_unix_ms),
            left_ms: entry.left_ms(now),
            hits: entry.hits.load(Ordering::Relaxed),
            last_hit: (last_hit > 0).then(|| model::rfc3339_millis(last_hit)),
            durable: entry.durable.load(Ordering::Relaxed),
            block: entry.block.clone(),
        }
    }
}

/// What came into force.
#[derive(Debug)]
pub struct Added {
    pub blocks: Vec<Block>,
    /// Whether it survives a restart.
    pub durable: bool,
    pub undurable_because: Option<String>,
    /// From the first byte written to the end of the sync.
    pub journal_us: u64,
    /// From the first byte written to the moment from which every request sees it.
    pub in_force_us: u64,
}

/// What was ended before its time.
#[derive(Debug)]
pub struct Lifted {
    pub blocks: Vec<Listed>,
    pub lifted_us: u64,
    /// Why it would come back with a restart.
    pub undurable_because: Option<String>,
}

/// For `status` and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub in_force: usize,
    /// In force, and not in the journal.
    pub not_durable: usize,
    pub next_end_unix_ms: Option<u64>,
    /// Requests and streams that were refused since the start.
    pub hits: u64,
    /// `None` when another process keeps the journal, or nobody does.
    pub journal_bytes: Option<u64>,
}
