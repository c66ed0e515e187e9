//! How many fetches one caller may cause.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use model::{Caller, Principal};

const WINDOW_NS: u64 = 60_000_000_000;
/// Callers told apart within one window; further ones share one budget, so that a flood cannot use up memory.
const CALLERS_MAX: usize = 50_000;

/// Who pays for a question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    Principal(Principal),
    /// IPv6 by /64, because a host has that many addresses for nothing.
    Address(IpAddr),
    Everyone,
}

impl Who {
    pub(crate) fn of(caller: Option<&Caller>, address: IpAddr) -> Self {
        if let Some(principal) = caller.and_then(|caller| caller.principal.as_ref()) {
            return Self::Principal(principal.clone());
        }
        Self::Address(net::network(address))
    }
}

pub(super) struct Budgets {
    per_window: u32,
    state: Mutex<Window>,
}

#[derive(Default)]
struct Window {
    begun_ns: u64,
    used: HashMap<Who, u32>,
}

impl Budgets {
    pub(super) fn new(per_window: u32) -> Self {
        Self { per_window, state: Mutex::default() }
    }

    /// Takes one from the budget; `false` when nothing is left.
    pub(super) fn take(&self, who: &Who, now_ns: u64) -> bool {
        let mut window = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if now_ns.saturating_sub(window.begun_ns) >= WINDOW_NS {
            window.begun_ns = now_ns;
            window.used.clear();
        }
        let crowded = window.used.len() >= CALLERS_MAX && !window.used.contains_key(who);
        let used = window.used.entry(if crowded { Who::Everyone } else { who.clone() }).or_insert(0);
        if *used >= self.per_window {
            return false;
        }
        *used += 1;
        true
    }
}
