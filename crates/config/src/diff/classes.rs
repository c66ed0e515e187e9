//! Classes, costs, tenants and bounds of concurrency.

use gateway::settings::{Api, Class, Concurrency, Per, Settings};

use super::{Changes, limits};

pub(super) fn compare(changes: &mut Changes, old: &Settings, new: &Settings) {
    if old.tenant_claim != new.tenant_claim {
        let shown = |settings: &Settings| {
            settings.tenant_claim.as_ref().map_or_else(|| "nothing".to_owned(), |claim| format!("`{claim}`"))
        };
        let sentence = format!("tenants are named by {} instead of {}", shown(new), shown(old));
        // Without a tenant each client has a quota of its own.
        match (authorizes(old) || authorizes(new), &old.tenant_claim, &new.tenant_claim) {
            (false, Some(_), None) if counts_tenants(old) => changes.weaker(sentence),
            (false, None, Some(_)) if counts_tenants(new) => changes.stronger(sentence),
            // Whose tenant's objects a caller touches may be another's.
            _ => changes.unknown(sentence),
        }
    }
    for class in &new.classes {
        if let Some(other) = old.classes.iter().find(|other| other.name == class.name) {
            one(changes, other, class);
        } else {
            changes.neutral(format!("class `{}` is new", class.name));
            limits::compare(changes, &format!("class `{}`: ", class.name), &[], &class.limits);
        }
    }
    for class in &old.classes {
        if !new.classes.iter().any(|other| other.name == class.name) {
            changes.neutral(format!("class `{}` is gone", class.name));
            limits::compare(changes, &format!("class `{}`: ", class.name), &class.limits, &[]);
        }
    }
}

fn authorizes(settings: &Settings) -> bool {
    settings.apis.iter().any(|api| api.authorization.is_some())
}

fn counts_tenants(settings: &Settings) -> bool {
    let of_apis = settings.apis.iter().flat_map(|api| &api.limits);
    let of_classes = settings.classes.iter().flat_map(|class| &class.limits);
    settings.limits.iter().chain(of_apis).chain(of_classes).any(|limit| limit.per == Per::Tenant)
}

fn one(changes: &mut Changes, old: &Class, new: &Class) {
    let name = &new.name;
    if old.importance != new.importance {
        let (before, now) = (old.importance.word(), new.importance.word());
        changes.neutral(format!("importance of class `{name}` {before} -> {now}"));
    }
    for (what, before, now) in [
        ("client", &old.clients, &new.clients),
        ("issuer", &old.issuers, &new.issuers),
        ("scope", &old.scopes, &new.scopes),
        ("operation", &old.operations, &new.operations),
        ("API", &old.apis, &new.apis),
    ] {
        for added in now.iter().filter(|item| !before.contains(item)) {
            changes.unknown(format!("class `{name}` now has {what} `{added}`"));
        }
        for removed in before.iter().filter(|item| !now.contains(item)) {
            changes.unknown(format!("class `{name}` no longer has {what} `{removed}`"));
        }
    }
    limits::compare(changes, &format!("class `{name}`: "), &old.limits, &new.limits);
}

/// The class and the cost of each operation that both have, and the bound of the API.
pub(super) fn of_api(changes: &mut Changes, old: (&Settings, &Api), new: (&Settings, &Api)) {
    for operation in &new.1.description.operations {
        let Some(before) = old.1.description.operation(&operation.id) else { continue };
        let (class_before, cost_before) = Class::of_operation(&old.0.classes, old.1, Some(before));
        let (class, cost) = Class::of_operation(&new.0.classes, new.1, Some(operation));
        let name = |class: Option<&std::sync::Arc<Class>>| {
            class.map_or_else(|| "none".to_owned(), |class| class.name.to_string())
        };
        changes.place = Some(operation.place.clone());
        if name(class_before) != name(class) {
            let (before, now) = (name(class_before), name(class));
            let sentence = format!("{}: class {before} -> {now}", operation.id);
            let has_limits =
                |class: Option<&std::sync::Arc<Class>>| class.is_some_and(|class| !class.limits.is_empty());
            match (has_limits(class_before), has_limits(class)) {
                (true, false) => changes.weaker(sentence),
                (false, true) => changes.stronger(sentence),
                (true, true) => changes.unknown(sentence),
                (false, false) => changes.neutral(sentence),
            }
        }
        match cost.cmp(&cost_before) {
            std::cmp::Ordering::Less => {
                changes.weaker(format!("{}: cost {cost_before} -> {cost}", operation.id));
            }
            std::cmp::Ordering::Greater => {
                changes.stronger(format!("{}: cost {cost_before} -> {cost}", operation.id));
            }
            std::cmp::Ordering::Equal => {}
        }
    }
    changes.place = None;
    concurrency(changes, old.1.concurrency, new.1.concurrency);
}

fn concurrency(changes: &mut Changes, old: Option<Concurrency>, new: Option<Concurrency>) {
    match (old, new) {
        (None, Some(new)) => {
            changes.stronger(format!("requests in flight to the service are now bounded: {}", new.max));
        }
        (Some(old), None) => {
            changes.weaker(format!("requests in flight to the service are no longer bounded: {}", old.max));
        }
        (Some(old), Some(new)) => {
            changes.more("requests in flight to the service", old.max, new.max, usize::to_string);
            changes.danger(
                !old.adaptive,
                !new.adaptive,
                "the bound of requests in flight no longer follows the service's latency",
                "the bound of requests in flight now follows the service's latency",
            );
            changes.more(
                "latency that is tolerated, in percent",
                old.tolerance_percent,
                new.tolerance_percent,
                u32::to_string,
            );
            changes.more("the least bound of requests in flight", old.min, new.min, usize::to_string);
        }
        (None, None) => {}
    }
}
