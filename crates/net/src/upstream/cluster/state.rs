//! How a cluster stands, for `status` and metrics: plain values of the moment.

use std::net::SocketAddr;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::Cluster;
use crate::upstream::endpoint::now_ms;

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointState {
    pub address: SocketAddr,
    pub in_flight: u32,
    /// Probes speak against it.
    pub unhealthy: bool,
    /// In milliseconds from now.
    pub ejected_for_ms: Option<u64>,
    /// It was ejected, and nothing has succeeded since its return.
    pub on_trial: bool,
    /// It takes less than its share, for now.
    pub ramps: bool,
    pub failures: u64,
    pub ejections: u64,
    pub probes_failed: u64,
    /// What went wrong last, and how many milliseconds ago.
    pub last_failure: Option<(&'static str, u64)>,
}

/// One name that is resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameState {
    pub name: String,
    pub addresses: usize,
    pub failures: u64,
    /// Why the last resolution failed; the addresses of before are used on.
    pub error: Option<&'static str>,
}

/// Since the cluster is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClusterCounts {
    pub retries: u64,
    /// Not retried for want of budget.
    pub retries_without_budget: u64,
    /// Refused because every endpoint had its fill.
    pub overloaded: u64,
    /// Refused because every endpoint was ejected.
    pub unavailable: u64,
    /// Ejections that did not take place because too many others were ejected.
    pub kept_by_floor: u64,
    /// At the moment.
    pub pending: usize,
}

impl Cluster {
    pub fn endpoint_states(&self) -> Vec<EndpointState> {
        let now_ms = now_ms();
        let endpoints = self.endpoints.load();
        let states = endpoints.iter().map(|endpoint| {
            let standing = &endpoint.standing;
            standing.settle(now_ms);
            let until = standing.ejected_until_ms.load(Ordering::Relaxed);
            EndpointState {
                address: endpoint.address,
                in_flight: endpoint.in_flight.load(Ordering::Relaxed),
                unhealthy: standing.is_unhealthy.load(Ordering::Relaxed),
                ejected_for_ms: until.checked_sub(now_ms).filter(|left| *left > 0),
                on_trial: standing.is_on_trial(),
                ramps: self.config.slow_start.is_some() && standing.ramp_from_ms.load(Ordering::Relaxed) != 0,
                failures: standing.counts.failures.load(Ordering::Relaxed),
                ejections: standing.counts.ejections.load(Ordering::Relaxed),
                probes_failed: standing.counts.probes_failed.load(Ordering::Relaxed),
                last_failure: standing
                    .last_failure()
                    .map(|(detail, at_ms)| (detail, now_ms.saturating_sub(at_ms))),
            }
        });
        states.collect()
    }

    /// Targets that are names.
    pub fn name_states(&self) -> Vec<NameState> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let states = names.iter().filter(|name| !name.is_address()).map(|name| NameState {
            name: name.host.clone(),
            addresses: name.addresses.len(),
            failures: name.failures_total,
            error: name.error,
        });
        states.collect()
    }

    pub fn counts(&self) -> ClusterCounts {
        let (retries, retries_without_budget) = self.budget.counts();
        ClusterCounts {
            retries,
            retries_without_budget,
            overloaded: self.gate.refused.load(Ordering::Relaxed),
            unavailable: self.gate.unavailable.load(Ordering::Relaxed),
            kept_by_floor: self.gate.kept_by_floor.load(Ordering::Relaxed),
            pending: self.gate.waiting.load(Ordering::Relaxed),
        }
    }
}
