//! The class of a request, what it costs, which limits count it, and how many are forwarded at once.

use std::fmt::Write;
use std::sync::Arc;

use gateway::settings::{Api, Class, Concurrency, Limit, Settings};
use model::LimitUnit;
use openapi::Operation;
use serde_json::{Value, json};

use super::plan::keys_of;

/// What is known of it beforehand; of the caller only when it is named.
pub(super) struct Counted {
    class: Option<Arc<Class>>,
    /// The caller's class.
    caller: Option<Arc<Class>>,
    cost: u64,
    limits: Vec<Value>,
    concurrency: Option<Concurrency>,
}

impl Counted {
    pub(super) fn of(
        settings: &Settings,
        api: &Api,
        operation: Option<&Operation>,
        client: Option<&str>,
    ) -> Self {
        let (class, cost) = Class::of_operation(&settings.classes, api, operation);
        let keys = client.map(|client| keys_of(client, api)).unwrap_or_default();
        let holds = |scope: &str| keys.iter().any(|(_, key)| key.scopes.iter().any(|own| **own == *scope));
        let caller = client.and_then(|client| Class::of_caller(&settings.classes, Some(client), None, holds));
        let id = operation.map(|operation| &*operation.id);
        let counts = |limit: &&Limit| {
            limit.operations.is_empty() || limit.operations.iter().any(|listed| Some(listed.as_str()) == id)
        };
        let own = settings.limits.iter().chain(&api.limits).filter(counts).map(|limit| shown(limit, None));
        let mut classes: Vec<_> = class.into_iter().chain(caller).collect();
        classes.dedup_by(|one, other| one.name == other.name);
        let of_class = classes.iter().flat_map(|class| {
            class.limits.iter().filter(counts).map(|limit| shown(limit, Some(&class.name)))
        });
        Self {
            limits: own.chain(of_class).collect(),
            class: class.cloned(),
            caller: caller.cloned(),
            cost,
            concurrency: api.concurrency,
        }
    }

    pub(super) fn is_limited(&self) -> bool {
        !self.limits.is_empty()
    }

    /// Members of the document: `class`, `cost`, `limits` and `concurrency`.
    pub(super) fn put_into(&self, document: &mut Value) {
        let Some(members) = document.as_object_mut() else { return };
        let class = self.caller.as_ref().or(self.class.as_ref());
        members.insert(
            "class".to_owned(),
            json!(class.map(|class| json!({ "name": class.name, "importance": class.importance.word() }))),
        );
        members.insert("cost".to_owned(), json!(self.cost));
        members.insert("limits".to_owned(), json!(self.limits));
        let concurrency = self.concurrency.map(|bounds| {
            json!({ "adaptive": bounds.adaptive, "min": bounds.min, "max": bounds.max,
                    "tolerance_percent": bounds.tolerance_percent })
        });
        members.insert("concurrency".to_owned(), json!(concurrency));
    }

    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let cost = if self.cost == 1 { String::new() } else { format!("; a call costs {}", self.cost) };
        match (&self.caller, &self.class) {
            (Some(class), _) => {
                let _ = writeln!(out, "  class      {}, by its caller{cost}", words(class));
            }
            (None, Some(class)) => {
                let _ = writeln!(out, "  class      {}{cost}", words(class));
            }
            (None, None) if self.cost != 1 => {
                let _ = writeln!(out, "  class      none{cost}");
            }
            (None, None) => {}
        }
        for limit in &self.limits {
            let of = |key: &str| {
                limit.get(key).map(|value| value.to_string().replace('"', "")).unwrap_or_default()
            };
            let counts = match of("counts").as_str() {
                "requests" => String::new(),
                unit => format!(" of {}", unit.replace('_', " ")),
            };
            let daily = limit.get("daily").filter(|daily| !daily.is_null());
            let daily = daily.map(|daily| format!(", at most {daily} a day")).unwrap_or_default();
            let class = limit.get("class").and_then(Value::as_str);
            let class = class.map(|class| format!(", of class {class}")).unwrap_or_default();
            let (rate, per, name, burst) = (of("rate"), of("per"), of("name"), of("burst"));
            let _ = writeln!(
                out,
                "  limit      {rate}{counts} per {per} (`{name}`, burst {burst}{daily}{class})"
            );
        }
        match self.concurrency {
            Some(Concurrency { adaptive: true, min, max, .. }) => {
                let _ = writeln!(out, "  at once    {min} to {max} requests, by the service's latency");
            }
            Some(Concurrency { max, .. }) => {
                let _ = writeln!(out, "  at once    {max} requests");
            }
            None => {}
        }
        out
    }
}

fn words(class: &Class) -> String {
    format!("{} ({} importance)", class.name, class.importance.word())
}

fn shown(limit: &Limit, class: Option<&str>) -> Value {
    let counts = match limit.unit {
        LimitUnit::Requests => "requests",
        LimitUnit::Cost => "cost",
        LimitUnit::Bytes => "response_bytes",
    };
    json!({
        "name": limit.name,
        "per": format!("{:?}", limit.per).to_lowercase(),
        "counts": counts,
        "rate": crate::rate(limit.count, limit.window),
        "burst": limit.burst,
        "daily": limit.daily,
        "class": class,
    })
}
