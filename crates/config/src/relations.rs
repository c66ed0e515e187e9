//! Rules that relate the configuration to the descriptions: every scheme verified, every name known.

mod certificates;
pub(crate) mod classes;
mod names;
mod security;
pub(crate) mod sizes;

use gateway::settings::Limit;
use model::Finding;

use crate::build::{Build, Built};
use crate::values::Block;

pub(crate) use certificates::check as certificates;

pub(crate) fn check(build: &mut Build<'_>, root: &Block, built: &[Built], limits: &[Limit]) {
    let mut explained = Vec::new();
    for api in built {
        security::check(build, api, &mut explained);
        names::checks(build, api);
        names::operations(build, &[api], &api.operations);
    }
    // With a description that did not load, nothing is known of its names.
    if built.len() == root.entries("apis").len() && !limits.is_empty() {
        let all: Vec<_> = built.iter().collect();
        let mentioned = crate::build::mentioned(root.blocks("limits"));
        names::operations(build, &all, &mentioned);
    }
    security::unused(build, root, built, &explained);
    overlapping(build, built);
}

/// Two APIs under one host and base path cannot be told apart.
fn overlapping(build: &mut Build<'_>, built: &[Built]) {
    for (at, one) in built.iter().enumerate() {
        for other in built.iter().take(at) {
            let (a, b) = (&one.api, &other.api);
            let hosts = (a.hosts.is_empty() && b.hosts.is_empty())
                || a.hosts.iter().any(|host| b.hosts.contains(host));
            if hosts && a.base_path == b.base_path {
                let finding = Finding::error("B2024", "two APIs are served at the same host and base path")
                    .at(one.place.clone(), "this one")
                    .related(other.place.clone(), "and this one")
                    .advice("give them different `hosts` or a different `base_path`");
                build.findings.push(finding);
            }
        }
    }
}
