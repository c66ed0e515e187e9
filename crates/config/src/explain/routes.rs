//! Every operation that is served, who may call it, and where it stands.

use gateway::settings::{Api, COST_USUAL, Class, Settings};
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
                "class": class(settings, api, operation).0,
                "cost": class(settings, api, operation).1,
                "place": operation.place,
            })
        })
        .collect();
    json!({ "version": 1, "routes": routes })
}

/// Its own class, and what a call costs.
fn class<'s>(settings: &'s Settings, api: &Api, operation: &Operation) -> (Option<&'s str>, u64) {
    let (class, cost) = Class::of_operation(&settings.classes, api, Some(operation));
    (class.map(|class| &*class.name), cost)
}

/// A table for people; classes and costs are in it when there are any.
pub fn text(settings: &Settings) -> String {
    let has_class = |(class, cost): (Option<&str>, u64)| class.is_some() || cost != COST_USUAL;
    let is_classed = all(settings).any(|(api, operation)| has_class(class(settings, api, operation)));
    let row = |(api, operation): (&Api, &Operation)| {
        let who = security(&operation.security);
        let mut row = vec![
            api.name.to_string(),
            operation.method.clone(),
            path(api, operation),
            operation.id.to_string(),
            who,
        ];
        if is_classed {
            let (class, cost) = class(settings, api, operation);
            row.extend([class.unwrap_or_default().to_owned(), cost.to_string()]);
        }
        row
    };
    let rows: Vec<_> = all(settings).map(row).collect();
    let mut heads = vec!["API", "METHOD", "PATH", "OPERATION", "WHO MAY CALL"];
    if is_classed {
        heads.extend(["CLASS", "COST"]);
    }
    table(&heads, &rows)
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
