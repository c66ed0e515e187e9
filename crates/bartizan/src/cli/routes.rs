//! `routes`: every operation that is served, who may call it, and where it goes.

use gateway::settings::Api;
use openapi::{Alternative, Operation, Security};
use serde_json::json;

use super::Common;
use crate::talk::{self, Exit, Failure};

pub(crate) fn run(common: &Common) -> Result<Exit, Failure> {
    let (configuration, _) = super::looked_at(common)?;
    let apis = &configuration.settings.apis;
    let all = || {
        apis.iter().flat_map(|api| api.description.operations.iter().map(move |operation| (api, operation)))
    };
    if common.json {
        let routes: Vec<_> = all()
            .map(|(api, operation)| {
                json!({
                    "api": api.name,
                    "hosts": api.hosts,
                    "method": operation.method,
                    "path": path(api, operation),
                    "operation": operation.id,
                    "security": security(&operation.security),
                    "deprecated": operation.deprecated,
                    "place": operation.place,
                })
            })
            .collect();
        talk::line(&json!({ "version": 1, "routes": routes }).to_string())?;
        return Ok(Exit::Good);
    }
    let rows: Vec<_> = all()
        .map(|(api, operation)| {
            vec![
                api.name.to_string(),
                operation.method.clone(),
                path(api, operation),
                operation.id.to_string(),
                security(&operation.security),
            ]
        })
        .collect();
    talk::data(&talk::table(&["API", "METHOD", "PATH", "OPERATION", "WHO MAY CALL"], &rows))?;
    for api in apis.iter().filter(|api| api.observe_undeclared) {
        talk::say(&format!(
            "{}: what is not listed is forwarded and recorded (undeclared: observe)",
            api.name
        ));
    }
    Ok(Exit::Good)
}

pub(crate) fn path(api: &Api, operation: &Operation) -> String {
    format!("{}{}", api.base_path, operation.template)
}

/// `bearerAuth(orders.read) or partnerKey`, `anyone`, `nobody (no security)`.
pub(crate) fn security(security: &Security) -> String {
    match security {
        Security::Missing => "nobody (no security)".to_owned(),
        Security::Public { .. } => "anyone".to_owned(),
        Security::AnyOf(alternatives) => {
            alternatives.iter().map(alternative).collect::<Vec<_>>().join(" or ")
        }
    }
}

pub(crate) fn alternative(alternative: &Alternative) -> String {
    if alternative.schemes.is_empty() {
        return "anyone".to_owned();
    }
    let of = |required: &openapi::Required| match required.scopes.is_empty() {
        true => required.scheme.to_string(),
        false => format!("{}({})", required.scheme, required.scopes.join(" ")),
    };
    alternative.schemes.iter().map(of).collect::<Vec<_>>().join(" and ")
}
