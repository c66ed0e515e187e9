//! Keys of classes, tenants, costs, and requests at once.

use super::leak;
use crate::tests::world::{GOOD, api, root};

pub(super) fn cases() -> Vec<(&'static str, String, String)> {
    let mut cases: Vec<(&'static str, String, String)> = Vec::new();
    let class = |more: &str| root(&format!("classes: {{ batch: {{ {more} }} }}"));
    let limit = "limits: [{ per: client, rate: 5/s }]";
    cases.push(("classes", GOOD.to_owned(), class("clients: [a]")));
    for (path, before, after) in [
        ("classes.*.importance", "clients: [a]", "clients: [a], importance: high"),
        ("classes.*.clients", "clients: [a]", "clients: [b]"),
        ("classes.*.issuers", "clients: [a]", "clients: [a], issuers: [b]"),
        ("classes.*.scopes", "clients: [a]", "clients: [a], scopes: [b]"),
        ("classes.*.operations", "clients: [a]", "clients: [a], operations: [health]"),
        ("classes.*.apis", "clients: [a]", "clients: [a], apis: [orders]"),
        ("classes.*.limits", "clients: [a]", "clients: [a], limits: [{ per: client, rate: 5/s }]"),
    ] {
        cases.push((path, class(before), class(after)));
    }
    for (key, from, to) in [
        ("per", "client", "api"),
        ("rate", "5/s", "6/s"),
        ("burst", "5/s", "5/s, burst: 9"),
        ("daily", "5/s", "5/s, daily: 9"),
        ("counts", "5/s", "5/s, counts: cost"),
        ("name", "5/s", "5/s, name: x"),
    ] {
        cases.push((leak(format!("classes.*.limits.{key}")), class(limit), class(&limit.replace(from, to))));
    }
    cases.push(("tenant", GOOD.to_owned(), root("tenant: { claim: org }")));
    cases.push(("tenant.claim", root("tenant: { claim: org }"), root("tenant: { claim: company }")));
    let operation = |more: &str| api(&format!("operations: {{ health: {{ {more} }} }}"));
    cases.push(("apis.*.operations.*.class", operation("cost: 2"), operation("cost: 2, class: batch")));
    cases.push(("apis.*.operations.*.cost", operation("cost: 2"), operation("cost: 3")));
    let concurrency = |more: &str| api(&format!("concurrency: {{ {more} }}"));
    cases.push(("apis.*.concurrency", GOOD.to_owned(), concurrency("")));
    for (key, written) in [
        ("adaptive", "adaptive: false"),
        ("min", "min: 5"),
        ("max", "max: 50"),
        ("tolerance_percent", "tolerance_percent: 300"),
    ] {
        cases.push((leak(format!("apis.*.concurrency.{key}")), concurrency(""), concurrency(written)));
    }
    cases
}
