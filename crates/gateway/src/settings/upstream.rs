//! The service behind an API.

use std::time::Duration;

use net::upstream::{Eject, Health, Retries, Target};

#[derive(Debug, Clone)]
pub struct Upstream {
    /// `http` or `https`.
    pub scheme: String,
    /// At least one. All are reached in the same way.
    pub targets: Vec<Target>,
    /// Replaces `base_path` when given; without trailing slash.
    pub base_path: Option<String>,
    pub http2: bool,
    /// Under `https`: how the service is recognised, and what it is shown.
    pub tls: net::ClientTls,
    pub balancing: Balancing,
}

/// How requests are spread over the endpoints of a service, and what holds when one does not answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Balancing {
    pub slow_start: Option<Duration>,
    /// Requests at one endpoint at a time.
    pub in_flight_max: u32,
    /// Requests that wait for a place.
    pub pending_max: u32,
    /// Connections to one endpoint.
    pub connections_max: Option<u32>,
    pub health: Option<Health>,
    pub eject: Eject,
    pub retries: Retries,
    /// The server that is asked for names, instead of the system's.
    pub dns_server: Option<std::net::SocketAddr>,
    pub dns_ttl_max: Duration,
}

impl Default for Balancing {
    fn default() -> Self {
        Self {
            slow_start: None,
            in_flight_max: 10_000,
            pending_max: 1_000,
            connections_max: None,
            health: None,
            eject: Eject::default(),
            retries: Retries::default(),
            dns_server: None,
            dns_ttl_max: Duration::from_secs(300),
        }
    }
}

impl Upstream {
    /// `http://a:3000`, or several with commas between them; for people.
    pub fn label(&self) -> String {
        let default_port = if self.scheme == "https" { 443 } else { 80 };
        let target = |target: &Target| {
            let host = &target.host;
            let host =
                if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.clone() };
            if target.port == default_port { host } else { format!("{host}:{}", target.port) }
        };
        let targets: Vec<_> = self.targets.iter().map(target).collect();
        format!("{}://{}", self.scheme, targets.join(","))
    }
}
