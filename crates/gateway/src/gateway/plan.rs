//! What would happen to a request, without sending one: for `explain` and `routes`.

use std::sync::Arc;

use model::{Finding, Mode, Phase, Place};
use serde::Serialize;

use super::Gateway;
use crate::metrics::Metrics;
use crate::route::{self, Routed};
use crate::settings::Settings;
use crate::shared::Shared;
use crate::snapshot::{ApiPlan, Materials, OperationPlan, Snapshot};
use crate::upstream::Upstreams;

/// The ordered decisions that a request to this place would meet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    pub method: String,
    /// The normalised path below the API's base path.
    pub path: String,
    pub api: Option<String>,
    /// The operation's id, or `unmatched`.
    pub operation: String,
    pub template: Option<String>,
    /// Where the description declares the operation.
    pub place: Option<Place>,
    pub deprecated: bool,
    /// In the order in which they run; those that are off come last.
    pub checks: Vec<PlannedCheck>,
    pub body_bytes_max: usize,
    /// Whether the request's body is read whole before it is forwarded.
    pub buffers_request: bool,
    /// Where it is forwarded to; `None` when it is refused by the route.
    pub upstream: Option<String>,
    /// The refusal's slug and status, when no such request is ever forwarded.
    pub refused: Option<PlannedRefusal>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedCheck {
    pub name: &'static str,
    pub phase: Phase,
    pub mode: Mode,
    pub summary: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedRefusal {
    pub code: &'static str,
    pub status: u16,
    pub allow: Vec<String>,
}

/// One operation as it is served.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RouteLine {
    pub api: String,
    pub hosts: Vec<String>,
    pub method: String,
    /// Base path and template.
    pub path: String,
    pub operation: String,
    pub place: Place,
    pub deprecated: bool,
    /// The class that the operation is in.
    pub class: Option<String>,
    /// Units that a call takes from limits that count cost.
    pub cost: u64,
    pub upstream: String,
    pub checks: Vec<PlannedCheck>,
}

/// What [`Gateway::plan`] would say under these settings, without a gateway: nothing is opened or written.
pub fn plan(
    settings: Settings,
    shared: &Arc<Shared>,
    method: &str,
    host: &str,
    target: &str,
) -> Result<Plan, Vec<Finding>> {
    Ok(Plan::of(&build(settings, shared)?, method, host, target))
}

/// Everything for which these settings could not come into force, without a gateway: nothing is opened or written.
pub fn examine(settings: Settings, shared: &Arc<Shared>) -> Vec<Finding> {
    build(settings, shared).err().unwrap_or_default()
}

pub(super) fn build(settings: Settings, shared: &Arc<Shared>) -> Result<Snapshot, Vec<Finding>> {
    let metrics = Metrics::new();
    let upstreams = Upstreams::default();
    let kinds = crate::checks::ALL;
    Snapshot::build(settings, &Materials { kinds, shared, metrics: &metrics, upstreams: &upstreams })
}

impl Plan {
    fn of(snapshot: &Snapshot, method: &str, host: &str, target: &str) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let routed = route::find(snapshot, route::without_port(host), method, path, query);
        let Routed { api, plan, route, template, refusal } = routed;
        let forwarded = api.as_ref().filter(|_| refusal.is_none());
        Plan {
            method: method.to_owned(),
            path: route.path.as_str().to_owned(),
            api: api.as_ref().map(|api| api.settings.name.to_string()),
            operation: plan.id.to_string(),
            template: template.map(|template| template.to_string()),
            place: plan.operation.as_ref().map(|operation| operation.place.clone()),
            deprecated: plan.operation.as_ref().is_some_and(|operation| operation.deprecated),
            checks: planned(&plan),
            body_bytes_max: plan.body_bytes_max,
            buffers_request: plan.body == crate::check::BodyNeed::Whole,
            upstream: forwarded.map(|api| api.upstream.label.as_ref().to_owned()),
            refused: refusal.map(|refusal| PlannedRefusal {
                code: refusal.code.slug(),
                status: refusal.code.status(),
                allow: refusal.allow,
            }),
        }
    }
}

impl Gateway {
    /// `target` is a path with or without a query; `host` may be empty when an API is served under every host.
    pub fn plan(&self, method: &str, host: &str, target: &str) -> Plan {
        Plan::of(&self.snapshot.load(), method, host, target)
    }

    /// Every declared operation, API by API in the order of the descriptions.
    pub fn routes(&self) -> Vec<RouteLine> {
        let snapshot = self.snapshot.load_full();
        let mut lines: Vec<RouteLine> = snapshot.apis.iter().flat_map(|api| lines_of(api)).collect();
        lines.sort_by(|one, other| one.api.cmp(&other.api));
        lines
    }
}

fn lines_of(api: &ApiPlan) -> Vec<RouteLine> {
    let line = |plan: &Arc<OperationPlan>| {
        let operation = plan.operation.as_ref()?;
        Some(RouteLine {
            api: api.settings.name.to_string(),
            hosts: api.settings.hosts.clone(),
            method: operation.method.clone(),
            path: format!("{}{}", api.settings.base_path, operation.template),
            operation: operation.id.to_string(),
            place: operation.place.clone(),
            deprecated: operation.deprecated,
            class: plan.classes.operation.as_ref().map(|class| class.name.to_string()),
            cost: plan.classes.cost,
            upstream: api.upstream.label.as_ref().to_owned(),
            checks: planned(plan),
        })
    };
    api.plans().filter_map(line).collect()
}

fn planned(plan: &OperationPlan) -> Vec<PlannedCheck> {
    let line = |about: &crate::check::About, mode| PlannedCheck {
        name: about.name,
        phase: about.phase,
        mode,
        summary: about.summary,
    };
    let running = plan.checks.iter().map(|check| line(check.about, check.mode));
    running.chain(plan.off.iter().map(|about| line(about, Mode::Off))).collect()
}
