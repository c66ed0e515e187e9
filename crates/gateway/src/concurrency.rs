//! How many requests an API's service is given at once, and who gives way when there are more.
//!
//! A request counts from when it is about to be forwarded, its own body whole or on its way, to the head of the answer.
//! What streams after that does not count: a caller who reads slowly holds up nobody, and a stream is no load that is
//! measured by how long it takes.

mod gradient;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gradient::{Bounds, Gradient, Sample};

use crate::settings::{Concurrency, Importance};

/// The part of the bound that is free for requests of an importance, in percent. The last is the reserve.
const SHARES: [(Importance, usize); 4] =
    [(Importance::Low, 70), (Importance::Normal, 90), (Importance::High, 100), (Importance::Critical, 110)];

/// The requests in flight of every API that bounds them; kept by the API's name, so that a reload forgets nothing.
#[derive(Default)]
pub struct Concurrencies {
    states: Mutex<HashMap<Arc<str>, Arc<State>>>,
}

struct State {
    in_flight: AtomicUsize,
    /// Whether one was refused since the last answer.
    refused: AtomicBool,
    /// What the gradient last said.
    bound: AtomicUsize,
    gradient: Mutex<Gradient>,
}

/// One API's bound, as one snapshot sets it.
pub(crate) struct Gate {
    state: Arc<State>,
    settings: Concurrency,
}

/// A request in flight. Dropping it without a word counts as nothing learned: the caller went away.
pub(crate) struct Place {
    state: Arc<State>,
    settings: Concurrency,
}

impl Concurrencies {
    pub(crate) fn gate(&self, api: &Arc<str>, settings: Concurrency) -> Gate {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        // What no snapshot uses any more.
        states.retain(|name, state| name == api || Arc::strong_count(state) > 1);
        let state = states.entry(Arc::clone(api)).or_insert_with(|| Arc::new(State::new(&settings)));
        Gate { state: Arc::clone(state), settings }
    }
}

impl State {
    fn new(settings: &Concurrency) -> Self {
        let gradient = Gradient::new(&bounds(settings));
        Self {
            in_flight: AtomicUsize::new(0),
            refused: AtomicBool::new(false),
            bound: AtomicUsize::new(gradient.bound(&bounds(settings))),
            gradient: Mutex::new(gradient),
        }
    }

    fn gradient(&self) -> MutexGuard<'_, Gradient> {
        // Plain numbers: a panic elsewhere leaves nothing half-written that matters.
        self.gradient.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// A place for one request; `None` when those of its importance give way.
    pub(crate) fn enter(&self, importance: Importance) -> Option<Place> {
        let most = allowed(importance, self.bound());
        let free = |in_flight: usize| (in_flight < most).then_some(in_flight + 1);
        if self.state.in_flight.fetch_update(Ordering::AcqRel, Ordering::Acquire, free).is_err() {
            self.state.refused.store(true, Ordering::Relaxed);
            return None;
        }
        Some(Place { state: Arc::clone(&self.state), settings: self.settings })
    }

    pub(crate) fn bound(&self) -> usize {
        let max = self.settings.max;
        if self.settings.adaptive { self.state.bound.load(Ordering::Relaxed).min(max) } else { max }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.state.in_flight.load(Ordering::Relaxed)
    }
}

impl Place {
    /// The head of the answer is there, or will not come because the service did not answer in time.
    pub(crate) fn answered(self, latency_ns: u64, timed_out: bool, now_ns: u64) {
        if !self.settings.adaptive {
            return;
        }
        let in_flight = self.state.in_flight.load(Ordering::Relaxed);
        let refused = self.state.refused.swap(false, Ordering::Relaxed);
        let sample = Sample { latency_ns, in_flight, timed_out, refused };
        let bound = self.state.gradient().take_in(sample, now_ns, &bounds(&self.settings));
        self.state.bound.store(bound, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.state.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Below how many in flight one more of this importance is let in; at least one for everybody.
fn allowed(importance: Importance, bound: usize) -> usize {
    let share = SHARES.iter().find(|(of, _)| *of == importance).map_or(100, |(_, share)| *share);
    bound.saturating_mul(share).div_ceil(100).max(1)
}

fn bounds(settings: &Concurrency) -> Bounds {
    let tolerance = f64::from(settings.tolerance_percent.max(110)) / 100.0;
    let max = settings.max.max(1);
    Bounds { min: settings.min.clamp(1, max), max, tolerance }
}
