//! The services behind the APIs: one cluster for equal settings, and endpoints that outlive a reload.

use std::sync::{Arc, Mutex, PoisonError};

use net::upstream::{Cluster, ClusterConfig, Dns, Endpoints, Scheme, UpstreamConfig};

use crate::settings::{Api, Settings};

/// Where one API is forwarded to.
pub(crate) struct Upstream {
    pub(crate) cluster: Arc<Cluster>,
    /// Stands before every path; empty or beginning with `/`.
    pub(crate) base_path: String,
    /// `http://host:port`, for people.
    pub(crate) label: Arc<str>,
}

/// Clusters in use. One survives a reload when nothing of its settings changed; an endpoint survives when the way it is
/// reached did not, whatever becomes of its cluster.
#[derive(Default)]
pub(crate) struct Upstreams {
    clusters: Mutex<Vec<Arc<Cluster>>>,
    endpoints: Arc<Endpoints>,
}

impl Upstreams {
    pub(crate) fn get(&self, api: &Api, settings: &Settings) -> Result<Arc<Upstream>, String> {
        let config = config(api, settings)?;
        let mut clusters = self.clusters.lock().unwrap_or_else(PoisonError::into_inner);
        let cluster = match clusters.iter().find(|cluster| *cluster.config() == config) {
            Some(cluster) => Arc::clone(cluster),
            None => {
                let cluster = Cluster::new(config, &self.endpoints).map_err(|fault| fault.to_string())?;
                let cluster = Arc::new(cluster);
                clusters.push(Arc::clone(&cluster));
                cluster
            }
        };
        Ok(Arc::new(Upstream {
            cluster,
            base_path: api.upstream.base_path.clone().unwrap_or_else(|| api.base_path.clone()),
            label: api.upstream.label().into(),
        }))
    }

    /// Lets go of clusters that no snapshot uses any more; their requests end as they began.
    pub(crate) fn drop_unused(&self) {
        let mut clusters = self.clusters.lock().unwrap_or_else(PoisonError::into_inner);
        clusters.retain(|cluster| Arc::strong_count(cluster) > 1);
    }

    /// Probes and names begin now, and not with the first request.
    pub(crate) fn keep(&self) {
        for cluster in &*self.clusters.lock().unwrap_or_else(PoisonError::into_inner) {
            cluster.keep();
        }
    }
}

fn config(api: &Api, settings: &Settings) -> Result<ClusterConfig, String> {
    let (upstream, timeouts) = (&api.upstream, &settings.timeouts);
    let scheme = match upstream.scheme.as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return Err("its scheme is neither http nor https".to_owned()),
    };
    let Some(first) = upstream.targets.first() else { return Err("it has no target".to_owned()) };
    let is_named = |host: &str| http::HeaderValue::from_str(host).is_ok() && !host.is_empty();
    if !upstream.targets.iter().all(|target| is_named(&target.host)) {
        return Err("its host is not well-formed".to_owned());
    }
    let mut reached = UpstreamConfig::new(scheme, first.host.as_str(), first.port);
    reached.http2 = upstream.http2;
    reached.tls = upstream.tls.clone();
    reached.connect = timeouts.upstream_connect;
    reached.head = timeouts.upstream_head;
    reached.body = timeouts.upstream_body;
    let balancing = &upstream.balancing;
    let allow = settings.egress_allow.iter().map(|network| (network.address, network.prefix)).collect();
    // Every field by name: one that is new cannot be forgotten.
    Ok(ClusterConfig {
        upstream: reached,
        targets: upstream.targets.clone(),
        slow_start: balancing.slow_start,
        in_flight_max: balancing.in_flight_max,
        pending_max: balancing.pending_max,
        connections_max: balancing.connections_max,
        health: balancing.health.clone(),
        eject: balancing.eject.clone(),
        retries: balancing.retries.clone(),
        dns: Dns { server: balancing.dns_server, ttl_max: balancing.dns_ttl_max, allow },
    })
}

#[cfg(test)]
mod tests;
