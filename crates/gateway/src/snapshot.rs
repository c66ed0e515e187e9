//! The configuration in force: immutable, built whole from the settings, swapped whole.

mod extension;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use model::{Finding, Mode};
use openapi::NormalPath;

pub(crate) use plan::{OperationPlan, PreparedCheck, UNMATCHED, mode_of};

use crate::check::Kind;
use crate::metrics::Metrics;
use crate::settings::{Api, Cors, Settings};
use crate::shared::Shared;
use crate::upstream::{Upstream, Upstreams};

/// Everything one request needs to know of the configuration.
pub(crate) struct Snapshot {
    pub(crate) settings: Settings,
    pub(crate) hash: Arc<str>,
    pub(crate) tape_limits: tape::Limits,
    /// Longest base path first, so that the first that fits is the right one.
    pub(crate) apis: Vec<Arc<ApiPlan>>,
    by_host: HashMap<String, Vec<Arc<ApiPlan>>>,
    any_host: Vec<Arc<ApiPlan>>,
    /// Plans what concerns no API: an unknown host, a path that cannot be normalised.
    pub(crate) nowhere: Arc<OperationPlan>,
    /// `/`, standing in for a path that cannot be normalised.
    pub(crate) root: NormalPath,
}

/// One API, ready to serve.
pub(crate) struct ApiPlan {
    pub(crate) settings: Api,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) unmatched: Arc<OperationPlan>,
    pub(crate) cors: Option<Cors>,
    /// Bounds the requests in flight to the upstream.
    pub(crate) gate: Option<crate::concurrency::Gate>,
    /// In the order of the addresses of the description's operations, which the description keeps alive.
    operations: Vec<(usize, Arc<OperationPlan>)>,
}

/// What a snapshot is built with, besides the settings.
pub(crate) struct Materials<'a> {
    pub(crate) kinds: &'a [&'static dyn Kind],
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) metrics: &'a Metrics,
    pub(crate) upstreams: &'a Upstreams,
}

impl Snapshot {
    /// Builds the whole or nothing; all faults at once.
    pub(crate) fn build(settings: Settings, materials: &Materials<'_>) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut apis = Vec::new();
        for api in &settings.apis {
            match ApiPlan::build(&settings, api, materials) {
                Ok(plan) => apis.push(Arc::new(plan)),
                Err(mut faults) => findings.append(&mut faults),
            }
        }
        let nowhere = plan_nowhere(&settings, materials).map_err(|mut faults| findings.append(&mut faults));
        let root = NormalPath::new("/").map_err(|_| {
            findings.push(Finding::error("B3000", "the root path cannot be normalised"));
        });
        let (Ok(nowhere), Ok(root), true) = (nowhere, root, findings.is_empty()) else {
            return Err(findings);
        };
        apis.sort_by_key(|api| std::cmp::Reverse(api.settings.base_path.len()));
        let (by_host, any_host) = by_host(&apis);
        Ok(Self {
            hash: Arc::from(settings.hash.as_str()),
            tape_limits: tape_limits(&settings),
            settings,
            apis,
            by_host,
            any_host,
            nowhere: Arc::new(nowhere),
            root,
        })
    }

    /// The APIs served under a host name: its own first, then those of every host.
    pub(crate) fn apis_of(&self, host: &str) -> impl Iterator<Item = &Arc<ApiPlan>> {
        // Most gateways serve every host, and look for none.
        let own = if self.by_host.is_empty() { None } else { self.by_host.get(&host.to_ascii_lowercase()) };
        own.map(Vec::as_slice).unwrap_or_default().iter().chain(&self.any_host)
    }

    /// Whether an API names this host, which is in lower case.
    pub(crate) fn is_host(&self, host: &str) -> bool {
        self.by_host.contains_key(host)
    }

    pub(crate) fn has_api_of_every_host(&self) -> bool {
        !self.any_host.is_empty()
    }
}

