//! How many requests may be repeated: a share of the recent ones and a few each second, so that a service in need is
//! not buried under second tries.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What is earned is forgotten with this time constant, in seconds.
const MEMORY_S: f64 = 10.0;

#[derive(Debug)]
pub(super) struct Budget {
    /// Of the requests, 0 to 1.
    share: f64,
    per_second_min: f64,
    requests: AtomicU64,
    purse: Mutex<Purse>,
    spent: AtomicU64,
    exhausted: AtomicU64,
}

#[derive(Debug)]
struct Purse {
    tokens: f64,
    requests: u64,
    at_ms: u64,
}

impl Budget {
    /// `share_per_10k`: of the requests.
    pub fn new(share_per_10k: u16, per_second_min: u32, now_ms: u64) -> Self {
        let per_second_min = f64::from(per_second_min);
        Self {
            share: f64::from(share_per_10k) / 10_000.0,
            per_second_min,
            requests: AtomicU64::new(0),
            purse: Mutex::new(Purse { tokens: per_second_min * MEMORY_S, requests: 0, at_ms: now_ms }),
            spent: AtomicU64::new(0),
            exhausted: AtomicU64::new(0),
        }
    }

    pub fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// `true`: one request may be repeated, and it has been paid for.
    pub fn withdraw(&self, now_ms: u64) -> bool {
        let requests = self.requests.load(Ordering::Relaxed);
        let mut purse = self.purse.lock().unwrap_or_else(PoisonError::into_inner);
        self.earn(&mut purse, requests, now_ms);
        let pays = purse.tokens >= 1.0;
        if pays {
            purse.tokens -= 1.0;
        }
        drop(purse);
        let count = if pays { &self.spent } else { &self.exhausted };
        count.fetch_add(1, Ordering::Relaxed);
        pays
    }

    /// What was earned since the last time, evenly over that time, and decayed as it came.
    #[allow(clippy::cast_precision_loss, reason = "a budget does not need the last bits of a count")]
    fn earn(&self, purse: &mut Purse, requests: u64, now_ms: u64) {
        let elapsed_s = now_ms.saturating_sub(purse.at_ms) as f64 / 1_000.0;
        let earned = requests.saturating_sub(purse.requests) as f64 * self.share;
        let decay = (-elapsed_s / MEMORY_S).exp();
        // The part of an even income over `elapsed_s` that is not forgotten at its end; 1 for no time at all.
        let kept = if elapsed_s > 1e-3 { (1.0 - decay) * MEMORY_S / elapsed_s } else { 1.0 };
        purse.tokens = purse.tokens * decay + (earned + self.per_second_min * elapsed_s) * kept;
        purse.requests = requests;
        purse.at_ms = now_ms;
    }

    /// Repeated, and not repeated for want of budget.
    pub fn counts(&self) -> (u64, u64) {
        (self.spent.load(Ordering::Relaxed), self.exhausted.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(budget: &Budget, now_ms: u64) -> usize {
        std::iter::repeat_with(|| budget.withdraw(now_ms)).take(100_000).take_while(|pays| *pays).count()
    }

    #[test]
    fn a_share_of_the_recent_requests_may_be_repeated_and_no_more() {
        let budget = Budget::new(2_000, 0, 0);
        assert_eq!(all(&budget, 0), 0);
        for _ in 0..1_000 {
            budget.count_request();
        }
        let at_once = all(&budget, 1);
        assert!((195..=200).contains(&at_once), "{at_once}");
        assert_eq!(all(&budget, 1), 0);
        // What was long ago earns little.
        for _ in 0..1_000 {
            budget.count_request();
        }
        let later = all(&budget, 100_000);
        assert!((1..=25).contains(&later), "{later}");
        assert_eq!(budget.counts().0, (at_once + later) as u64);
        assert_eq!(budget.counts().1, 4);
    }

    #[test]
    fn a_few_each_second_may_be_repeated_without_any_other_request() {
        let budget = Budget::new(0, 10, 0);
        assert_eq!(all(&budget, 0), 100);
        let after_a_second = all(&budget, 1_000);
        assert!((9..=10).contains(&after_a_second), "{after_a_second}");
        assert_eq!(all(&budget, 10_000_000), 100);
    }
}
