//! What a cluster is made of.

use std::time::Duration;

use crate::upstream::{Dns, Eject, Health, UpstreamConfig};

/// Where one target is. A name may lead to several addresses: each is an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A name, an IPv4 address, or an IPv6 address with or without brackets.
    pub host: String,
    pub port: u16,
}

/// A service with all that is known of how to reach it.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterConfig {
    /// How each endpoint is reached. Host and port are the target's.
    pub upstream: UpstreamConfig,
    pub targets: Vec<Target>,
    /// How long a new or returned endpoint takes to get its whole share; `None`: it gets it at once.
    pub slow_start: Option<Duration>,
    /// Requests at one endpoint at a time.
    pub in_flight_max: u32,
    /// Requests that wait for a place, when every endpoint has its fill.
    pub pending_max: u32,
    /// Connections to one endpoint. HTTP/1.1 needs one for each request; HTTP/2 has at most 4.
    pub connections_max: Option<u32>,
    pub health: Option<Health>,
    pub eject: Eject,
    pub retries: Retries,
    pub dns: Dns,
}

/// When a request is sent again, to another endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// Beyond the first; 0: never.
    pub attempts: u32,
    /// Of the requests of about the last ten seconds, in hundredths of a percent.
    pub budget_per_10k: u16,
    /// Retries that are allowed each second however few requests there are.
    pub per_second_min: u32,
    /// How long one try may take to the answer's head; `None`: as long as the request.
    pub per_try: Option<Duration>,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 1, budget_per_10k: 2_000, per_second_min: 10, per_try: None }
    }
}

impl ClusterConfig {
    /// One target, with the defaults.
    pub fn new(upstream: UpstreamConfig) -> Self {
        let targets = vec![Target { host: upstream.host.clone(), port: upstream.port }];
        Self {
            upstream,
            targets,
            slow_start: None,
            in_flight_max: 10_000,
            pending_max: 1_000,
            connections_max: None,
            health: None,
            eject: Eject::default(),
            retries: Retries::default(),
            dns: Dns::default(),
        }
    }

    pub(super) fn in_flight_cap(&self) -> u32 {
        match self.connections_max {
            // Each request has a connection to itself.
            Some(connections) if !self.upstream.http2 => self.in_flight_max.min(connections),
            _ => self.in_flight_max,
        }
    }
}
