#![allow(clippy::unwrap_used)]

use super::{Asked, request, trial};
use crate::tests::world::{GOOD, ORDERS, World, root};

fn asked(method: &str, target: &str) -> Asked {
    Asked { method: method.to_owned(), host: String::new(), target: target.to_owned() }
}

#[test]
fn a_request_is_explained_with_places() {
    let settings = World::new(&root("limits: [{ per: client, rate: 5/s }]")).configuration().settings;
    let explained = request(&settings, &asked("GET", "/v1/orders?limit=3"), None).unwrap();
    assert!(explained.passes);
    for part in [
        "listOrders of orders  (orders.yaml:6:5)",
        "bearerAuth(orders.read)",
        "bearerAuth is asked for at orders.yaml:8:20",
        "(gateway.yaml:7:3)",
        "5/s per client",
        "forwarded to http://127.0.0.1:3000",
    ] {
        assert!(explained.text.contains(part), "`{part}` is not in\n{}", explained.text);
    }
    let document = explained.document;
    assert_eq!(document.pointer("/plan/operation").and_then(serde_json::Value::as_str), Some("listOrders"));
}

#[test]
fn what_is_not_described_does_not_pass() {
    let settings = World::new(GOOD).configuration().settings;
    for (method, target, part) in
        [("GET", "/v1/nothing", "404"), ("PUT", "/v1/orders", "405"), ("GET", "/v1/a//b", "400")]
    {
        let explained = request(&settings, &asked(method, target), None).unwrap();
        assert!(!explained.passes && explained.text.contains(part), "{}", explained.text);
    }
    let mut world = World::new(GOOD);
    world.file("orders.yaml", &ORDERS.replace("      security: []\n", ""));
    let explained = request(&world.configuration().settings, &asked("GET", "/v1/health"), None).unwrap();
    assert!(!explained.passes && explained.text.contains("403 security_undeclared"), "{}", explained.text);
}

#[test]
fn a_client_is_judged_by_its_keys() {
    let entry = |more: &str| {
        let keys = format!("{{ keys: [ {{ id: k, client: acme, key: \"${{env:SECRET}}\"{more} }} ] }}");
        let mut world = World::new(&format!("{GOOD}  partnerKey: {keys}\n"));
        world.file(
            "orders.yaml",
            &ORDERS.replace("[{ bearerAuth: [orders.read] }]", "[{ partnerKey: [orders.read] }]"),
        );
        world.configuration().settings
    };
    for (more, passes, part) in [
        (", authorizes: true, scopes: [orders.read]", true, "satisfies partnerKey"),
        (", authorizes: true", false, "lacks scope orders.read"),
        (", scopes: [orders.read]", false, "lacks a key that authorizes alone"),
    ] {
        let explained = request(&entry(more), &asked("GET", "/v1/orders"), Some("acme")).unwrap();
        assert_eq!(explained.passes, passes, "{}", explained.text);
        assert!(explained.text.contains(part), "{}", explained.text);
    }
    assert!(request(&entry(""), &asked("GET", "/v1/orders"), Some("nobody")).unwrap_err().contains("nobody"));
}

#[test]
fn a_trial_finds_what_only_preparing_shows() {
    assert_eq!(trial(&World::new(GOOD).configuration().settings), []);
    let mut world = World::new(GOOD);
    world.file(
        "orders.yaml",
        &ORDERS.replace("operationId: health", "operationId: health\n      x-bartizan: { colour: 1 }"),
    );
    let findings = trial(&world.configuration().settings);
    assert!(findings.iter().any(|finding| finding.sentence.contains("colour")), "{findings:?}");
}
