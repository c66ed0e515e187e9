//! A bound on requests in flight that follows the latency of what they wait for: no clock, no lock, no I/O.
//!
//! After the gradient of concurrency-limits (Netflix): while the bound is what holds traffic back, it grows by its root,
//! and shrinks by how much longer an answer takes than it does without a queue. What an answer takes without a queue is
//! the least average of a window within the last minute. It is measured anew while the bound holds traffic back, by
//! lowering the bound for a moment so far that the queue runs empty (as BBR drains its pipe); otherwise a queue that lasts
//! would in time pass for the service's own latency.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "averages of latencies and a bound below a million need no exact arithmetic"
)]

/// A window is over after so long and so many answers.
const WINDOW_NS: u64 = 100_000_000;
const WINDOW_ANSWERS: u32 = 10;
/// How long the least latency is kept, at least once and at most twice.
const BASELINE_NS: u64 = 30_000_000_000;
/// Windows for which the bound is lowered: one to run empty, one to measure.
const PROBE_WINDOWS: u8 = 2;
/// The bound settles a little above the tolerated multiple of what the service does at once; this goes well below that.
const PROBE_DEPTH: f64 = 2.0;
/// How far a window moves the bound to where it should be.
const SMOOTHING: f64 = 0.2;
/// However long an answer took, a window no more than halves the bound.
const GRADIENT_MIN: f64 = 0.5;
/// From where the bound starts, when that is within its range.
const INITIAL: f64 = 100.0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) min: usize,
    pub(crate) max: usize,
    /// The latency that is still good, as a multiple of that without a queue; above 1.
    pub(crate) tolerance: f64,
}

/// One request that has come back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) latency_ns: u64,
    /// Requests in flight, this one among them.
    pub(crate) in_flight: usize,
    /// The service did not answer in time.
    pub(crate) timed_out: bool,
    /// Since the last sample, a request was refused for want of a place.
    pub(crate) refused: bool,
}

#[derive(Debug)]
pub(crate) struct Gradient {
    limit: f64,
    window: Window,
    /// The least average latency of the last [`BASELINE_NS`], and of the time before.
    least_ns: Option<f64>,
    least_before_ns: Option<f64>,
    /// `None` until the bound has held traffic back for the first time.
    least_since_ns: Option<u64>,
    /// Windows left for which the bound is lowered.
    probing: u8,
}

#[derive(Debug, Default)]
struct Window {
    began_ns: Option<u64>,
    answers: u32,
    sum_ns: f64,
    peak: usize,
    timed_out: bool,
    refused: bool,
}

impl Gradient {
    pub(crate) fn new(bounds: &Bounds) -> Self {
        Self {
            limit: INITIAL.clamp(bounds.min as f64, bounds.max as f64),
            window: Window::default(),
            least_ns: None,
            least_before_ns: None,
            least_since_ns: None,
            probing: 0,
        }
    }

    /// Takes in a sample; the bound that holds from now on.
    pub(crate) fn take_in(&mut self, sample: Sample, now_ns: u64, bounds: &Bounds) -> usize {
        let window = &mut self.window;
        let began_ns = *window.began_ns.get_or_insert(now_ns);
        window.answers += 1;
        window.sum_ns += sample.latency_ns as f64;
        window.peak = window.peak.max(sample.in_flight);
        window.timed_out |= sample.timed_out;
        window.refused |= sample.refused;
        let average_ns = window.sum_ns / f64::from(window.answers);
        let length_ns = (WINDOW_NS as f64).max(average_ns);
        if window.answers >= WINDOW_ANSWERS && now_ns.saturating_sub(began_ns) as f64 >= length_ns {
            let window = std::mem::take(&mut self.window);
            self.close(&window, average_ns, now_ns, bounds);
        }
        self.bound(bounds)
    }

    /// As it is now.
    pub(crate) fn bound(&self, bounds: &Bounds) -> usize {
        let limit = self.limit.clamp(bounds.min as f64, bounds.max as f64);
        let lowered = if self.probing > 0 { limit / bounds.tolerance / PROBE_DEPTH } else { limit };
        (lowered.round() as usize).max(1)
    }

    fn close(&mut self, window: &Window, average_ns: f64, now_ns: u64, bounds: &Bounds) {
        if self.probing > 0 {
            self.probing -= 1;
            // The first window still holds what was in the queue.
            if self.probing == 0 {
                self.remember(average_ns);
            }
            return;
        }
        self.remember(average_ns);
        let is_due = match self.least_since_ns {
            Some(since_ns) => now_ns.saturating_sub(since_ns) >= BASELINE_NS,
            // What was measured so far may have been a queue all along.
            None => window.refused,
        };
        if is_due {
            self.least_since_ns = Some(now_ns);
            self.least_before_ns = self.least_ns.take();
            // Where nothing is refused nothing is to be lowered either: the traffic that there is tells enough.
            self.probing = if window.refused { PROBE_WINDOWS } else { 0 };
        }
        // Below half of the bound it is not the bound that holds traffic back, and nothing is known of it.
        if window.peak as f64 * 2.0 < self.limit {
            return;
        }
        let least_ns = self.least_without_queue();
        let gradient = if window.timed_out {
            GRADIENT_MIN
        } else {
            (bounds.tolerance * least_ns / average_ns.max(1.0)).clamp(GRADIENT_MIN, 1.0)
        };
        let target = self.limit * gradient + self.limit.sqrt();
        let limit = self.limit + (target - self.limit) * SMOOTHING;
        self.limit = limit.clamp(bounds.min as f64, bounds.max as f64);
    }

    fn remember(&mut self, average_ns: f64) {
        self.least_ns = Some(self.least_ns.map_or(average_ns, |least| least.min(average_ns)));
    }

    fn least_without_queue(&self) -> f64 {
        match (self.least_ns, self.least_before_ns) {
            (Some(now), Some(before)) => now.min(before),
            (now, before) => now.or(before).unwrap_or(f64::MAX),
        }
    }
}
