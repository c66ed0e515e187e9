//! One address of a service: its connections, the requests it has at the moment, and how it has done lately.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Instant;

use super::cluster::Gate;
use super::{Health, Pool, UpstreamConfig};
use crate::tls::Securing;

/// Milliseconds since the first question; never 0, so that 0 can say "not".
pub(super) fn now_ms() -> u64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(BEGAN.elapsed().as_millis()).unwrap_or(u64::MAX / 2) + 1
}

/// Shared by every cluster that reaches the same address in the same way.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub address: SocketAddr,
    pub pool: Pool,
    pub in_flight: AtomicU32,
    pub standing: Standing,
    of: Identity,
}

/// What makes an endpoint what it is. A cluster with the same finds the same endpoint, whatever else is configured.
#[derive(Debug, PartialEq)]
struct Identity {
    config: UpstreamConfig,
    health: Option<Health>,
    lines_max: usize,
}

/// A time that is always over, as [`now_ms`] begins with it.
pub(super) const ON_TRIAL: u64 = 1;

/// How it has done: what requests showed (passive), and what probes showed (active).
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// In a row, without a success between them.
    pub failures: AtomicU32,
    /// 0: not ejected; [`ON_TRIAL`]: no longer, and nothing has succeeded since.
    pub ejected_until_ms: AtomicU64,
    /// Requests begun on trial that have neither succeeded nor failed yet.
    trials: AtomicU32,
    /// In a row, each longer than the one before.
    pub ejections_in_a_row: AtomicU32,
    /// When its last trial succeeded.
    pub proven_ms: AtomicU64,
    /// 0: takes its whole share.
    pub ramp_from_ms: AtomicU64,
    pub is_unhealthy: AtomicBool,
    /// Probes in a row that contradict `is_unhealthy`.
    pub probes_against: AtomicU32,
    pub next_probe_ms: AtomicU64,
    pub counts: Counts,
    last_failure: Mutex<Option<(&'static str, u64)>>,
}

/// Since the endpoint is known.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub failures: AtomicU64,
    pub ejections: AtomicU64,
    pub probes_failed: AtomicU64,
}

impl Standing {
    pub fn is_ejected(&self, now_ms: impl FnOnce() -> u64) -> bool {
        let until = self.ejected_until_ms.load(Ordering::Relaxed);
        until != 0 && now_ms() < until
    }

