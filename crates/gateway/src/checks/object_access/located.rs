//! What was made, by where its answer says that it is (RFC 9110 section 10.2.2).

use std::sync::Arc;

use http::StatusCode;
use http::header::LOCATION;
use openapi::{Match, NormalPath};
use policy::bindings::{Action, IdPlace};
use policy::plan::Plan;

use super::ids;
use crate::evidence::Service;
use crate::exchange::Exchange;
use crate::objects::ObjectName;

/// The type and id of the object whose path the answer names, where that is the path of a bound one.
pub(in crate::checks) fn located(
    service: &Service,
    plan: &Plan,
    exchange: &Exchange,
) -> Option<(Arc<str>, Arc<str>)> {
    let response = exchange.response.as_ref()?;
    if plan.action != Action::Create || response.status != StatusCode::CREATED {
        return None;
    }
    let mut fields = response.headers.get_all(LOCATION).into_iter();
    let (only, None) = (fields.next()?, fields.next()) else { return None };
    let path = own_path(only.to_str().ok()?, exchange, service)?;
    let bases = [service.upstream.base_path.as_str(), service.api.base_path.as_str()];
    bases.into_iter().filter_map(|base| path.strip_prefix(base)).find_map(|path| {
        let normal = NormalPath::new(path).ok()?;
        let Match::Operation { operation, values } = service.api.description.router().find("GET", &normal)
        else {
            return None;
        };
        let there = service.authorization.plan(&operation.id)?;
        let makes = |kind: &str| match &plan.takes {
            Some(takes) => &*takes.kind == kind,
            None => plan.shows.iter().any(|shows| &*shows.kind == kind),
        };
        // What the path ends in is what it is about.
        let (last, id) = values.last()?;
        let is_it = |place: &IdPlace| matches!(place, IdPlace::Path(name) if name == last);
        let bound = there.objects.iter().find(|bound| is_it(&bound.id) && makes(&bound.resource.name))?;
        let kind = &bound.resource.name;
        (!ids::was_there(&plan.objects, exchange, ObjectName { kind, id }))
            .then(|| (Arc::clone(kind), Arc::from(id.as_str())))
    })
}

/// The path of a reference to the API itself, under the name that the caller or the gateway knows it by.
fn own_path<'l>(location: &'l str, exchange: &Exchange, service: &Service) -> Option<&'l str> {
    let reference = location.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = reference.split_once("://") else {
        return Some(reference).filter(|path| path.starts_with('/') && !path.starts_with("//"));
    };
    let (authority, _) = rest.split_once('/')?;
    let is_target = |target: &net::upstream::Target| authority == format!("{}:{}", target.host, target.port);
    let is_ours = authority == exchange.head.host || service.api.upstream.targets.iter().any(is_target);
    let is_web = matches!(scheme, "http" | "https");
    rest.get(authority.len()..).filter(|_| is_ours && is_web)
}
