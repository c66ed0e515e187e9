//! Finds the API by host and base path, and in it the operation by method and path.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Code, Refusal};
use openapi::{Match, NormalPath};

use crate::exchange::Route;
use crate::snapshot::{ApiPlan, OperationPlan, Snapshot};

/// Where a request goes, or why it goes nowhere.
pub(crate) struct Routed {
    /// `None` when no API is served at this place.
    pub(crate) api: Option<Arc<ApiPlan>>,
    pub(crate) plan: Arc<OperationPlan>,
    pub(crate) route: Route,
    /// The description's template, known for 405 as well.
    pub(crate) template: Option<Arc<str>>,
    /// Given after the checks of `plan` up to Limit have run, so that misses are limited and recorded like hits.
    pub(crate) refusal: Option<Box<Refusal>>,
}

/// `host` is without port; `path` and `query` are as received.
pub(crate) fn find(snapshot: &Snapshot, host: &str, method: &str, path: &str, query: Option<&str>) -> Routed {
    let Ok(path) = NormalPath::new(path) else {
        let nowhere = snapshot.root.clone();
        return unrouted(snapshot, nowhere, query, Code::PathInvalid);
    };
    let mut host_is_served = false;
    for api in snapshot.apis_of(host) {
        host_is_served = true;
        if api.settings.base_path.is_empty() {
            return within(api, method, path, query);
        }
        if let Some(path) = path.strip_base(&api.settings.base_path) {
            return within(api, method, path, query);
        }
    }
    let code = if host_is_served { Code::OperationUndeclared } else { Code::HostUnknown };
    unrouted(snapshot, path, query, code)
}

fn within(api: &Arc<ApiPlan>, method: &str, path: NormalPath, query: Option<&str>) -> Routed {
    let route = |path, operation, path_values| Route {
        api: Arc::clone(&api.settings.name),
        operation,
        path,
        path_values,
        query: query.map(str::to_owned),
    };
    let (template, refusal) = match api.settings.description.router().find(method, &path) {
        Match::Operation { operation, values } => {
            if let Some(plan) = api.plan_of(operation) {
                return Routed {
                    api: Some(Arc::clone(api)),
                    plan: Arc::clone(plan),
                    template: Some(Arc::clone(&operation.template)),
                    route: route(path, Some(Arc::clone(operation)), values),
                    refusal: None,
                };
            }
            // Every operation has a plan; without one there is nothing to check with.
            (None, Refusal::new(Code::InternalError))
        }
        Match::Method { allow, template } => {
            let mut refusal = Refusal::new(Code::MethodUndeclared);
            refusal.allow = allow;
            (Some(template), refusal)
        }
        Match::None => (None, Refusal::new(Code::OperationUndeclared)),
    };
    let observed = api.settings.observe_undeclared && refusal.code != Code::InternalError;
    Routed {
        api: Some(Arc::clone(api)),
        plan: Arc::clone(&api.unmatched),
        template,
        route: route(path, None, Vec::new()),
        refusal: (!observed).then(|| Box::new(refusal)),
    }
}

fn unrouted(snapshot: &Snapshot, path: NormalPath, query: Option<&str>, code: Code) -> Routed {
    Routed {
        api: None,
        plan: Arc::clone(&snapshot.nowhere),
        template: None,
        route: Route {
            api: Arc::clone(&snapshot.nowhere.api),
            operation: None,
            path,
            path_values: Vec::new(),
            query: query.map(str::to_owned),
        },
        refusal: Some(Box::new(Refusal::new(code))),
    }
}

/// A Host value or authority without its port. The brackets of an IPv6 literal stay.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}
