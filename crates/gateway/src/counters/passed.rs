//! Everything that is counted, as bytes for a process that takes over: nobody gains a fresh quota by a deployment.

use super::seed::Seed;
use super::{Counters, lock};

/// What the bytes begin with; the number is the version of their shape.
const MAGIC: &[u8; 8] = b"passed 1";
const SEED: std::ops::Range<usize> = 8..24;
/// A place: hash, nanoseconds until it has recovered or ended, and its two marks; little-endian.
const ENTRY_BYTES: usize = 32;
/// Beyond it the rest begins anew: 32 MiB.
const ENTRIES_MAX: usize = 1 << 20;

impl Counters {
    /// The seed, and every place that has not recovered.
    pub fn pass_on(&self, now_ns: u64) -> Vec<u8> {
        let Seed(first, second) = self.seeded.seed();
        let mut bytes = Vec::from(MAGIC.as_slice());
        bytes.extend(first.to_le_bytes());
        bytes.extend(second.to_le_bytes());
        let mut left = ENTRIES_MAX;
        for shard in &self.shards {
            for place in lock(shard).passed(now_ns).take(left) {
                left -= 1;
                bytes.extend(place.into_iter().flat_map(u64::to_le_bytes));
            }
        }
        bytes
    }

    /// Goes on with what [`Counters::pass_on`] gave; where something has been counted here too, the stricter of the two
    /// holds. How many; `None` when the bytes are not of that shape, or keys are named under another seed here.
    pub fn take_over(&self, bytes: &[u8], now_ns: u64) -> Option<usize> {
        let seed = bytes.strip_prefix(MAGIC.as_slice()).and_then(|_| bytes.get(SEED))?;
        let (first, second) = seed.split_at_checked(8)?;
        if !self.seeded.take_over(Seed(number(first)?, number(second)?)) {
            return None;
        }
        let mut taken = 0;
        for entry in bytes.get(SEED.end..)?.chunks_exact(ENTRY_BYTES) {
            let mut numbers = entry.chunks_exact(8).filter_map(number);
            let place = [numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?];
            let (shard, set) = self.shard_of(place[0]);
            taken += usize::from(lock(shard).put_passed(set, place, now_ns));
        }
        Some(taken)
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::super::{LimitId, Rate};
    use super::*;

    #[test]
    fn a_used_quota_stays_used_in_the_process_that_takes_over() {
        let (before, after) = (Counters::new(1_000), Counters::new(5_000));
        let (limit, rate) = (LimitId::global("client"), Rate::new(10, Duration::from_secs(60), 10));
        let second_ns = 1_000_000_000;
        for _ in 0..10 {
            assert!(before.take(&limit, "mallory", &rate, 1, 900 * second_ns).allowed);
        }
        assert!(before.take(&limit, "alice", &rate, 1, 900 * second_ns).allowed);
        // The clocks of two processes begin when they do.
        assert_eq!(after.take_over(&before.pass_on(900 * second_ns), 3 * second_ns), Some(2));
        assert!(!after.take(&limit, "mallory", &rate, 1, 3 * second_ns).allowed);
        assert_eq!(after.peek(&limit, "alice", &rate, 1, 3 * second_ns).remaining, 9);
        // What has been counted since then is not undone by an older picture, nor the other way round.
        for _ in 0..9 {
            assert!(after.take(&limit, "alice", &rate, 1, 3 * second_ns).allowed);
        }
        assert_eq!(after.take_over(&before.pass_on(900 * second_ns), 3 * second_ns), Some(2));
        assert!(!after.take(&limit, "alice", &rate, 1, 3 * second_ns).allowed);
        assert!(after.take(&limit, "mallory", &rate, 1, 10 * second_ns).allowed);
    }

    #[test]
    fn bytes_of_another_shape_or_seed_are_not_taken() {
        let (before, after) = (Counters::new(10), Counters::new(10));
        let rate = Rate::new(1, Duration::from_secs(60), 1);
        assert!(before.take(&LimitId::global("x"), "a", &rate, 1, 0).allowed);
        assert!(after.take(&LimitId::global("x"), "a", &rate, 1, 0).allowed);
        assert_eq!(after.take_over(&before.pass_on(0), 0), None);
        assert_eq!(Counters::new(10).take_over(b"something else", 0), None);
    }
}
