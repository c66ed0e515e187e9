//! What a restart must not forget, as bytes: windows that have not ended, and rates and debts that recover late. A rate
//! that recovers within a minute is let go.

use super::picture::{self, ENTRIES_MAX};
use super::places::longest_ns;
use super::{Counters, lock};

/// The number is the version; an entry is a hash, when it has recovered or ended in milliseconds since 1970, and its two
/// marks.
const SHAPE: &[u8; 8] = b"limits 3";

impl Counters {
    /// Moves whenever something is counted that [`Counters::kept`] would tell.
    pub fn changes(&self) -> u64 {
        self.shards().fold(0, |sum, shard| sum.wrapping_add(lock(shard).changes()))
    }

    /// Everything that a restart must not forget, at most 32 MiB; `None` when there is nothing.
    pub fn kept(&self, unix_ms: u64, now_ns: u64) -> Option<Vec<u8>> {
        let mut bytes = picture::begun(SHAPE, self.seeded.seed());
        let begins = bytes.len();
        let mut left = ENTRIES_MAX;
        for shard in self.shards() {
            for [hash, left_ns, step, bound] in lock(shard).kept(now_ns).take(left) {
                left -= 1;
                let until_unix_ms = unix_ms.saturating_add(left_ns.div_ceil(1_000_000));
                picture::put(&mut bytes, [hash, until_unix_ms, step, bound]);
            }
        }
        (bytes.len() > begins).then_some(bytes)
    }

    /// Takes over what [`Counters::kept`] wrote; where something has been counted here too, the stricter of the two holds.
    /// How many; `None` when the bytes are not of that shape, or keys are named under another seed here.
    pub fn restore(&self, bytes: &[u8], unix_ms: u64, now_ns: u64) -> Option<usize> {
        let (seed, entries) = picture::read(SHAPE, bytes)?;
        if !self.seeded.take_over(seed) {
            return None;
        }
        let mut taken = 0;
        for [hash, until_unix_ms, step, bound] in entries {
            let left_ns = until_unix_ms.saturating_sub(unix_ms).saturating_mul(1_000_000);
            let left_ns = left_ns.min(longest_ns(step, bound));
            if left_ns == 0 {
                continue;
            }
            let Some((shard, set)) = self.shard_of(hash) else { continue };
            taken += usize::from(lock(shard).put_passed(set, [hash, left_ns, step, bound], now_ns));
        }
        Some(taken)
    }
}
