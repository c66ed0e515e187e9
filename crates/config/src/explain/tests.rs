#![allow(clippy::unwrap_used)]

use super::{Asked, Explanation, request, trial};
use crate::tests::world::{GOOD, ORDERS, World, root};

fn asked(method: &str, target: &str) -> Asked {
    Asked::new(None, Some(method), Some(target), None).unwrap()
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
fn a_word_that_is_not_a_path_is_not_explained() {
    for word in ["nope", "", "https://api.example.com/orders", "GET"] {
        let refused = Asked::new(None, Some("GET"), Some(word), None);
        assert!(refused.is_err_and(|why| why.contains("is no path")), "{word}");
    }
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

fn curl(settings: &gateway::settings::Settings, command: &str) -> Explanation {
    request(settings, &Asked::new(Some(command), None, None, None).unwrap(), None).unwrap()
}

#[test]
fn the_checks_run_over_a_curl_command() {
    let settings = World::new(GOOD).configuration().settings;
    // Well-formed, and signed by nobody we know: RS256, a key id and the issuer.
    let token = "eyJhbGciOiJSUzI1NiIsInR5cCI6Imp3dCIsImtpZCI6ImEifQ.\
                 eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUuY29tLyJ9.AAAA";
    let get = "curl https://api.example.com/v1/orders";
    let bearer = format!("-H 'Authorization: Bearer {token}'");
    for (command, passes, parts) in [
        (get.to_owned(), false, &["refuse (credential_missing)", "not reached", "=> refused: 401"][..]),
        (
            format!("{get}?limit=12345 {bearer}"),
            false,
            &["unknown", "asks the issuer (keys)", "refuse (parameter_invalid)", "=> refused: 400"],
        ),
        (
            format!("{get} {bearer} --json '{{\"item\": 12345}}'"),
            false,
            &["refuse (body_invalid)", "=> refused: 400 body_invalid"],
        ),
        (
            format!("{get}?limit=3 {bearer}"),
            true,
            &["depends on who the caller is", "=> if the issuer vouches for the caller: forwarded to http"],
        ),
        ("curl https://api.example.com/v1/health".to_owned(), true, &["pass", "=> passes: forwarded to"]),
        (format!("{get} -d @file"), true, &["the checks were not run over the request"]),
    ] {
        let explained = curl(&settings, &command);
        assert_eq!(explained.passes, passes, "{command}\n{}", explained.text);
        for part in parts {
            assert!(explained.text.contains(part), "`{part}` is not in\n{}", explained.text);
        }
        let told = format!("{}{}", explained.document, explained.text.lines().skip(1).collect::<String>());
        assert!(!told.contains("12345") && !told.contains(token), "{told}");
    }
}

#[test]
fn a_client_s_keys_are_presented_to_the_checks() {
    let world = |more: &str| {
        let one = format!("{{ id: k, client: acme, key: \"${{env:SECRET}}\"{more} }}");
        let other = "{ id: l, client: other, key: \"${env:OTHER}\" }";
        let mut world = World::new(&format!("{GOOD}  partnerKey: {{ keys: [ {one}, {other} ] }}\n"));
        let taken = ORDERS.replace("[{ bearerAuth: [orders.read] }]", "[{ partnerKey: [orders.read] }]");
        world.file("orders.yaml", &taken);
        crate::read("gateway.yaml".as_ref(), &crate::WithoutSecrets(world)).0.unwrap().settings
    };
    let counted = root("limits: [{ per: address, rate: 1/s }]");
    let said = curl(&World::new(&counted).configuration().settings, "curl https://a/v1/health").text;
    assert!(said.contains("limits count from zero here"), "{said}");
    for (more, target, passes, part) in [
        (", authorizes: true, scopes: [orders.read]", "/v1/orders", true, "=> passes: forwarded to"),
        (", authorizes: true", "/v1/orders", false, "refuse (scope_missing)"),
        (
            ", authorizes: true, scopes: [orders.read]",
            "/v1/orders?limit=x",
            false,
            "refuse (parameter_invalid)",
        ),
        (
            ", authorizes: true, expires: 2001-01-01T00:00:00Z",
            "/v1/orders",
            false,
            "refuse (api_key_expired)",
        ),
    ] {
        let explained = request(&world(more), &asked("GET", target), Some("acme")).unwrap();
        assert_eq!(explained.passes, passes, "{}", explained.text);
        assert!(explained.text.contains(part), "`{part}` is not in\n{}", explained.text);
    }
}

#[test]
fn routes_tell_classes_and_costs_when_there_are_any() {
    let plain = World::new(GOOD).configuration().settings;
    assert!(!super::routes::text(&plain).contains("CLASS"));
    let file = crate::tests::world::api("operations: { health: { class: batch, cost: 7 } }");
    let classed = World::new(&file).configuration().settings;
    let text = super::routes::text(&classed);
    let line = text.lines().find(|line| line.contains("health")).unwrap();
    assert!(line.contains("batch  7"), "{text}");
    let document = super::routes::document(&classed);
    let routes = document["routes"].as_array().unwrap();
    let health = routes.iter().find(|route| route["operation"] == "health").unwrap();
    assert_eq!((&health["class"], &health["cost"]), (&"batch".into(), &7.into()));
}
