//! Everything that is counted, as bytes for a process that takes over: nobody gains a fresh quota by a deployment.

use super::picture::{self, ENTRIES_MAX};
use super::{Counters, lock};

/// The number is the version; an entry is a hash, nanoseconds until it has recovered or ended, and its two marks.
const SHAPE: &[u8; 8] = b"passed 2";

impl Counters {
    /// The seed, and every place that has not recovered.
    pub fn pass_on(&self, now_ns: u64) -> Vec<u8> {
        let mut bytes = picture::begun(SHAPE, self.seeded.seed());
        let mut left = ENTRIES_MAX;
        for shard in self.shards() {
            for place in lock(shard).passed(now_ns).take(left) {
                left -= 1;
                picture::put(&mut bytes, place);
            }
        }
        bytes
    }

    /// Goes on with what [`Counters::pass_on`] gave; where something has been counted here too, the stricter of the two
    /// holds. How many; `None` when the bytes are not of that shape, or keys are named under another seed here.
    pub fn take_over(&self, bytes: &[u8], now_ns: u64) -> Option<usize> {
        let (seed, entries) = picture::read(SHAPE, bytes)?;
        if !self.seeded.take_over(seed) {
            return None;
        }
        let mut taken = 0;
        for place in entries {
            let Some((shard, set)) = self.shard_of(place[0]) else { continue };
            taken += usize::from(lock(shard).put_passed(set, place, now_ns));
        }
        Some(taken)
    }
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
