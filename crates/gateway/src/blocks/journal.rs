//! The blocks on disk: lines are added and synced before a block counts; one process at a time writes.
//!
//! `blocks.journal` in the state directory holds a line for each block and each lift. What a kill left half-written at
//! its end is dropped, and said; a journal that is gone, or a line that is damaged anywhere else, stops the reader, because skipping it could let in
//! what was blocked. That there was one is written into the lock beside it. A journal has a first line before it has its name: an empty file is a damaged one. When most lines are of blocks that have ended, the rest is written anew and renamed into place,
//! and the file before it stays as `blocks.journal.old`.

mod entry;
mod fault;
mod line;
mod read;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::block::Block;
use entry::{Entry, VERSION, What};

pub use entry::Lift;
pub use fault::JournalFault;
pub use read::{Held, Mended, read, repair};

/// The journal's name in the state directory.
pub const JOURNAL: &str = "blocks.journal";
/// Held by whoever writes the journal; it is not empty from the moment in which there is one.
const LOCK: &str = "blocks.lock";
const BEGUN: &[u8] = b"a journal was begun\n";
/// Below so many lines nothing is written anew.
const LINES_KEPT_ANYWAY: u64 = 1024;
/// Written anew when there are so many times as many lines as blocks.
const LINES_A_BLOCK_MAX: u64 = 4;
const LOCK_AGAIN: Duration = Duration::from_millis(5);

/// The journal in the hands of its one writer.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    file: File,
    /// Locked as long as this lives.
    _lock: File,
    /// Up to here everything is whole and synced.
    good_bytes: u64,
    next: u64,
    /// The file may not hold what is in force (a sync failed, a lift could not be written): the next writing begins a
    /// new one.
    is_doubtful: bool,
}

impl Journal {
    /// Opens the journal, or begins one, and waits up to `patience` for another process to let go of it. Gives what it
    /// holds: every block that was not lifted, ended ones too.
    pub fn open(
        directory: &Path,
        patience: Duration,
        now_unix_ms: u64,
    ) -> Result<(Self, Held), JournalFault> {
        let lock = hold(directory, patience)?;
        let path = directory.join(JOURNAL);
        let mut held = read::read(directory)?;
        if held.lines == 0 {
            let file = write_anew(directory, &[], now_unix_ms)?;
            let good_bytes = file.metadata().map_err(JournalFault::of("opened"))?.len();
            note_begun(&lock)?;
            held.lines = 1;
            let journal = Self {
                directory: directory.to_owned(),
                file,
                _lock: lock,
                good_bytes,
                next: 1,
                is_doubtful: false,
            };
            return Ok((journal, held));
        }
        let file = OpenOptions::new().append(true).open(path).map_err(JournalFault::of("opened"))?;
        // The next start does it where a full disk keeps this one from it.
        let _ = note_begun(&lock);
        if held.torn_bytes > 0 {
            file.set_len(held.good_bytes)
                .and_then(|()| file.sync_all())
                .map_err(JournalFault::of("mended"))?;
        }
        let journal = Self {
            directory: directory.to_owned(),
            file,
            _lock: lock,
            good_bytes: held.good_bytes,
            next: held.lines,
            is_doubtful: false,
        };
        Ok((journal, held))
    }

    /// Adds lines and syncs them: all or none. `in_force` is what is to be kept when the file has to be begun anew.
    pub(super) fn append(
        &mut self,
        blocks: &[Block],
        lifts: &[Lift],
        in_force: impl Fn() -> Vec<Block>,
        now_unix_ms: u64,
    ) -> Result<(), JournalFault> {
        if self.is_doubtful {
            self.begin_anew(&in_force(), now_unix_ms)?;
        }
        let mut bytes = Vec::new();
        let time = model::rfc3339_millis(now_unix_ms);
        let whats = blocks.iter().cloned().map(What::Block).chain(lifts.iter().cloned().map(What::Lift));
        let mut next = self.next;
        for what in whats {
            line::write(&Entry { n: next, time: time.clone(), what }, &mut bytes)
                .map_err(|_| unwritable())?;
            next += 1;
        }
        if let Err(error) = self.file.write_all(&bytes) {
            // What was written of it must not stand before the next line.
            self.is_doubtful = self.file.set_len(self.good_bytes).is_err();
            return Err(JournalFault::of("written")(error));
        }
        if let Err(error) = self.file.sync_data() {
            // The kernel may have forgotten the pages that it could not write.
            let _ = self.file.set_len(self.good_bytes);
            self.is_doubtful = true;
            return Err(JournalFault::of("synced")(error));
        }
        self.good_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.next = next;
        Ok(())
    }