impl ApiPlan {
    fn build(settings: &Settings, api: &Api, materials: &Materials<'_>) -> Result<Self, Vec<Finding>> {
        let mut findings = plan::check_modes(api, materials.kinds);
        findings.append(&mut extension::of_description(&api.description));
        let upstream = materials.upstreams.get(api, settings).map_err(|fault| {
            let sentence = format!("the upstream of `{}` cannot be used: {fault}", api.name);
            findings.push(Finding::error("B3003", sentence));
        });
        let service = upstream.as_ref().ok().and_then(|upstream| service(settings, api, upstream, materials));
        let mut operations = Vec::with_capacity(api.description.operations.len());
        for operation in &api.description.operations {
            match OperationPlan::build(settings, api, Some(operation), service.as_ref(), materials) {
                Ok(plan) => operations.push((Arc::as_ptr(operation).addr(), Arc::new(plan))),
                Err(mut faults) => findings.append(&mut faults),
            }
        }
        operations.sort_unstable_by_key(|(address, _)| *address);
        let unmatched = OperationPlan::build(settings, api, None, service.as_ref(), materials)
            .map_err(|mut faults| findings.append(&mut faults));
        let (Ok(unmatched), Ok(upstream), true) = (unmatched, upstream, findings.is_empty()) else {
            return Err(findings);
        };
        Ok(Self {
            settings: api.clone(),
            upstream,
            unmatched: Arc::new(unmatched),
            cors: api.cors.clone().or_else(|| settings.cors.clone()),
            gate: gate(api, materials),
            operations,
        })
    }

    pub(crate) fn plan_of(&self, operation: &Arc<openapi::Operation>) -> Option<&Arc<OperationPlan>> {
        let at =
            self.operations.binary_search_by_key(&Arc::as_ptr(operation).addr(), |(address, _)| *address);
        self.operations.get(at.ok()?).map(|(_, plan)| plan)
    }

    /// The plans of the described operations in the order of the description.
    pub(crate) fn plans(&self) -> impl Iterator<Item = &Arc<OperationPlan>> {
        self.settings.description.operations.iter().filter_map(|operation| self.plan_of(operation))
    }
}

/// All of one API's are one.
fn gate(api: &Api, materials: &Materials<'_>) -> Option<crate::concurrency::Gate> {
    api.concurrency.map(|bounds| materials.shared.concurrencies.gate(&api.name, bounds))
}

fn service(
    settings: &Settings,
    api: &Api,
    upstream: &Arc<Upstream>,
    materials: &Materials<'_>,
) -> Option<Arc<crate::evidence::Service>> {
    let operations = api.description.operations.iter();
    let classes = |operation: &Arc<openapi::Operation>| {
        (Arc::clone(&operation.id), crate::classes::Classes::of(settings, api, Some(operation)))
    };
    Some(Arc::new(crate::evidence::Service {
        authorization: Arc::clone(api.authorization.as_ref()?),
        api: api.clone(),
        upstream: Arc::clone(upstream),
        scope: Arc::from(settings.hash.as_str()),
        tape_limits: tape_limits(settings),
        timeouts: settings.timeouts,
        gate: gate(api, materials),
        classes: operations.map(classes).collect(),
    }))
}

/// An API that is none: no authenticators, no limits of its own, every check in its default mode.
fn plan_nowhere(settings: &Settings, materials: &Materials<'_>) -> Result<OperationPlan, Vec<Finding>> {
    let Some(first) = settings.apis.first() else {
        return Ok(OperationPlan::without_checks(materials.metrics));
    };
    let nowhere = Api {
        name: Arc::from(""),
        hosts: Vec::new(),
        base_path: String::new(),
        observe_undeclared: false,
        authenticators: std::collections::BTreeMap::new(),
        limits: Vec::new(),
        declared: std::collections::BTreeMap::new(),
        concurrency: None,
        modes: std::collections::BTreeMap::<String, Mode>::new(),
        operation_modes: std::collections::BTreeMap::new(),
        cors: None,
        authorization: None,
        waf: None,
        ..first.clone()
    };
    OperationPlan::build(settings, &nowhere, None, None, materials)
}

type ByHost = HashMap<String, Vec<Arc<ApiPlan>>>;

fn by_host(apis: &[Arc<ApiPlan>]) -> (ByHost, Vec<Arc<ApiPlan>>) {
    let (mut by_host, mut any_host) = (ByHost::new(), Vec::new());
    for api in apis {
        if api.settings.hosts.is_empty() {
            any_host.push(Arc::clone(api));
        }
        for host in &api.settings.hosts {
            by_host.entry(host.to_ascii_lowercase()).or_default().push(Arc::clone(api));
        }
    }
    (by_host, any_host)
}

fn tape_limits(settings: &Settings) -> tape::Limits {
    tape::Limits {
        depth_max: settings.sizes.json_depth_max,
        values_max: settings.sizes.json_values_max,
        ..tape::Limits::default()
    }
}
