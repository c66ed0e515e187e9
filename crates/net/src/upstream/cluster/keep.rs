//! What a cluster does beside requests: names resolved when their time is over, endpoints probed, old connections
//! closed.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use super::{Cluster, Target};
use crate::upstream::UpstreamError;
use crate::upstream::endpoint::now_ms;

/// Between two rounds where names or probes wait for their time, and where only connections grow old.
const ROUND: Duration = Duration::from_millis(100);
const SLOW_ROUND: Duration = Duration::from_secs(1);

/// A target's host, and where it led to last.
#[derive(Debug)]
pub(super) struct Name {
    pub host: String,
    /// The last good ones; those of before stay while resolution fails.
    pub addresses: Vec<IpAddr>,
    /// When it is asked for again; `u64::MAX` for an address.
    pub due_ms: u64,
    /// In a row.
    pub failures: u32,
    pub failures_total: u64,
    pub error: Option<&'static str>,
}

impl Name {
    pub fn new(target: &Target) -> Self {
        let host = target.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let address: Option<IpAddr> = host.parse().ok();
        Self {
            host,
            due_ms: if address.is_some() { u64::MAX } else { 0 },
            addresses: address.into_iter().collect(),
            failures: 0,
            failures_total: 0,
            error: None,
        }
    }

    pub fn is_address(&self) -> bool {
        self.due_ms == u64::MAX
    }
}

impl Cluster {
    /// Begins the housekeeping, once, where a runtime is there to do it. It ends when nothing else holds the cluster.
    pub fn keep(self: &Arc<Self>) {
        if self.is_kept.load(Ordering::Relaxed) || self.is_kept.swap(true, Ordering::Relaxed) {
            return;
        }
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(rounds(Arc::downgrade(self)))),
            Err(_) => self.is_kept.store(false, Ordering::Relaxed),
        }
    }

    fn has_names(&self) -> bool {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().any(|name| !name.is_address())
    }

    fn look_around(self: &Arc<Self>) {
        let endpoints = self.endpoints.load();
        let now_ms = now_ms();
        for endpoint in endpoints.iter() {
            endpoint.standing.settle(now_ms);
            endpoint.pool.sweep();
            if let Some(health) = &self.health {
                health.probe_when_due(endpoint);
            }
        }
    }

    /// For the first request: the names that have no address yet, waited for as long as for a connection.
    ///
    /// Errors: none of the names has an address.
    pub(super) async fn resolve_now(&self) -> Result<(), UpstreamError> {
        let resolving = tokio::time::timeout(self.config.upstream.connect, self.resolve_due());
        if resolving.await.is_err() && self.endpoints.load().is_empty() {
            return Err(UpstreamError::timeout("connecting took too long"));
        }
        if self.endpoints.load().is_empty() {
            let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            let detail = names.iter().find_map(|name| name.error);
            return Err(UpstreamError::unreachable(detail.unwrap_or("the host's name has no address")));
        }
        Ok(())
    }

    /// Resolves every name whose time is over. One at a time does it; who comes meanwhile waits for the result.
    pub(super) async fn resolve_due(&self) {
        let _one_at_a_time = self.resolving.lock().await;
        let now = now_ms();
        let due: Vec<(usize, String)> = {
            let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            let due = names.iter().enumerate().filter(|(_, name)| name.due_ms <= now);
            due.map(|(index, name)| (index, name.host.clone())).collect()
        };
        if due.is_empty() {
            return;
        }
        let mut changed = false;
        // All at once: a name that is not answered must not hold up another.
        let mut asking = tokio::task::JoinSet::new();
        for (index, host) in due {
            let dns = self.config.dns.clone();
            asking.spawn(async move { (index, dns.resolve(&host).await) });
        }
        while let Some(asked) = asking.join_next().await {
            let Ok((index, found)) = asked else { continue };
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(name) = names.get_mut(index) else { continue };
            let wait = match found {
                Ok(found) => {
                    changed |= name.addresses != found.addresses;
                    (name.addresses, name.failures, name.error) = (found.addresses, 0, None);
                    found.valid_for
                }
                Err(error) => {
                    (name.failures, name.error) = (name.failures.saturating_add(1), Some(error.detail));
                    name.failures_total = name.failures_total.saturating_add(1);
                    self.config.dns.wait_after(name.failures)
                }
            };
            name.due_ms = now_ms().saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX / 4));
        }
        if changed {
            self.rebuild();
        }
    }
}

async fn rounds(cluster: Weak<Cluster>) {
    let Some(pause) = cluster
        .upgrade()
        .map(|cluster| if cluster.has_names() || cluster.health.is_some() { ROUND } else { SLOW_ROUND })
    else {
        return;
    };
    loop {
        {
            let Some(cluster) = cluster.upgrade() else { return };
            cluster.look_around();
            if cluster.resolving.try_lock().is_ok() && cluster.is_a_name_due() {
                tokio::spawn(async move { cluster.resolve_due().await });
            }
        }
        tokio::time::sleep(pause).await;
    }
}

impl Cluster {
    fn is_a_name_due(&self) -> bool {
        let now_ms = now_ms();
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().any(|name| name.due_ms <= now_ms)
    }
}
