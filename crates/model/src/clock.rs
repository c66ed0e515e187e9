//! Time as a value that a test can turn.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Where time comes from. Under [`ManualClock`] both readings move together, and the wall clock can be set.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z; may jump when the machine's clock is set.
    fn unix_ms(&self) -> u64;
    /// Nanoseconds since an arbitrary start; never goes backwards.
    fn monotonic_ns(&self) -> u64;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn unix_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic_ns(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// A clock that stands still until a test turns it.
#[derive(Debug)]
pub struct ManualClock {
    /// Of the wall clock when nothing had elapsed.
    start_unix_ms: AtomicU64,
    elapsed_ns: AtomicU64,
}

impl ManualClock {
    pub fn new(start_unix_ms: u64) -> Self {
        Self { start_unix_ms: AtomicU64::new(start_unix_ms), elapsed_ns: AtomicU64::new(0) }
    }

    pub fn advance_ms(&self, ms: u64) {
        self.elapsed_ns.fetch_add(ms * 1_000_000, Ordering::SeqCst);
    }

    /// Sets the wall clock, as an administrator or a time server does; the monotonic one goes on undisturbed.
    pub fn set_unix_ms(&self, unix_ms: u64) {
        let elapsed_ms = self.elapsed_ns.load(Ordering::SeqCst) / 1_000_000;
        self.start_unix_ms.store(unix_ms.saturating_sub(elapsed_ms), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn unix_ms(&self) -> u64 {
        self.start_unix_ms.load(Ordering::SeqCst) + self.elapsed_ns.load(Ordering::SeqCst) / 1_000_000
    }

    fn monotonic_ns(&self) -> u64 {
        self.elapsed_ns.load(Ordering::SeqCst)
    }
}
