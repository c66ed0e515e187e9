//! A count that begins anew when its time is over: a day's cap.

use super::quota::{Held, Marks, Quota, Taken, seconds_up};

const DAY_MS: u64 = 86_400_000;

/// At most `quota` until the end of the window. Around the end of one window and the beginning of the next, up to twice
/// as much passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    quota: u64,
    /// Monotonic nanoseconds; for a key whose window begins now.
    ends_ns: u64,
}

impl Window {
    /// Until midnight UTC. A clock that is set afterwards moves no window that has begun.
    pub fn day(quota: u64, unix_ms: u64, now_ns: u64) -> Self {
        let left_ms = DAY_MS - unix_ms % DAY_MS;
        Self { quota, ends_ns: now_ns.saturating_add(left_ms.saturating_mul(1_000_000)) }
    }

    /// From a key's first use, for so long.
    pub fn from_now(quota: u64, length: std::time::Duration, now_ns: u64) -> Self {
        let length_ns = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX).max(1);
        Self { quota, ends_ns: now_ns.saturating_add(length_ns) }
    }

    fn current(&self, held: Held, now_ns: u64) -> Held {
        if held.until_ns > now_ns { held } else { Held { until_ns: self.ends_ns, used: 0 } }
    }

    fn taken(&self, allowed: bool, current: Held, now_ns: u64) -> Taken {
        let reset_s = seconds_up(current.until_ns.saturating_sub(now_ns));
        Taken {
            allowed,
            remaining: self.quota.saturating_sub(current.used),
            reset_s,
            retry_after_s: if allowed { 0 } else { reset_s.max(1) },
        }
    }
}

impl Quota for Window {
    fn decide(&self, held: Held, cost: u64, now_ns: u64) -> (Taken, Option<Held>) {
        let current = self.current(held, now_ns);
        let used = current.used.saturating_add(cost);
        if used > self.quota {
            return (self.taken(false, current, now_ns), None);
        }
        let after = Held { used, ..current };
        (self.taken(true, after, now_ns), Some(after))
    }

    fn state(&self, held: Held, cost: u64, now_ns: u64) -> Taken {
        let current = self.current(held, now_ns);
        self.taken(current.used.saturating_add(cost) <= self.quota, current, now_ns)
    }

    fn owe(&self, held: Held, cost: u64, now_ns: u64) -> Held {
        let current = self.current(held, now_ns);
        Held { used: current.used.saturating_add(cost), ..current }
    }

    fn marks(&self) -> Marks {
        Marks::Window { quota: self.quota }
    }
}
