//! How the services stand, for `status` and metrics.

use net::upstream::{Cluster, ClusterCounts, EndpointState, NameState};
use serde::Serialize;

/// One API's service at the moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceStatus {
    pub endpoints: Vec<EndpointStatus>,
    /// Targets that are names.
    pub names: Vec<NameStatus>,
    /// Requests that wait for a place.
    pub pending: usize,
    pub retries: u64,
    pub retries_without_budget: u64,
    pub overloaded: u64,
    pub unavailable: u64,
    /// Ejections that did not take place because too many others were ejected.
    pub ejections_forgone: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndpointStatus {
    pub address: String,
    /// `up`, `ramping`, `returning` (ejected before, and nothing has succeeded since), `unhealthy` or `ejected`.
    pub state: &'static str,
    pub in_flight: u32,
    pub ejected_for_ms: Option<u64>,
    pub failures: u64,
    pub ejections: u64,
    pub probes_failed: u64,
    pub last_failure: Option<&'static str>,
    pub last_failure_ms_ago: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NameStatus {
    pub name: String,
    pub addresses: usize,
    pub failures: u64,
    /// While it fails the addresses of before are used on.
    pub error: Option<&'static str>,
}

pub(crate) fn service(cluster: &Cluster) -> ServiceStatus {
    let ClusterCounts { retries, retries_without_budget, overloaded, unavailable, kept_by_floor, pending } =
        cluster.counts();
    ServiceStatus {
        endpoints: cluster.endpoint_states().into_iter().map(endpoint).collect(),
        names: cluster.name_states().into_iter().map(name).collect(),
        pending,
        retries,
        retries_without_budget,
        overloaded,
        unavailable,
        ejections_forgone: kept_by_floor,
    }
}

fn endpoint(state: EndpointState) -> EndpointStatus {
    let word = match &state {
        EndpointState { ejected_for_ms: Some(_), .. } => "ejected",
        EndpointState { unhealthy: true, .. } => "unhealthy",
        EndpointState { on_trial: true, .. } => "returning",
        EndpointState { ramps: true, .. } => "ramping",
        _ => "up",
    };
    EndpointStatus {
        address: state.address.to_string(),
        state: word,
        in_flight: state.in_flight,
        ejected_for_ms: state.ejected_for_ms,
        failures: state.failures,
        ejections: state.ejections,
        probes_failed: state.probes_failed,
        last_failure: state.last_failure.map(|(detail, _)| detail),
        last_failure_ms_ago: state.last_failure.map(|(_, ago_ms)| ago_ms),
    }
}

fn name(state: NameState) -> NameStatus {
    let NameState { name, addresses, failures, error } = state;
    NameStatus { name, addresses, failures, error }
}
