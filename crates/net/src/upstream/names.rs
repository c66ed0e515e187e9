//! Names of services: their addresses for as long as DNS says (RFC 1035 section 3.2.1), `/etc/hosts` and
//! `/etc/resolv.conf` included, and the addresses that no name may lead to.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;

use super::UpstreamError;
use crate::fetch::{Guard, smuggles_v4};

/// Addresses of one name that are used.
const ADDRESSES_MAX: usize = 64;
/// How soon a name is asked for again, whatever its TTL.
const TTL_MIN: Duration = Duration::from_secs(1);
/// The longest wait after a failure; the first is [`TTL_MIN`], and each is twice the one before.
const FAILED_WAIT_MAX: Duration = Duration::from_secs(30);

/// How names are resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Dns {
    /// Asked instead of the servers of `/etc/resolv.conf`.
    pub server: Option<SocketAddr>,
    /// A longer TTL is cut to this.
    pub ttl_max: Duration,
    /// Networks that a name may lead to although they are special: address and length of the prefix in bits.
    pub allow: Vec<(IpAddr, u8)>,
}

impl Default for Dns {
    fn default() -> Self {
        Self { server: None, ttl_max: Duration::from_secs(300), allow: Vec::new() }
    }
}

/// What a name led to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// Sorted, each once.
    pub addresses: Vec<IpAddr>,
    pub valid_for: Duration,
}

impl Dns {
    /// The addresses of `host` and how long they hold: A records, or AAAA where there are none.
    pub(super) async fn resolve(&self, host: &str) -> Result<Found, UpstreamError> {
        if let Ok(address) = host.parse() {
            return Ok(Found { addresses: vec![address], valid_for: Duration::MAX });
        }
        // Built anew each time: files of the system may have changed, and a lookup is rare.
        let resolver =
            self.resolver().map_err(|_| UpstreamError::unreachable("no resolver can be set up"))?;
        let answer = resolver
            .lookup_ip(host)
            .await
            .map_err(|_| UpstreamError::unreachable("the host's name has no address"))?;
        let ttl = answer.valid_until().saturating_duration_since(Instant::now());
        self.admit(answer.iter().collect(), ttl)
    }

    fn resolver(&self) -> Result<TokioResolver, hickory_resolver::net::NetError> {
        let mut builder = match self.server {
            None => TokioResolver::builder_tokio().unwrap_or_else(|_| {
                // Without `/etc/resolv.conf` there is still `/etc/hosts`.
                let config = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }),
            Some(server) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = server.port();
                    connection
                });
                let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options = builder.options_mut();
        options.ip_strategy = LookupIpStrategy::Ipv4thenIpv6;
        options.use_hosts_file = ResolveHosts::Always;
        options.cache_size = 0;
        builder.build()
    }

    fn admit(&self, mut addresses: Vec<IpAddr>, ttl: Duration) -> Result<Found, UpstreamError> {
        if addresses.is_empty() {
            return Err(UpstreamError::unreachable("the host's name has no address"));
        }
        let guard = Guard { allow: self.allow.clone() };
        addresses.retain(|address| !is_never_meant(*address) || guard.is_allowed_by_name(*address));
        if addresses.is_empty() {
            return Err(UpstreamError::unreachable(
                "the host's name leads only to addresses that are refused",
            ));
        }
        addresses.sort_unstable();
        addresses.dedup();
        addresses.truncate(ADDRESSES_MAX);
        Ok(Found { addresses, valid_for: ttl.min(self.ttl_max).max(TTL_MIN) })
    }

    /// How long to wait after so many failures in a row.
    pub(super) fn wait_after(&self, failures: u32) -> Duration {
        TTL_MIN.saturating_mul(1 << failures.saturating_sub(1).min(5)).min(FAILED_WAIT_MAX)
    }
}

/// Addresses that no service has, that a cloud keeps its secrets at, or that lead to an IPv4 address that is not seen in
/// them. Written as an address in the configuration they are meant; behind a name they are an attack, or a mistake.
fn is_never_meant(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            // Metadata services outside the link-local network: Alibaba, Azure, Oracle.
            const METADATA: [[u8; 4]; 3] = [[100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]];
            let octets = address.octets();
            address.is_link_local() || octets[0] == 0 || octets[0] >= 224 || METADATA.contains(&octets)
        }
        IpAddr::V6(address) => {
            let first = address.segments()[0];
            let metadata = address.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254];
            let special = address.is_unspecified() || address.is_multicast() || first & 0xffc0 == 0xfe80;
            special || metadata || smuggles_v4(address)
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
