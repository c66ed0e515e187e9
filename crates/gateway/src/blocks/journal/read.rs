//! Reading the journal back: what it holds, what was torn off its end, and what can be saved of a damaged one.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::entry::{VERSION, What};
use super::{JOURNAL, JournalFault, hold, line, was_begun, write_anew};
use crate::blocks::block::Block;

/// What a journal holds.
#[derive(Debug, Default)]
pub struct Held {
    /// Those that were not lifted, in the order in which they were made; some may have ended.
    pub blocks: Vec<Block>,
    /// Bytes at the end that were half-written when the writer died.
    pub torn_bytes: u64,
    pub(super) good_bytes: u64,
    /// Whole lines; 0 when there is no journal.
    pub(super) lines: u64,
}

/// What [`repair`] did.
#[derive(Debug)]
pub struct Mended {
    pub kept: usize,
    /// Numbers of the lines that could not be read, with the reason.
    pub dropped: Vec<(usize, &'static str)>,
    /// Where the damaged file lies now; `None` when nothing was wrong, or nothing was there.
    pub aside: Option<PathBuf>,
}

/// Reads the journal and changes nothing; one that was never there holds nothing.
pub fn read(directory: &Path) -> Result<Held, JournalFault> {
    let path = directory.join(JOURNAL);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return if was_begun(directory)? { Err(JournalFault::Gone(path)) } else { Ok(Held::default()) };
        }
        Err(error) => return Err(JournalFault::of("read")(error)),
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (good, torn) = bytes.split_at_checked(whole).unwrap_or((&bytes, &[]));
    let mut gathered = Gathered::default();
    for (at, line) in good.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let damaged = |why| JournalFault::Damaged { path: path.clone(), line: at + 1, why };
        gathered.take(line.trim_ascii_end(), false).map_err(damaged)?;
    }
    if gathered.next == 0 {
        return Err(JournalFault::Damaged { path, line: 1, why: without_a_line(torn) });
    }
    Ok(Held {
        lines: gathered.next,
        blocks: gathered.into_blocks(),
        torn_bytes: u64::try_from(torn.len()).unwrap_or(u64::MAX),
        good_bytes: u64::try_from(good.len()).unwrap_or(u64::MAX),
    })
}

/// The first line is written before the file has its name: without one, whatever it held is lost.
fn without_a_line(bytes: &[u8]) -> &'static str {
    match bytes.iter().find(|byte| **byte != 0) {
        _ if bytes.is_empty() => "the file was emptied",
        None => "the file holds nothing but zeros",
        Some(_) => "it does not end",
    }
}

/// Puts a damaged journal aside and writes what can be read of it into a new one; for one that is gone, begins one. No gateway may be running.
pub fn repair(directory: &Path, now_unix_ms: u64) -> Result<Mended, JournalFault> {
    let _lock = hold(directory, Duration::ZERO)?;
    let path = directory.join(JOURNAL);
    match read(directory) {
        Ok(held) => return Ok(Mended { kept: held.blocks.len(), dropped: Vec::new(), aside: None }),
        Err(JournalFault::Damaged { .. }) => {}
        Err(JournalFault::Gone(_)) => {
            write_anew(directory, &[], now_unix_ms)?;
            return Ok(Mended { kept: 0, dropped: vec![(1, "the file was gone")], aside: None });
        }
        Err(fault) => return Err(fault),
    }
    let bytes = std::fs::read(&path).map_err(JournalFault::of("read"))?;
    let (mut gathered, mut dropped) = (Gathered::default(), Vec::new());
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        if let Err(why) = gathered.take(line, true) {
            dropped.push((at + 1, why));
        }
    }
    if !bytes.contains(&b'\n') {
        dropped = vec![(1, without_a_line(&bytes))];
    }
    let aside = directory.join(format!("{JOURNAL}.damaged-{now_unix_ms}"));
    std::fs::copy(&path, &aside).map_err(JournalFault::of("put aside"))?;
    let blocks = gathered.into_blocks();
    write_anew(directory, &blocks, now_unix_ms)?;
    Ok(Mended { kept: blocks.len(), dropped, aside: Some(aside) })
}

#[derive(Default)]
struct Gathered {
    blocks: HashMap<Arc<str>, (u64, Block)>,
    next: u64,
}

impl Gathered {
    /// `loosely`: gaps in the numbers, and lifts of what is not there, are passed over.
    fn take(&mut self, line: &[u8], loosely: bool) -> Result<(), &'static str> {
        let entry = line::read(line)?;
        if entry.n != self.next && !loosely {
            return Err("lines before it are missing");
        }
        self.next = entry.n + 1;
        match entry.what {
            What::Journal { version } if version != VERSION => {
                return Err("it was written by another version");
            }
            What::Journal { .. } if entry.n == 0 => {}
            What::Block(block) if entry.n > 0 || loosely => {
                self.blocks.insert(Arc::clone(&block.id), (entry.n, block));
            }
            What::Lift(lift) if entry.n > 0 || loosely => {
                if self.blocks.remove(&lift.id).is_none() && !loosely {
                    return Err("it lifts a block that is not there");
                }
            }
            _ => return Err("it does not belong there"),
        }
        Ok(())
    }

    fn into_blocks(self) -> Vec<Block> {
        let mut numbered: Vec<(u64, Block)> = self.blocks.into_values().collect();
        numbered.sort_by_key(|(n, _)| *n);
        numbered.into_iter().map(|(_, block)| block).collect()
    }
}
