//! What can be wrong with the journal, with the way out in the sentence.

use std::io;
use std::path::PathBuf;

/// Why the journal cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    #[error("another process holds the journal of blocks ({0})")]
    Held(PathBuf),
    #[error(
        "the journal of blocks {path} is damaged in line {line}: {why}; `bartizan block repair` keeps what can be read \
         and says what cannot"
    )]
    Damaged { path: PathBuf, line: usize, why: &'static str },
    #[error(
        "the journal of blocks {0} is gone, and with it the blocks that were in force: put the file back, or begin \
         without them by `bartizan block repair`"
    )]
    Gone(PathBuf),
    #[error("the journal of blocks has no room: the disk or a quota is full")]
    Full,
    #[error("the journal of blocks cannot be {what}: {kind}")]
    Io { what: &'static str, kind: io::ErrorKind },
    #[error("the journal of blocks is in other hands: another gateway has taken over")]
    HandedOver,
}

impl JournalFault {
    /// Turns an error of the file system into ours.
    pub(super) fn of(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full
            }
            kind => Self::Io { what, kind },
        }
    }
}
