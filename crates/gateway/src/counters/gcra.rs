//! The generic cell rate algorithm (ITU-T I.371) in whole nanoseconds.

use std::time::Duration;

use super::quota::{Held, Marks, Quota, Taken, seconds_up};

pub(super) const DAY_NS: u64 = 86_400 * 1_000_000_000;
/// What is owed beyond a metered burst is forgiven beyond a day.
const DEBT_NS_MAX: u64 = DAY_NS;

/// `count` a `window`, with `burst` at once. Over any stretch of time `t` at most `burst + t * count / window` pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// `cost` takes `cost * step_ns / of` nanoseconds, rounded up so that the rate is never exceeded.
    step_ns: u64,
    of: u64,
    burst: u64,
    /// How far beyond the burst a key may be in debt.
    debt_ns_max: u64,
}

impl Rate {
    /// For what is asked before it is done. A `count` of zero lets nothing pass; a `burst` of zero counts as one.
    pub fn new(count: u64, window: Duration, burst: u64) -> Self {
        let window_ns = ns(window);
        match count {
            0 => Self { step_ns: window_ns, of: 1, burst: 0, debt_ns_max: 0 },
            _ => Self { step_ns: window_ns.div_ceil(count), of: 1, burst: burst.max(1), debt_ns_max: 0 },
        }
    }

    /// For what is known only afterwards, such as bytes: more may be taken than is there, and is owed. Exact for rates
    /// above one a nanosecond too.
    pub fn metered(count: u64, window: Duration, burst: u64) -> Self {
        match count {
            0 => Self::new(0, window, 0),
            _ => Self { step_ns: ns(window), of: count, burst: burst.max(1), debt_ns_max: DEBT_NS_MAX },
        }
    }

    fn cost_ns(&self, cost: u64) -> u64 {
        let ns = (u128::from(cost) * u128::from(self.step_ns)).div_ceil(u128::from(self.of.max(1)));
        u64::try_from(ns).unwrap_or(u64::MAX)
    }

    fn tolerance_ns(&self) -> u64 {
        self.cost_ns(self.burst)
    }

    /// How far the next arrival lies ahead; at most one burst and the debt, so that a tightened rate locks nobody out
    /// for longer.
    fn ahead_ns(&self, held: Held, now_ns: u64) -> u64 {
        held.until_ns.saturating_sub(now_ns).min(self.tolerance_ns().saturating_add(self.debt_ns_max))
    }

    fn taken(&self, allowed: bool, ahead_ns: u64, wait_ns: u64) -> Taken {
        let free_ns = self.tolerance_ns().saturating_sub(ahead_ns);
        let remaining = u128::from(free_ns) * u128::from(self.of) / u128::from(self.step_ns.max(1));
        Taken {
            allowed,
            remaining: u64::try_from(remaining).unwrap_or(u64::MAX),
            reset_s: seconds_up(ahead_ns),
            retry_after_s: if allowed { 0 } else { seconds_up(wait_ns).max(1) },
        }
    }
}

impl Quota for Rate {
    fn decide(&self, held: Held, cost: u64, now_ns: u64) -> (Taken, Option<Held>) {
        let ahead = self.ahead_ns(held, now_ns);
        let tolerance = self.tolerance_ns();
        let after = ahead.saturating_add(self.cost_ns(cost));
        if after <= tolerance {
            let held = Held { until_ns: now_ns.saturating_add(after), used: 0 };
            return (self.taken(true, after, 0), Some(held));
        }
        // A cost beyond the burst never passes; then the best moment is when everything has recovered.
        (self.taken(false, ahead, (after - tolerance).min(ahead)), None)
    }

    fn state(&self, held: Held, cost: u64, now_ns: u64) -> Taken {
        let (taken, after) = self.decide(held, cost, now_ns);
        match after {
            Some(_) => self.taken(true, self.ahead_ns(held, now_ns), 0),
            None => taken,
        }
    }

    fn owe(&self, held: Held, cost: u64, now_ns: u64) -> Held {
        let ahead = self.ahead_ns(held, now_ns).saturating_add(self.cost_ns(cost));
        let most = self.tolerance_ns().saturating_add(self.debt_ns_max);
        Held { until_ns: now_ns.saturating_add(ahead.min(most)), used: 0 }
    }

    fn marks(&self) -> Marks {
        Marks::Rate { interval_ns: self.cost_ns(1), tolerance_ns: self.tolerance_ns() }
    }
}

fn ns(window: Duration) -> u64 {
    u64::try_from(window.as_nanos()).unwrap_or(u64::MAX).max(1)
}