    /// Ends an ejection that is over: from here to the first success the endpoint is on trial (half-open).
    pub fn settle(&self, now_ms: u64) {
        let until = self.ejected_until_ms.load(Ordering::Relaxed);
        if until <= ON_TRIAL || now_ms < until {
            return;
        }
        let ended = self
            .ejected_until_ms
            .compare_exchange(until, ON_TRIAL, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok();
        if ended {
            self.failures.store(0, Ordering::Relaxed);
            self.ramp_from_ms.store(now_ms, Ordering::Relaxed);
        }
    }

    pub fn is_on_trial(&self) -> bool {
        self.ejected_until_ms.load(Ordering::Relaxed) == ON_TRIAL
    }

    /// Whether a trial of `max` requests has no place left.
    pub fn is_trial_full(&self, max: u32) -> bool {
        self.trials.load(Ordering::Relaxed) >= self.trial_places(max)
    }

    /// How many may be on trial at once. A failure takes its place along, so that `max` of them have cost `max` requests;
    /// one place is always there, because another cluster may bear more failures than this one.
    fn trial_places(&self, max: u32) -> u32 {
        max.saturating_sub(self.failures.load(Ordering::Relaxed)).max(1)
    }

    fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// A failure that is counted and told of, and says nothing of how the endpoint is now.
    fn failed_long_ago(&self, detail: &'static str, now_ms: u64) {
        self.counts.failures.fetch_add(1, Ordering::Relaxed);
        self.remember(detail, now_ms);
    }

    /// How many there are in a row with this one.
    pub fn failed(&self, detail: &'static str, now_ms: u64) -> u32 {
        self.failed_long_ago(detail, now_ms);
        self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    pub fn remember(&self, detail: &'static str, now_ms: u64) {
        *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some((detail, now_ms));
    }

    /// What went wrong last, and when.
    pub fn last_failure(&self) -> Option<(&'static str, u64)> {
        *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a cluster lets one endpoint have at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub in_flight_max: u32,
    /// Requests while it is on trial.
    pub trials_max: u32,
}

/// One request at an endpoint, from its choice to the last byte of the answer.
#[derive(Debug)]
pub(super) struct Lease {
    pub endpoint: Arc<Endpoint>,
    gate: Arc<Gate>,
    /// Begun on trial, and without a verdict so far.
    is_trial: bool,
}

impl Lease {
    /// `None`: the endpoint has as many requests as it may have.
    pub fn take(endpoint: &Arc<Endpoint>, room: Room, gate: &Arc<Gate>) -> Option<Self> {
        let standing = &endpoint.standing;
        let is_trial = standing.is_on_trial();
        if is_trial && !occupy(&standing.trials, standing.trial_places(room.trials_max)) {
            return None;
        }
        if !occupy(&endpoint.in_flight, room.in_flight_max) {
            if is_trial {
                standing.trials.fetch_sub(1, Ordering::Relaxed);
            }
            return None;
        }
        Some(Self { endpoint: Arc::clone(endpoint), gate: Arc::clone(gate), is_trial })
    }

    /// The head of an answer came that does not speak against the endpoint.
    pub fn succeeded(&mut self) {
        let standing = &self.endpoint.standing;
        standing.succeeded();
        if self.is_trial {
            // Unless it is ejected anew already.
            let until = &standing.ejected_until_ms;
            if until.compare_exchange(ON_TRIAL, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                standing.proven_ms.store(now_ms(), Ordering::Relaxed);
            }
            self.judged();
        }
    }

    /// The answer, or that there is none, speaks against the endpoint.
    #[cold]
    pub fn failed(&mut self, detail: &'static str) {
        self.broke_off(detail);
        self.judged();
    }

    /// The answer broke off.
    #[cold]
    pub fn broke_off(&self, detail: &'static str) {
        let (standing, now_ms) = (&self.endpoint.standing, now_ms());
        standing.settle(now_ms);
        if standing.is_on_trial() && !self.is_trial {
            // Begun before the ejection: a trial is lost by its own requests.
            standing.failed_long_ago(detail, now_ms);
        } else {
            self.gate.failed(&self.endpoint, detail);
        }
    }

    /// Gives the place of a trial back: what is left of the answer may take its time.
    fn judged(&mut self) {
        if std::mem::take(&mut self.is_trial) {
            self.endpoint.standing.trials.fetch_sub(1, Ordering::Relaxed);
            self.gate.freed();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.judged();
        self.endpoint.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.gate.freed();
    }
}

/// One more of at most `max`; `false` when there is no place left.
fn occupy(places: &AtomicU32, max: u32) -> bool {
    let has_room = places.fetch_add(1, Ordering::Relaxed) < max;
    if !has_room {
        places.fetch_sub(1, Ordering::Relaxed);
    }
    has_room
}

/// Every endpoint that some cluster uses. It is what a reload carries over: connections, counts and standing.
#[derive(Debug, Default)]
pub struct Endpoints(Mutex<Vec<Weak<Endpoint>>>);

impl Endpoints {
    /// The endpoint at `address`, as it is known, or a new one.
    pub(super) fn get(
        &self,
        address: SocketAddr,
        config: &UpstreamConfig,
        health: Option<&Health>,
        securing: Option<&Securing>,
        lines_max: usize,
    ) -> Arc<Endpoint> {
        let of = Identity { config: config.clone(), health: health.cloned(), lines_max };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|endpoint| endpoint.strong_count() > 0);
        let same = |endpoint: &Arc<Endpoint>| endpoint.address == address && endpoint.of == of;
        if let Some(endpoint) = known.iter().filter_map(Weak::upgrade).find(same) {
            return endpoint;
        }
        let endpoint = Arc::new(Endpoint {
            address,
            pool: Pool::at(config, address, securing.cloned(), lines_max),
            in_flight: AtomicU32::new(0),
            standing: Standing::default(),
            of,
        });
        known.push(Arc::downgrade(&endpoint));
        endpoint
    }
}
