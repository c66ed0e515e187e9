//! Every endpoint of a service: chosen among, asked, judged by their answers, and asked again elsewhere where that is
//! safe.

mod config;
mod keep;
mod send;
mod state;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use super::budget::Budget;
use super::choose::{Choice, Chooser};
use super::endpoint::{Endpoint, Endpoints, Lease, now_ms};
use super::{Eject, Health, UpstreamError, http2};
use crate::tls::{Securing, TlsError};

pub use config::{ClusterConfig, Retries, Target};
pub use send::{Delivery, FailedTry, Terms, Undelivered};
pub use state::{ClusterCounts, EndpointState, NameState};

/// Endpoints of one cluster.
const ENDPOINTS_MAX: usize = 256;
/// A waiting request looks again this often: a place may come free in another cluster that shares the endpoint.
const WAIT_STEP: Duration = Duration::from_millis(100);

/// The service behind an API. Opens nothing before the first request or [`Cluster::keep`].
#[derive(Debug)]
pub struct Cluster {
    config: ClusterConfig,
    known: Arc<Endpoints>,
    securing: Option<Securing>,
    health: Option<Arc<Health>>,
    endpoints: ArcSwap<Vec<Arc<Endpoint>>>,
    /// One a target, in the order of the targets.
    names: Mutex<Vec<keep::Name>>,
    resolving: tokio::sync::Mutex<()>,
    chooser: Chooser,
    gate: Arc<Gate>,
    budget: Budget,
    is_kept: AtomicBool,
}

/// What a request's end is told to: counts of the cluster, and who waits.
#[derive(Debug)]
pub(super) struct Gate {
    eject: Eject,
    /// How many endpoints there are, and may be ejected at a time, as of the last change.
    members: ArcSwap<Vec<Arc<Endpoint>>>,
    ejecting: Mutex<()>,
    waiting: AtomicUsize,
    free: Notify,
    refused: AtomicU64,
    unavailable: AtomicU64,
    /// Endpoints that should have been ejected and had to stay.
    kept_by_floor: AtomicU64,
}

