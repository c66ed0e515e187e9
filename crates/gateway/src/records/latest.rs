//! The latest records, newest first, for a look back.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::segments;

/// So much is read of a segment's end, and so much in all.
const SEGMENT_BYTES_MAX: u64 = 16 << 20;
const BYTES_MAX: u64 = 64 << 20;

/// Hands over lines, the newest first, until `each` says `false` or enough was read. Blocks on the disk.
pub fn latest(directory: &Path, mut each: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut left = BYTES_MAX;
    for (_, path) in segments::list(directory)?.into_iter().rev() {
        let mut file = match File::open(path) {
            Ok(file) => file,
            // Dropped to make room since it was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        let wanted = length.min(SEGMENT_BYTES_MAX).min(left);
        file.seek(SeekFrom::Start(length - wanted))?;
        let mut bytes = Vec::new();
        file.take(wanted).read_to_end(&mut bytes)?;
        let is_cut = wanted < length;
        let mut lines = bytes.rsplit(|byte| *byte == b'\n').filter(|line| !line.is_empty()).peekable();
        while let Some(line) = lines.next() {
            // The first line of a piece is the end of one.
            if is_cut && lines.peek().is_none() {
                break;
            }
            if !each(line) {
                return Ok(());
            }
        }
        left -= wanted;
        if left == 0 {
            break;
        }
    }
    Ok(())
}
