//! How many calls to its service one principal may cause beyond its own requests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Identities told apart within a minute; further ones share one budget.
const IDENTITIES_MAX: usize = 100_000;
const WINDOW_NS: u64 = 60_000_000_000;

#[derive(Default)]
pub(super) struct Budget {
    window: Mutex<Window>,
}

#[derive(Default)]
struct Window {
    begun_ns: u64,
    used: HashMap<[u8; 32], u32>,
}

impl Budget {
    /// Takes one of so many a minute; `false` when nothing is left. Those who are nobody in particular are one.
    pub(super) fn take(&self, identity: Option<[u8; 32]>, calls_max: u32, now_ns: u64) -> bool {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now_ns.saturating_sub(window.begun_ns) >= WINDOW_NS {
            window.begun_ns = now_ns;
            window.used.clear();
        }
        let identity = identity.unwrap_or_default();
        let crowded = window.used.len() >= IDENTITIES_MAX && !window.used.contains_key(&identity);
        let used = window.used.entry(if crowded { [0; 32] } else { identity }).or_insert(0);
        if *used >= calls_max {
            return false;
        }
        *used += 1;
        true
    }
}
