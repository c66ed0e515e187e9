//! What a connection of HTTP/2 has done so far, and when it has done too much of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::super::{Ended, Places};

/// Requests that a client may cancel after they reached the handler, beyond one for every two that were answered.
const CANCELLED_MAX: u64 = 100;

pub(super) struct Pulse {
    places: Places,
    active: AtomicUsize,
    begun: AtomicU64,
    answered: AtomicU64,
    cancelled: AtomicU64,
    /// Rung when the client cancels more than it takes answers.
    resets: Notify,
    /// Rung when the client sends frames that carry nothing beyond its budget.
    empty_frames: Notify,
    /// Rung when nothing is being answered any more, and somebody waits for a place.
    rested: Notify,
    /// The connection is being ended for its client's conduct.
    is_dismissed: AtomicBool,
}

impl Pulse {
    pub(super) fn new(places: Places) -> Self {
        Self {
            places,
            active: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            cancelled: AtomicU64::new(0),
            resets: Notify::new(),
            empty_frames: Notify::new(),
            rested: Notify::new(),
            is_dismissed: AtomicBool::new(false),
        }
    }

    /// Requests so far.
    pub(super) fn beats(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Whether nothing is being answered.
    pub(super) fn is_idle(&self) -> bool {
        self.active.load(Ordering::Relaxed) == 0
    }

    /// Resolves when the client has done more than it may.
    pub(super) async fn conduct(&self) -> Ended {
        tokio::select! {
            () = self.resets.notified() => Ended::Resets,
            () = self.empty_frames.notified() => Ended::EmptyFrames,
        }
    }

    pub(super) fn frames_are_empty(&self) {
        self.empty_frames.notify_one();
    }

    /// From now on the client is only told why the connection ends.
    pub(super) fn dismiss(&self) {
        self.is_dismissed.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_dismissed(&self) -> bool {
        self.is_dismissed.load(Ordering::Relaxed)
    }

    pub(super) async fn came_to_rest(&self) {
        self.rested.notified().await;
    }
}

/// One request's part in the pulse, from its head to the end of its answer.
pub(super) struct Beat {
    pulse: Arc<Pulse>,
    is_answered: bool,
}

impl Beat {
    pub(super) fn new(pulse: &Arc<Pulse>) -> Self {
        pulse.active.fetch_add(1, Ordering::Relaxed);
        pulse.begun.fetch_add(1, Ordering::Relaxed);
        Self { pulse: Arc::clone(pulse), is_answered: false }
    }

    /// The answer is out, or its failure was not of the client's making.
    pub(super) fn answered(&mut self) {
        self.is_answered = true;
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        let pulse = &self.pulse;
        if pulse.active.fetch_sub(1, Ordering::Relaxed) == 1 && pulse.places.is_crowded() {
            pulse.rested.notify_one();
        }
        if self.is_answered {
            pulse.answered.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let cancelled = pulse.cancelled.fetch_add(1, Ordering::Relaxed) + 1;
        if cancelled > CANCELLED_MAX + pulse.answered.load(Ordering::Relaxed) / 2 {
            pulse.resets.notify_one();
        }
    }
}
