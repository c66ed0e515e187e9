//! What a restart must not forget, as bytes: windows that have not ended, and rates and debts that recover late. A rate
//! that recovers within a minute is let go.

use super::places::longest_ns;
use super::seed::Seed;
use super::{Counters, lock};

/// What the bytes begin with; the number is the version of their shape.
const MAGIC: &[u8; 8] = b"limits 2";
const SEED: std::ops::Range<usize> = 8..24;
/// A hash, when it has recovered or ended in milliseconds since 1970, and its two marks; little-endian.
const ENTRY_BYTES: usize = 32;
/// Beyond it the rest is let go: 32 MiB.
const ENTRIES_MAX: usize = 1 << 20;

impl Counters {
    /// Moves whenever something is counted that [`Counters::kept`] would tell.
    pub fn changes(&self) -> u64 {
        self.shards.iter().fold(0, |sum, shard| sum.wrapping_add(lock(shard).changes()))
    }

    /// Everything that a restart must not forget, at most 32 MiB; `None` when there is nothing.
    pub fn kept(&self, unix_ms: u64, now_ns: u64) -> Option<Vec<u8>> {
        let Seed(first, second) = self.seeded.seed();
        let mut bytes = Vec::from(MAGIC.as_slice());
        bytes.extend(first.to_le_bytes());
        bytes.extend(second.to_le_bytes());
        let begins = bytes.len();
        let mut left = ENTRIES_MAX;
        for shard in &self.shards {
            for [hash, left_ns, step, bound] in lock(shard).kept(now_ns).take(left) {
                left -= 1;
                let until_unix_ms = unix_ms.saturating_add(left_ns.div_ceil(1_000_000));
                bytes.extend([hash, until_unix_ms, step, bound].into_iter().flat_map(u64::to_le_bytes));
            }
        }
        (bytes.len() > begins).then_some(bytes)
    }

    /// Takes over what [`Counters::kept`] wrote; where something has been counted here too, the stricter of the two holds.
    /// How many; `None` when the bytes are not of that shape, or keys are named under another seed here.
    pub fn restore(&self, bytes: &[u8], unix_ms: u64, now_ns: u64) -> Option<usize> {
        let seed = bytes.strip_prefix(MAGIC.as_slice()).and_then(|_| bytes.get(SEED))?;
        let (first, second) = seed.split_at_checked(8)?;
        if !self.seeded.take_over(Seed(number(first)?, number(second)?)) {
            return None;
        }
        let mut taken = 0;
        for entry in bytes.get(SEED.end..)?.chunks_exact(ENTRY_BYTES) {
            let mut numbers = entry.chunks_exact(8).filter_map(number);
            let (hash, until_unix_ms) = (numbers.next()?, numbers.next()?);
            let (step, bound) = (numbers.next()?, numbers.next()?);
            let left_ns = until_unix_ms.saturating_sub(unix_ms).saturating_mul(1_000_000);
            let left_ns = left_ns.min(longest_ns(step, bound));
            if left_ns == 0 {
                continue;
            }
            let (shard, set) = self.shard_of(hash);
            taken += usize::from(lock(shard).put_passed(set, [hash, left_ns, step, bound], now_ns));
        }
        Some(taken)
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}
