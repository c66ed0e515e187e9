//! Every operation that is served, who may call it, and where it stands.

use gateway::settings::{Api, Settings};
use openapi::{Alternative, Operation, Security};
use serde_json::{Value, json};

use crate::render::table;

/// `{"version": 1, "routes": [...]}`.
pub fn document(settings: &Settings) -> Value {
    let routes: Vec<_> = all(settings)
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
    json!({ "version": 1, "routes": routes })
}

/// A table for people.
pub fn text(settings: &Settings) -> String {
    let row = |(api, operation): (&Api, &Operation)| {
        let who = security(&operation.security);
        vec![
            api.name.to_string(),
            operation.method.clone(),
            path(api, operation),
            operation.id.to_string(),
            who,
        ]
    };
    let rows: Vec<_> = all(settings).map(row).collect();
    table(&["API", "METHOD", "PATH", "OPERATION", "WHO MAY CALL"], &rows)
}

fn all(settings: &Settings) -> impl Iterator<Item = (&Api, &Operation)> {
    settings
        .apis
        .iter()
        .flat_map(|api| api.description.operations.iter().map(move |operation| (api, &**operation)))
}

fn path(api: &Api, operation: &Operation) -> String {
    format!("{}{}", api.base_path, operation.template)
}

/// `bearerAuth(orders.read) or partnerKey`, `anyone`, `nobody (no security)`.
pub(super) fn security(security: &Security) -> String {
    match security {
        Security::Missing => "nobody (no security)".to_owned(),
        Security::Public { .. } => "anyone".to_owned(),
        Security::AnyOf(alternatives) => {
            alternatives.iter().map(alternative).collect::<Vec<_>>().join(" or ")
        }
    }
}

pub(super) fn alternative(alternative: &Alternative) -> String {
    if alternative.schemes.is_empty() {
        return "anyone".to_owned();
    }
    let of = |required: &openapi::Required| match required.scopes.is_empty() {
        true => required.scheme.to_string(),
        false => format!("{}({})", required.scheme, required.scopes.join(" ")),
    };
    alternative.schemes.iter().map(of).collect::<Vec<_>>().join(" and ")
}
