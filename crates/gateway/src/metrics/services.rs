//! Services and their endpoints, carried over before each rendering.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use metrics::Label;

use super::{Metrics, label};
use crate::upstream::ServiceStatus;

/// Endpoints and names that have labels of their own; DNS may lead to ever new ones. What comes later is `other`.
const LABELLED_MAX: usize = 1_000;

/// What was told before.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// By metric, API and endpoint: counts begin anew with a service that was configured anew, ours do not.
    counts: BTreeMap<(&'static str, Arc<str>, String), u64>,
    labelled: BTreeSet<String>,
    /// API and endpoint of the last time.
    endpoints: BTreeSet<(Arc<str>, String)>,
}

#[allow(clippy::cast_precision_loss, reason = "counts do not need their last bits")]
impl Metrics {
    pub(crate) fn services(&self, services: &[(Arc<str>, ServiceStatus)]) {
        let told = &mut *self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let mut endpoints = BTreeSet::new();
        for (api, service) in services {
            self.service(told, api, service);
            for one in &service.endpoints {
                let at = told.label_of(&one.address);
                let labels = || vec![label("api", api), Label::new("endpoint", at.clone())];
                let takes_requests = matches!(one.state, "up" | "ramping");
                self.gauge("bartizan_upstream_endpoint_up", labels())
                    .set(f64::from(u8::from(takes_requests)));
                self.gauge("bartizan_upstream_in_flight", labels()).set(f64::from(one.in_flight));
                for (name, count) in [
                    ("bartizan_upstream_failures_total", one.failures),
                    ("bartizan_upstream_ejections_total", one.ejections),
                    ("bartizan_upstream_probe_failures_total", one.probes_failed),
                ] {
                    let more = told.growth(name, api, &at, count);
                    self.counter(name, labels()).increment(more);
                }
                endpoints.insert((Arc::clone(api), at));
            }
        }
        // What has vanished is not up, and not as it was last seen.
        for (api, at) in told.endpoints.difference(&endpoints) {
            let labels = || vec![label("api", api), Label::new("endpoint", at.clone())];
            self.gauge("bartizan_upstream_endpoint_up", labels()).set(0.0);
            self.gauge("bartizan_upstream_in_flight", labels()).set(0.0);
        }
        told.endpoints = endpoints;
    }

    fn service(&self, told: &mut Told, api: &Arc<str>, service: &ServiceStatus) {
        let labels = || vec![label("api", api)];
        self.gauge("bartizan_upstream_pending", labels()).set(service.pending as f64);
        for (name, count) in [
            ("bartizan_upstream_retries_total", service.retries),
            ("bartizan_upstream_retries_without_budget_total", service.retries_without_budget),
            ("bartizan_upstream_ejections_forgone_total", service.ejections_forgone),
        ] {
            self.counter(name, labels()).increment(told.growth(name, api, "", count));
        }
        for (code, count) in
            [("upstream_overloaded", service.overloaded), ("upstream_unavailable", service.unavailable)]
        {
            let more = told.growth("bartizan_upstream_refusals_total", api, code, count);
            let labels = vec![label("api", api), Label::new("code", code)];
            self.counter("bartizan_upstream_refusals_total", labels).increment(more);
        }
        for one in &service.names {
            let labels = || vec![label("api", api), Label::new("name", one.name.clone())];
            self.gauge("bartizan_upstream_name_failing", labels())
                .set(f64::from(u8::from(one.error.is_some())));
            let more = told.growth("bartizan_upstream_name_failures_total", api, &one.name, one.failures);
            self.counter("bartizan_upstream_name_failures_total", labels()).increment(more);
        }
    }
}

impl Told {
    /// By how much a count has grown since the last time; one that is smaller has begun anew.
    fn growth(&mut self, name: &'static str, api: &Arc<str>, of: &str, count: u64) -> u64 {
        let before = self.counts.insert((name, Arc::clone(api), of.to_owned()), count).unwrap_or(0);
        count.checked_sub(before).unwrap_or(count)
    }

    fn label_of(&mut self, address: &str) -> String {
        if self.labelled.contains(address) {
            return address.to_owned();
        }
        if self.labelled.len() >= LABELLED_MAX {
            return "other".to_owned();
        }
        self.labelled.insert(address.to_owned());
        address.to_owned()
    }
}
