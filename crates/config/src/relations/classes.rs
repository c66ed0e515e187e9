//! Classes, costs and tenants: each name exists, each class is used, and no limit is beyond every call.

use std::sync::Arc;

use gateway::settings::{Class, Declared, Limit, Per};
use model::{Finding, LimitUnit, Place};
use openapi::Operation;

use crate::build::{Build, Built, built_in_classes};
use crate::suggest;
use crate::values::Block;
use crate::walk::shown;

pub(crate) fn check(
    build: &mut Build<'_>,
    root: &Block,
    built: &[Built],
    classes: &[Arc<Class>],
    limits: &[Limit],
) {
    for (name, place) in mentioned(built) {
        if !classes.iter().any(|class| class.name == name) {
            unknown(build, &name, place, classes);
        }
    }
    // With a description that did not load, nothing is known of what uses a class.
    if built.len() == root.entries("apis").len() {
        names(build, root, built);
        unused(build, root, built);
        costs(build, root, built, classes, limits);
        tenants(build, root, built, classes, limits);
    }
}

/// Classes that operations are put in, by the gateway file or by their descriptions.
fn mentioned(built: &[Built]) -> Vec<(Arc<str>, Place)> {
    let mut all: Vec<(Arc<str>, Place)> = Vec::new();
    for one in built {
        all.extend(one.classes.iter().cloned());
        let description = &one.api.description;
        let root = description.extension_place.as_ref().map(|place| (&description.extension, place));
        let own = description
            .operations
            .iter()
            .filter_map(|operation| Some((&operation.extension, operation.extension_place.as_ref()?)));
        for (extension, place) in root.into_iter().chain(own) {
            let class = Declared::in_extension(extension).class;
            let found = class.map(|name| (name, place.clone()));
            all.extend(found.filter(|found| !all.contains(found)));
        }
    }
    all
}

fn unknown(build: &mut Build<'_>, name: &str, place: Place, classes: &[Arc<Class>]) {
    let known = || classes.iter().map(|class| &*class.name);
    let finding = Finding::error("B2040", format!("there is no class `{}`", shown(name)));
    build.findings.push(match suggest::closest(name, known()) {
        Some(near) => finding.at(place, format!("did you mean `{near}`?")),
        None => finding
            .at(place, "not a class")
            .advice(format!("the classes are: {}", known().collect::<Vec<_>>().join(", "))),
    });
}

/// Operations and APIs that classes list.
fn names(build: &mut Build<'_>, root: &Block, built: &[Built]) {
    let all: Vec<_> = built.iter().collect();
    for entry in root.entries("classes") {
        let Some(block) = entry.value.block() else { continue };
        let listed = |key: &str| -> Vec<(Arc<str>, Place)> {
            let values = block.list(key).iter();
            values.filter_map(|value| Some((value.text()?.clone(), value.place.clone()))).collect()
        };
        super::names::operations(build, &all, &listed("operations"));
        for (name, place) in listed("apis") {
            if built.iter().any(|one| one.api.name == name) {
                continue;
            }
            let finding = Finding::error("B2041", format!("there is no API `{}`", shown(&name)));
            let near = suggest::closest(&name, built.iter().map(|one| &*one.api.name));
            let label =
                near.map_or_else(|| "not an API".to_owned(), |near| format!("did you mean `{near}`?"));
            build.findings.push(finding.at(place, label));
        }
    }
}

fn unused(build: &mut Build<'_>, root: &Block, built: &[Built]) {
    let mentioned = mentioned(built);
    for entry in root.entries("classes") {
        let Some(block) = entry.value.block() else { continue };
        let lists = ["clients", "scopes", "operations", "apis"];
        let is_used = lists.iter().any(|key| !block.list(key).is_empty())
            || mentioned.iter().any(|(name, _)| *name == entry.name);
        if !is_used {
            let finding =
                Finding::warning("B2042", format!("the class `{}` is not used", shown(&entry.name)))
                    .at(entry.place.clone(), "no operation and no caller is in it")
                    .advice(
                        "list `clients`, `scopes`, `operations` or `apis`, or say `class` where it belongs",
                    );
            build.findings.push(match suggest::closest(&entry.name, built_in_classes()) {
                Some(near) if near != &*entry.name => finding.advice(format!("`{near}` is built in")),
                _ => finding,
            });
        }
    }
}

