//! What was counted in windows, as bytes, so that a restart does not begin a day anew. Rates recover too soon to be kept.

use super::places::KeptWindow;
use super::seed::Seed;
use super::{Counters, lock};

/// What the bytes begin with; the number is the version of their shape.
const MAGIC: &[u8; 8] = b"limits 1";
const SEED: std::ops::Range<usize> = 8..24;
/// A hash, what was counted, the quota, and the end in milliseconds since 1970; little-endian.
const ENTRY_BYTES: usize = 32;

impl Counters {
    /// Every window that has not ended; `None` when there is none.
    pub fn windows(&self, unix_ms: u64, now_ns: u64) -> Option<Vec<u8>> {
        let Seed(first, second) = self.seeded.seed();
        let mut bytes = Vec::from(MAGIC.as_slice());
        bytes.extend(first.to_le_bytes());
        bytes.extend(second.to_le_bytes());
        let begins = bytes.len();
        for shard in &self.shards {
            for window in lock(shard).windows(now_ns) {
                let ends_unix_ms = unix_ms.saturating_add((window.until_ns - now_ns) / 1_000_000);
                for number in [window.hash, window.used, window.quota, ends_unix_ms] {
                    bytes.extend(number.to_le_bytes());
                }
            }
        }
        (bytes.len() > begins).then_some(bytes)
    }

    /// Takes over what [`Counters::windows`] wrote, before anything has been counted. How many; `None` when the bytes are
    /// not of that shape, or something has been counted.
    pub fn restore(&self, bytes: &[u8], unix_ms: u64, now_ns: u64) -> Option<usize> {
        let seed = bytes.strip_prefix(MAGIC.as_slice()).and_then(|_| bytes.get(SEED))?;
        let (first, second) = seed.split_at_checked(8)?;
        if !self.seeded.take_over(Seed(number(first)?, number(second)?)) {
            return None;
        }
        let entries = bytes.get(SEED.end..)?.chunks_exact(ENTRY_BYTES);
        let mut taken = 0;
        for entry in entries {
            let mut numbers = entry.chunks_exact(8).filter_map(number);
            let (hash, used) = (numbers.next()?, numbers.next()?);
            let (quota, ends_unix_ms) = (numbers.next()?, numbers.next()?);
            // A day at most, whatever a clock that was set says.
            let left_ms = ends_unix_ms.saturating_sub(unix_ms).min(86_400_000);
            if left_ms == 0 {
                continue;
            }
            let until_ns = now_ns.saturating_add(left_ms * 1_000_000);
            let (shard, set) = self.shard_of(hash);
            taken +=
                usize::from(lock(shard).put_window(set, KeptWindow { hash, used, quota, until_ns }, now_ns));
        }
        Some(taken)
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}
