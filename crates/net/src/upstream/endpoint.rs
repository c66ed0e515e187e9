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

/// How it has done: what requests showed (passive), and what probes showed (active).
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// In a row, without a success between them.
    pub failures: AtomicU32,
    /// 0: not ejected.
    pub ejected_until_ms: AtomicU64,
    /// In a row, each longer than the one before.
    pub ejections_in_a_row: AtomicU32,
    pub returned_ms: AtomicU64,
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

    /// Ends an ejection that is over.
    pub fn settle(&self, now_ms: u64) {
        let until = self.ejected_until_ms.load(Ordering::Relaxed);
        if until == 0 || now_ms < until {
            return;
        }
        let ended =
            self.ejected_until_ms.compare_exchange(until, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if ended {
            self.failures.store(0, Ordering::Relaxed);
            self.returned_ms.store(now_ms, Ordering::Relaxed);
            self.ramp_from_ms.store(now_ms, Ordering::Relaxed);
        }
    }

    pub fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
    }

    /// How many there are in a row with this one.
    pub fn failed(&self, detail: &'static str, now_ms: u64) -> u32 {
        self.counts.failures.fetch_add(1, Ordering::Relaxed);
        self.remember(detail, now_ms);
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

/// One request at an endpoint, from its choice to the last byte of the answer.
#[derive(Debug)]
pub(super) struct Lease {
    pub endpoint: Arc<Endpoint>,
    gate: Arc<Gate>,
}

impl Lease {
    /// `None`: the endpoint has as many requests as it may have.
    pub fn take(endpoint: &Arc<Endpoint>, in_flight_max: u32, gate: &Arc<Gate>) -> Option<Self> {
        if endpoint.in_flight.fetch_add(1, Ordering::Relaxed) >= in_flight_max {
            endpoint.in_flight.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Self { endpoint: Arc::clone(endpoint), gate: Arc::clone(gate) })
    }

    /// The answer broke off.
    pub fn broke_off(&self, detail: &'static str) {
        self.gate.failed(&self.endpoint, detail);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.endpoint.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.gate.freed();
    }
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