    /// What the file holds is not what is in force: the next writing begins a new one.
    pub(super) fn doubt(&mut self) {
        self.is_doubtful = true;
    }

    pub(super) fn is_in_doubt(&self) -> bool {
        self.is_doubtful
    }

    /// What a process that begins now would find.
    pub(super) fn read_back(&self) -> Result<Vec<Block>, JournalFault> {
        read::read(&self.directory).map(|held| held.blocks)
    }

    /// Whether most of the file is of the past.
    pub(super) fn is_worn(&self, in_force: usize) -> bool {
        let in_force = u64::try_from(in_force).unwrap_or(u64::MAX);
        self.next > LINES_KEPT_ANYWAY && self.next / LINES_A_BLOCK_MAX > in_force
    }

    /// Writes the blocks into a new file that takes the place of the old one.
    pub(super) fn begin_anew(&mut self, in_force: &[Block], now_unix_ms: u64) -> Result<(), JournalFault> {
        let file = write_anew(&self.directory, in_force, now_unix_ms)?;
        self.good_bytes = file.metadata().map_err(JournalFault::of("written"))?.len();
        self.next = u64::try_from(in_force.len()).unwrap_or(u64::MAX).saturating_add(1);
        self.file = file;
        self.is_doubtful = false;
        Ok(())
    }

    /// Bytes of the file that are whole.
    pub(super) fn bytes(&self) -> u64 {
        self.good_bytes
    }
}

/// The lock is the kernel's: it is gone with its process, however that ends.
fn hold(directory: &Path, patience: Duration) -> Result<File, JournalFault> {
    let path = directory.join(LOCK);
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(JournalFault::of("locked"))?;
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if begun.elapsed() < patience => std::thread::sleep(LOCK_AGAIN),
            Err(TryLockError::WouldBlock) => return Err(JournalFault::Held(directory.join(JOURNAL))),
            Err(TryLockError::Error(error)) => return Err(JournalFault::of("locked")(error)),
        }
    }
}

/// From now on a journal that is not there is one that was lost.
fn note_begun(mut lock: &File) -> Result<(), JournalFault> {
    let fault = JournalFault::of("noted");
    if lock.metadata().map_err(&fault)?.len() == 0 {
        lock.write_all(BEGUN).and_then(|()| lock.sync_all()).map_err(&fault)?;
    }
    Ok(())
}

/// Whether there was a journal here before.
fn was_begun(directory: &Path) -> Result<bool, JournalFault> {
    match std::fs::metadata(directory.join(LOCK)) {
        Ok(lock) => Ok(lock.len() > 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(JournalFault::of("read")(error)),
    }
}

/// Whole under its own name before it is under the right one; the file before it is kept once.
fn write_anew(directory: &Path, blocks: &[Block], now_unix_ms: u64) -> Result<File, JournalFault> {
    let fault = JournalFault::of("written");
    let (path, fresh) = (directory.join(JOURNAL), directory.join(format!("{JOURNAL}.new")));
    let time = model::rfc3339_millis(now_unix_ms);
    let head = What::Journal { version: VERSION };
    let whats = std::iter::once(head).chain(blocks.iter().cloned().map(What::Block));
    let mut bytes = Vec::new();
    for (n, what) in (0..).zip(whats) {
        line::write(&Entry { n, time: time.clone(), what }, &mut bytes).map_err(|_| unwritable())?;
    }
    remove(&fresh).map_err(&fault)?;
    let opened = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&fresh);
    let mut file = opened.map_err(&fault)?;
    let written = file.write_all(&bytes).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = remove(&fresh);
        return Err(fault(error));
    }
    let old = directory.join(format!("{JOURNAL}.old"));
    if path.exists() {
        // Only history: the blocks themselves are in the new file.
        let _ = remove(&old).and_then(|()| std::fs::hard_link(&path, &old));
    }
    std::fs::rename(&fresh, &path).map_err(&fault)?;
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(&fault)?;
    Ok(file)
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn unwritable() -> JournalFault {
    JournalFault::Io { what: "written", kind: io::ErrorKind::InvalidData }
}