impl Gate {
    pub fn freed(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.free.notify_one();
        }
    }

    /// An endpoint failed a request: too often in a row, and it is ejected, if there are enough others.
    pub fn failed(&self, endpoint: &Endpoint, detail: &'static str) {
        let now_ms = now_ms();
        let in_a_row = endpoint.standing.failed(detail, now_ms);
        if self.eject.failures == 0 || in_a_row < self.eject.failures {
            return;
        }
        let _one_at_a_time = self.ejecting.lock().unwrap_or_else(PoisonError::into_inner);
        if endpoint.standing.is_ejected(|| now_ms) {
            // The last requests of before.
            return;
        }
        let members = self.members.load();
        let out = members.iter().filter(|one| one.standing.is_ejected(|| now_ms)).count();
        if out < self.eject.room(members.len()) {
            self.eject.eject(endpoint, now_ms);
        } else {
            self.kept_by_floor.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Cluster {
    /// `known` holds the endpoints that other clusters use; the same address reached in the same way is the same.
    ///
    /// Errors: the roots or the client certificate cannot be read, or there are none.
    pub fn new(config: ClusterConfig, known: &Arc<Endpoints>) -> Result<Self, TlsError> {
        let gate = Gate {
            eject: config.eject.clone(),
            members: ArcSwap::default(),
            ejecting: Mutex::default(),
            waiting: AtomicUsize::new(0),
            free: Notify::new(),
            refused: AtomicU64::new(0),
            unavailable: AtomicU64::new(0),
            kept_by_floor: AtomicU64::new(0),
        };
        let retries = &config.retries;
        let cluster = Self {
            securing: config.upstream.securing()?,
            health: config.health.clone().map(Arc::new),
            known: Arc::clone(known),
            endpoints: ArcSwap::default(),
            names: Mutex::new(config.targets.iter().map(keep::Name::new).collect()),
            resolving: tokio::sync::Mutex::default(),
            chooser: Chooser::new(config.in_flight_cap(), config.slow_start, &config.eject),
            gate: Arc::new(gate),
            budget: Budget::new(retries.budget_per_10k, retries.per_second_min, now_ms()),
            is_kept: AtomicBool::new(false),
            config,
        };
        cluster.rebuild();
        Ok(cluster)
    }

    /// What it was made of.
    pub fn config(&self) -> &ClusterConfig {
        &self.config
    }

    /// Makes the endpoints from the addresses that are known; those that were there stay as they are.
    fn rebuild(&self) {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let lines_max = self.config.connections_max.map_or(http2::LINES, |max| max as usize);
        let before = self.endpoints.load();
        let mut endpoints: Vec<Arc<Endpoint>> = Vec::new();
        for (target, name) in self.config.targets.iter().zip(names.iter()) {
            let mut config = self.config.upstream.clone();
            config.host.clone_from(&target.host);
            config.port = target.port;
            for address in &name.addresses {
                let address = (*address, target.port).into();
                let found = self.known.get(
                    address,
                    &config,
                    self.config.health.as_ref(),
                    self.securing.as_ref(),
                    lines_max,
                );
                let is_new = !before.iter().any(|one| Arc::ptr_eq(one, &found));
                if is_new && !before.is_empty() && Arc::strong_count(&found) == 1 {
                    // Among others that are warm already.
                    found.standing.ramp_from_ms.store(now_ms(), Ordering::Relaxed);
                }
                if endpoints.len() < ENDPOINTS_MAX && !endpoints.iter().any(|one| Arc::ptr_eq(one, &found)) {
                    endpoints.push(found);
                }
            }
        }
        let endpoints = Arc::new(endpoints);
        self.gate.members.store(Arc::clone(&endpoints));
        self.endpoints.store(endpoints);
    }

    /// A place at an endpoint, waiting for one where that is allowed. `avoid`: those that have failed this request.
    async fn place(
        &self,
        avoid: &[FailedTry],
        may_wait: bool,
    ) -> Result<Lease, (UpstreamError, Option<u64>)> {
        let mut choice = self.choose(avoid);
        if matches!(choice, Choice::Nothing) && avoid.is_empty() {
            self.resolve_now().await.map_err(|error| (error, None))?;
            choice = self.choose(avoid);
        }
        match choice {
            Choice::Taken(lease) => Ok(lease),
            Choice::Nothing => {
                Err((UpstreamError::unreachable("no address of the service accepts a connection"), None))
            }
            Choice::Ejected(in_ms) => {
                self.gate.unavailable.fetch_add(1, Ordering::Relaxed);
                let error = UpstreamError::unavailable(
                    "every endpoint of the service is ejected, or not proven again",
                );
                Err((error, Some(in_ms.div_ceil(1_000).max(1))))
            }
            Choice::Full if may_wait => self.wait(avoid).await.ok_or_else(|| {
                self.gate.refused.fetch_add(1, Ordering::Relaxed);
                (UpstreamError::overloaded("every endpoint of the service has its fill of requests"), Some(1))
            }),
            Choice::Full => {
                Err((UpstreamError::overloaded("every other endpoint has its fill of requests"), Some(1)))
            }
        }
    }

    fn choose(&self, avoid: &[FailedTry]) -> Choice {
        let endpoints = self.endpoints.load();
        let avoided = |endpoint: &Endpoint| avoid.iter().any(|failed| failed.address == endpoint.address);
        self.chooser.choose(&endpoints, avoided, &self.gate)
    }

    /// Waits for a place as long as for a connection; `None`: as many wait as may, or it took too long.
    async fn wait(&self, avoid: &[FailedTry]) -> Option<Lease> {
        let _waiting = Waiting::begin(&self.gate, self.config.pending_max)?;
        let waiting = async {
            loop {
                let freed = self.gate.free.notified();
                match self.choose(avoid) {
                    Choice::Taken(lease) => return Some(lease),
                    Choice::Full => {}
                    Choice::Nothing | Choice::Ejected(_) => return None,
                }
                let _ = tokio::time::timeout(WAIT_STEP, freed).await;
            }
        };
        tokio::time::timeout(self.config.upstream.connect, waiting).await.ok().flatten()
    }
}

/// A request that waits for a place; it is counted until it has one or has given up.
struct Waiting<'g>(&'g Gate);

impl<'g> Waiting<'g> {
    fn begin(gate: &'g Gate, pending_max: u32) -> Option<Self> {
        let waiting = Self(gate);
        let before = gate.waiting.fetch_add(1, Ordering::Relaxed);
        (before < pending_max as usize).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
