//! The generic cell rate algorithm (ITU-T I.371) in whole nanoseconds.

use std::time::Duration;

const SECOND_NS: u64 = 1_000_000_000;

/// `count` a `window`, with `burst` at once. Over any stretch of time `t` at most `burst + t * count / window` pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Between two arrivals at the steady rate, rounded up so that the rate is never exceeded.
    interval_ns: u64,
    burst: u64,
}

/// A limiter's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub allowed: bool,
    /// How many more would pass right now.
    pub remaining: u64,
    /// Seconds until the whole burst is there again, rounded up.
    pub reset_s: u64,
    /// Seconds until the same cost would pass, rounded up; at least 1 when not allowed, else 0.
    pub retry_after_s: u64,
}

impl Rate {
    /// A `count` of zero lets nothing pass; a `burst` of zero counts as one.
    pub fn new(count: u64, window: Duration, burst: u64) -> Self {
        let window_ns = u64::try_from(window.as_nanos()).unwrap_or(u64::MAX).max(1);
        match count {
            0 => Self { interval_ns: window_ns, burst: 0 },
            _ => Self { interval_ns: window_ns.div_ceil(count), burst: burst.max(1) },
        }
    }

    pub(super) fn interval_ns(&self) -> u64 {
        self.interval_ns
    }

    pub(super) fn tolerance_ns(&self) -> u64 {
        self.interval_ns.saturating_mul(self.burst)
    }

    /// The answer, and the new arrival time when `cost` passes.
    pub(super) fn decide(&self, arrival_ns: u64, cost: u64, now_ns: u64) -> (Taken, Option<u64>) {
        let ahead = self.ahead_ns(arrival_ns, now_ns);
        let tolerance = self.tolerance_ns();
        let after = ahead.saturating_add(self.interval_ns.saturating_mul(cost));
        if after <= tolerance {
            return (self.taken(true, after, 0), Some(now_ns.saturating_add(after)));
        }
        // A cost beyond the burst never passes; then the best moment is when everything has recovered.
        (self.taken(false, ahead, (after - tolerance).min(ahead)), None)
    }

    /// The answer as it would be, with the state as it is.
    pub(super) fn state(&self, arrival_ns: u64, cost: u64, now_ns: u64) -> Taken {
        let (taken, after) = self.decide(arrival_ns, cost, now_ns);
        match after {
            Some(_) => self.taken(true, self.ahead_ns(arrival_ns, now_ns), 0),
            None => taken,
        }
    }

    /// How far the next arrival lies ahead; at most one burst, so that a tightened rate locks nobody out for longer.
    fn ahead_ns(&self, arrival_ns: u64, now_ns: u64) -> u64 {
        arrival_ns.saturating_sub(now_ns).min(self.tolerance_ns())
    }

    fn taken(&self, allowed: bool, ahead_ns: u64, wait_ns: u64) -> Taken {
        Taken {
            allowed,
            remaining: (self.tolerance_ns() - ahead_ns) / self.interval_ns,
            reset_s: ahead_ns.div_ceil(SECOND_NS),
            retry_after_s: if allowed { 0 } else { wait_ns.div_ceil(SECOND_NS).max(1) },
        }
    }
}
