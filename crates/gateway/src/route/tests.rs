#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use model::SystemClock;

use super::{Routed, find, without_port};
use crate::metrics::Metrics;
use crate::pipeline::testing::{api, settings};
use crate::settings::{Api, Settings, Sizes};
use crate::shared::Shared;
use crate::snapshot::{Materials, Snapshot};
use crate::upstream::Upstreams;

fn snapshot(settings: Settings) -> Snapshot {
    let shared = Shared::new(Arc::new(SystemClock::default()), &Sizes::default());
    let metrics = Metrics::new();
    let upstreams = Upstreams::default();
    let materials = Materials { kinds: &[], shared: &shared, metrics: &metrics, upstreams: &upstreams };
    Snapshot::build(settings, &materials).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn served(name: &str, hosts: &[&str], base_path: &str) -> Api {
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    Api { hosts, base_path: base_path.into(), ..api(name, 9) }
}

fn outcome(routed: &Routed) -> String {
    let api = routed.api.as_ref().map_or("-", |api| &*api.settings.name);
    let refusal = routed.refusal.as_ref().map_or("", |refusal| refusal.code.slug());
    format!("{api} {} {} {refusal}", routed.plan.id, routed.route.path.as_str()).trim_end().to_owned()
}

#[test]
fn host_then_longest_base_path_then_method_and_path_decide() {
    let snapshot = snapshot(settings(vec![
        served("everywhere", &[], "/v1"),
        served("longer", &[], "/v1/new"),
        served("shop", &["shop.example"], ""),
    ]));
    let cases = [
        ("any.example", "GET", "/v1/orders", "everywhere listOrders /orders"),
        ("any.example", "GET", "/v1/new/orders", "longer listOrders /orders"),
        ("any.example", "GET", "/v1/orders/42", "everywhere getOrder /orders/42"),
        ("any.example", "DELETE", "/v1/orders", "everywhere unmatched /orders method_undeclared"),
        ("any.example", "GET", "/v1/other", "everywhere unmatched /other operation_undeclared"),
        ("any.example", "GET", "/v1x/orders", "- unmatched /v1x/orders operation_undeclared"),
        ("any.example", "GET", "/orders", "- unmatched /orders operation_undeclared"),
        ("shop.example", "GET", "/orders", "shop listOrders /orders"),
        ("SHOP.example", "GET", "/orders", "shop listOrders /orders"),
        ("any.example", "GET", "/v1/orders/%2e%2e", "- unmatched / path_invalid"),
        ("any.example", "GET", "/v1//orders", "- unmatched / path_invalid"),
        ("any.example", "OPTIONS", "*", "- unmatched / path_invalid"),
    ];
    for (host, method, path, expected) in cases {
        assert_eq!(outcome(&find(&snapshot, host, method, path, None)), expected, "{host} {method} {path}");
    }
}

#[test]
fn an_unknown_host_is_told_so_when_no_api_is_served_everywhere() {
    let snapshot = snapshot(settings(vec![served("shop", &["shop.example"], "")]));
    let routed = find(&snapshot, "evil.example", "GET", "/orders", None);
    assert_eq!(outcome(&routed), "- unmatched /orders host_unknown");
    assert!(routed.route.api.is_empty());
}

#[test]
fn a_405_says_what_is_allowed_and_keeps_its_template() {
    let snapshot = snapshot(settings(vec![served("shop", &[], "")]));
    let routed = find(&snapshot, "x", "DELETE", "/orders/1", None);
    let refusal = routed.refusal.unwrap();
    assert_eq!(refusal.allow, ["GET", "HEAD"]);
    assert_eq!(routed.template.as_deref(), Some("/orders/{id}"));
}

#[test]
fn what_is_observed_is_not_refused() {
    let observed = Api { observe_undeclared: true, ..served("shop", &[], "") };
    let snapshot = snapshot(settings(vec![observed]));
    for (method, path) in [("GET", "/nowhere"), ("DELETE", "/orders")] {
        let routed = find(&snapshot, "x", method, path, Some("q=1"));
        assert!(routed.refusal.is_none(), "{method} {path}");
        assert_eq!(&*routed.plan.id, "unmatched");
        assert_eq!(routed.route.query.as_deref(), Some("q=1"));
    }
    assert!(find(&snapshot, "x", "GET", "/a/../b", None).refusal.is_some());
}

#[test]
fn a_port_is_not_part_of_the_host() {
    for (host, expected) in [
        ("a.example", "a.example"),
        ("a.example:8080", "a.example"),
        ("[::1]:8080", "[::1]"),
        ("[::1]", "[::1]"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("a.example:", "a.example"),
    ] {
        assert_eq!(without_port(host), expected);
    }
}
