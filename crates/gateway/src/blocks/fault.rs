//! Why a block could not be made or lifted.

use std::sync::Arc;

use super::journal::JournalFault;

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BlockFault {
    #[error("{0}")]
    Unusable(String),
    #[error(
        "the list holds {held} blocks and takes at most {blocks_max}; lift some, or block a wider network"
    )]
    Full { blocks_max: usize, held: usize },
    #[error("no block `{0}` is in force; `bartizan block list` shows those that are")]
    Unknown(Arc<str>),
    #[error("no randomness can be had from the system")]
    Random,
    #[error(transparent)]
    Journal(#[from] JournalFault),
}