/// A call that costs more than a limit holds would never pass.
fn costs(build: &mut Build<'_>, root: &Block, built: &[Built], classes: &[Arc<Class>], limits: &[Limit]) {
    for one in built {
        for operation in &one.api.description.operations {
            let (class, cost) = Class::of_operation(classes, &one.api, Some(operation));
            let of_class = class.into_iter().flat_map(|class| &class.limits);
            // A caller's class may be any that lists callers.
            let callers = classes
                .iter()
                .filter(|class| !class.clients.is_empty() || !class.scopes.is_empty())
                .flat_map(|class| &class.limits);
            let all = limits.iter().chain(&one.api.limits).chain(of_class).chain(callers);
            for limit in all.filter(|limit| limit.unit == LimitUnit::Cost && covers(limit, operation)) {
                let most = limit.burst.min(limit.daily.unwrap_or(u64::MAX));
                if cost > most {
                    let sentence = format!(
                        "a call of {} costs {cost}, and the limit `{}` never lets more than {most} pass",
                        operation.id, limit.name
                    );
                    let place = operation.extension_place.as_ref().unwrap_or(&operation.place);
                    let finding = Finding::error("B2043", sentence)
                        .at(place.clone(), "this operation")
                        .related(place_of(root, limit), "this limit")
                        .advice("raise the limit's `burst`, or lower the operation's `cost`");
                    if !build.findings.contains(&finding) {
                        build.findings.push(finding);
                    }
                }
            }
        }
    }
}

/// Where the limit stands. Its name is made when none is written, so the first that says the same is taken.
fn place_of(root: &Block, limit: &Limit) -> Place {
    let sections = |key: &'static str, of: &'static str| {
        let found = root.entries(key).iter().filter_map(|entry| entry.value.block());
        found.flat_map(move |block| block.blocks(of))
    };
    let apis = root.entries("apis").iter().filter_map(|entry| entry.value.block());
    let operations = apis.flat_map(|api| api.entries("operations")).filter_map(|entry| entry.value.block());
    let all = root.blocks("limits").chain(sections("apis", "limits")).chain(sections("classes", "limits"));
    let mut all = all.chain(operations.flat_map(|operation| operation.blocks("limits")));
    let says_the_same = |block: &&Block| {
        let per = format!("{:?}", limit.per).to_lowercase();
        block.text("per").is_some_and(|text| **text == *per)
            && block.rate("rate").is_some_and(|rate| rate.count == limit.count && rate.window == limit.window)
            && block.text("name").is_none_or(|name| **name == *limit.name)
    };
    all.find(says_the_same).map_or_else(|| root.place.clone(), |block| block.place.clone())
}

fn covers(limit: &Limit, operation: &Operation) -> bool {
    limit.operations.is_empty() || limit.operations.iter().any(|id| **id == *operation.id)
}

/// A limit per tenant where no caller has one counts by client, which is not what was meant.
fn tenants(build: &mut Build<'_>, root: &Block, built: &[Built], classes: &[Arc<Class>], limits: &[Limit]) {
    use gateway::settings::AuthenticatorKind;
    let of_keys = built.iter().flat_map(|one| one.api.authenticators.values().flatten()).any(|one| {
        matches!(&one.kind, AuthenticatorKind::ApiKeys(keys) if keys.keys.iter().any(|key| key.tenant.is_some()))
    });
    if root.section("tenant").is_some() || of_keys {
        return;
    }
    let of_apis = built.iter().flat_map(|one| &one.api.limits);
    let of_classes = classes.iter().flat_map(|class| &class.limits);
    let mut counted = limits.iter().chain(of_apis).chain(of_classes).filter(|limit| limit.per == Per::Tenant);
    if let Some(limit) = counted.next() {
        let sentence = format!("the limit `{}` counts per tenant, and no caller has one", limit.name);
        let finding = Finding::warning("B2044", sentence)
            .at(
                place_of(root, limit),
                "neither `tenant.claim` nor a `tenant` of an API key stands in the file",
            )
            .advice("without a tenant a caller is counted by its client, then by its address");
        build.findings.push(finding);
    }
}
