//! Bindings and policies as a gateway file names them: read with it, held against the description, told with places.

mod differences;

use super::world::{GOOD, World, api};

const BINDINGS: &str = "\
version: 1
tenants: single
operations:
  listOrders: { action: list }
  createOrder: { action: create }
  health: { class: public }
";

const POLICIES: &str = "\
@id(\"guard-user\") forbid (principal is User, action, resource) unless { resource.tenant == principal.tenant };
@id(\"guard-client\") forbid (principal is Client, action, resource) unless { resource.tenant == principal.tenant };
@id(\"all\") permit (principal is User, action, resource);
";

pub(super) fn files(world: &mut World) {
    world.file("bindings.yaml", BINDINGS);
    world.file("strict.yaml", &BINDINGS.replace("{ action: create }", "{ action: create, roles: [clerk] }"));
    world.file("policies.cedar", POLICIES);
    world.file("sealed.yaml", &format!("{BINDINGS}resources: {{ Order: {{ seal: ord }} }}\n"));
}

/// Every key of the section, with two files that differ in this key alone.
pub(super) fn cases() -> Vec<(&'static str, String, String)> {
    let with = |more: &str| api(&format!("authorization: {{ bindings: bindings.yaml{more} }}"));
    vec![
        ("apis.*.authorization", GOOD.to_owned(), with("")),
        ("apis.*.authorization.bindings", with(""), with("").replace("bindings.yaml", "strict.yaml")),
        ("apis.*.authorization.policies", with(""), with(", policies: [policies.cedar]")),
        ("apis.*.authorization.external", with(""), with(", external: { endpoint: https://a.example/e }")),
        (
            "apis.*.authorization.external.endpoint",
            with(", external: { endpoint: https://a.example/e }"),
            with(", external: { endpoint: https://b.example/e }"),
        ),
        (
            "apis.*.authorization.external.token",
            with(", external: { endpoint: https://a.example/e }"),
            with(", external: { endpoint: https://a.example/e, token: \"${env:SECRET}\" }"),
        ),
        ("apis.*.authorization.limits", with(""), with(", limits: { lock_wait: 9s }")),
        ("apis.*.authorization.limits.lock_wait", with(""), with(", limits: { lock_wait: 9s }")),
        (
            "apis.*.authorization.limits.evidence_timeout",
            with(""),
            with(", limits: { evidence_timeout: 9s }"),
        ),
        (
            "apis.*.authorization.limits.evidence_calls_max",
            with(""),
            with(", limits: { evidence_calls_max: 9 }"),
        ),
        ("apis.*.authorization.limits.answer_grid", with(""), with(", limits: { answer_grid: 9ms }")),
        ("apis.*.authorization.sealing", with(""), with(&sealing("1"))),
        ("apis.*.authorization.sealing.keys", with(""), with(&sealing("1"))),
        ("apis.*.authorization.sealing.keys.number", with(&sealing("1")), with(&sealing("2"))),
        ("apis.*.authorization.sealing.keys.key", with(""), with(&sealing("1"))),
    ]
}

fn sealing(number: &str) -> String {
    format!(", sealing: {{ keys: [{{ number: {number}, key: \"${{env:SECRET}}\" }}] }}")
}

fn found(bindings: &str, more: &str) -> (bool, Vec<(String, String, u32)>) {
    let mut world = World::new(&api(&format!("authorization: {{ bindings: bindings.yaml{more} }}")));
    files(&mut world);
    world.file("bindings.yaml", bindings);
    let (configuration, findings, _) = world.read();
    let told = findings.into_iter().map(|finding| {
        let place = finding.place.unwrap();
        (finding.code, place.file.to_string(), place.line)
    });
    (configuration.is_some(), told.collect())
}

#[test]
fn bindings_reach_the_settings_with_a_plan_for_each_operation() {
    let mut world = World::new(&api("authorization: { bindings: bindings.yaml }"));
    files(&mut world);
    let configuration = world.configuration();
    let authorization = configuration.settings.apis[0].authorization.as_ref().unwrap();
    for id in ["listOrders", "createOrder", "health"] {
        assert!(authorization.plan(id).is_some(), "{id}");
    }
    assert!(authorization.plan("other").is_none());
}

#[test]
fn what_is_wrong_in_the_bindings_is_told_where_it_stands_and_nothing_is_served() {
    for (bindings, code, line) in [
        (BINDINGS.replace("tenants:", "tenantz:"), "B4002", 2),
        (BINDINGS.replace("listOrders", "listOrder"), "B4010", 4),
        (BINDINGS.replace("health", "health: ["), "B4001", 6),
    ] {
        let (usable, told) = found(&bindings, "");
        assert!(!usable, "{bindings}");
        let one = told.iter().find(|(found, ..)| found == code);
        assert_eq!(one.map(|(_, file, at)| (file.as_str(), *at)), Some(("bindings.yaml", line)), "{told:?}");
    }
    let (usable, told) = found(BINDINGS, ", policies: [absent.cedar]");
    assert!(
        !usable && told.iter().any(|(code, file, _)| code == "B2007" && file == "gateway.yaml"),
        "{told:?}"
    );
}

#[test]
fn gaps_are_warnings_and_are_not_told_of_bindings_that_are_wrong() {
    let without = BINDINGS.replace("  health: { class: public }\n", "");
    let (usable, told) = found(&without, "");
    assert!(usable, "{told:?}");
    assert!(told.iter().any(|(code, file, _)| code == "B4203" && file == "orders.yaml"), "{told:?}");
    let (_, told) = found(&without.replace("listOrders", "listOrder"), "");
    assert!(!told.iter().any(|(code, ..)| code.starts_with("B42")), "{told:?}");
}

#[test]
fn bindings_and_policies_are_watched_and_belong_to_the_hash() {
    let text = api("authorization: { bindings: bindings.yaml, policies: [policies.cedar] }");
    let mut world = World::new(&text);
    files(&mut world);
    let (_, _, sources) = world.read();
    for name in ["bindings.yaml", "policies.cedar"] {
        assert!(sources.looks().contains_key(std::path::Path::new(name)), "{name}");
        let before = sources.hash();
        let mut changed = world.clone();
        changed.file(
            name,
            &format!(
                "{}\n",
                sources.text(name).map(|text| String::from_utf8_lossy(text).into_owned()).unwrap()
            ),
        );
        assert_ne!(before, changed.read().2.hash(), "{name}");
    }
}

#[test]
fn explain_says_what_an_operation_asks() {
    let mut world = World::new(&api("authorization: { bindings: bindings.yaml }"));
    files(&mut world);
    world.file(
        "bindings.yaml",
        &BINDINGS.replace("{ action: create }", "{ action: create, class: admin, roles: [clerk, root] }"),
    );
    let settings = world.configuration().settings;
    let explained = |method: &str, path: &str| {
        let asked = crate::explain::Asked::new(None, Some(method), Some(path), None).unwrap();
        crate::explain::request(&settings, &asked, None).unwrap()
    };
    let create = explained("POST", "/v1/orders");
    assert!(
        create.text.contains("  may        create, class admin, role clerk or root, has an effect\n"),
        "{}",
        create.text
    );
    assert_eq!(
        create.document.pointer("/authorization/roles/0").and_then(|role| role.as_str()),
        Some("clerk")
    );
    world.file(
        "bindings.yaml",
        &BINDINGS.replace("listOrders: { action: list }", "listOrders: { deny: true }"),
    );
    let settings = world.configuration().settings;
    let asked = crate::explain::Asked::new(None, Some("GET"), Some("/v1/orders"), None).unwrap();
    let denied = crate::explain::request(&settings, &asked, None).unwrap();
    assert!(denied.text.contains("nobody: the bindings deny it"), "{}", denied.text);
}

const SEALED: &str = "\
version: 1
tenants: claim
resources:
  Order: { id: $.item, tenant: { from: principal }, owner: { property: $.user }, seal: ord }
operations:
  listOrders: { action: list, list: { type: Order } }
  createOrder: { action: create, takes: Order, shows_ids: [{ header: X-Order, type: Order }] }
  health: { class: public }
";

#[test]
fn explain_says_where_ids_are_opened_and_sealed() {
    let mut world = World::new(&api(
        "authorization: { bindings: bindings.yaml, sealing: { keys: [{ number: 1, key: \"${env:SECRET}\" }] } }",
    ));
    world.file("bindings.yaml", SEALED);
    let settings = world.configuration().settings;
    let explained = |method: &str| {
        let asked = crate::explain::Asked::new(None, Some(method), Some("/v1/orders"), None).unwrap();
        crate::explain::request(&settings, &asked, None).unwrap()
    };
    let made = explained("POST");
    for part in ["opens      Order at $.item of body $", "seals      Order in x-order"] {
        assert!(made.text.contains(part), "`{part}` is not in\n{}", made.text);
    }
    let listed = explained("GET").text;
    assert!(listed.contains("seals      Order at $.item of $[*]"), "{listed}");
    let header = made.document.pointer("/authorization/seals_headers/0/header");
    assert_eq!(header.and_then(serde_json::Value::as_str), Some("x-order"));
}

#[test]
fn bindings_that_tell_tenants_apart_need_somebody_who_names_them() {
    let told = |gateway: &str, bindings: &str| {
        let mut world = World::new(gateway);
        world.file("bindings.yaml", bindings);
        let (_, findings, _) = world.read();
        findings.iter().any(|finding| finding.code == "B4208")
    };
    let gateway = api("authorization: { bindings: bindings.yaml }");
    let apart = BINDINGS.replace("tenants: single", "tenants: claim");
    assert!(told(&gateway, &apart));
    assert!(!told(&gateway, BINDINGS));
    assert!(!told(&format!("{gateway}tenant: {{ claim: org }}\n"), &apart));
}

#[test]
fn where_all_callers_are_clients_clients_own_something() {
    let gateway = api("authorization: { bindings: bindings.yaml }").replace(
        "bearerAuth: { issuer: https://login.example.com/, audience: orders-api }",
        "partnerKey: { keys: [{ id: shop, key: \"${env:SECRET}\" }] }",
    );
    let told = |principals: &str, owner: &str| {
        let mut world = World::new(&gateway);
        let keys = super::world::ORDERS.replace("[{ bearerAuth: [orders.read] }]", "[{ partnerKey: [] }]");
        world.file("orders.yaml", &keys.replace("[{ bearerAuth: [orders.write] }]", "[{ partnerKey: [] }]"));
        let resources = format!("{principals}resources:\n  Order: {{ owner: {owner} }}\noperations:");
        world.file("bindings.yaml", &BINDINGS.replace("operations:", &resources));
        let (configuration, findings, _) = world.read();
        assert!(configuration.is_some(), "{findings:#?}");
        findings.iter().any(|finding| finding.code == "B4213")
    };
    assert!(told("", "{ property: $.user }"));
    assert!(!told("principals: { clients_own: true }\n", "{ property: $.user }"));
    assert!(!told("", "{ from: none }"));
}

#[test]
fn owners_are_of_one_issuer_or_of_those_that_are_named() {
    let gateway = api("authorization: { bindings: bindings.yaml }");
    let scheme = "bearerAuth: { issuer: https://login.example.com/, audience: orders-api }";
    assert!(gateway.contains(scheme));
    let two = gateway.replace(
        scheme,
        "bearerAuth: [{ issuer: https://login.example.com/, audience: orders-api }, { issuer: https://other.example/, audience: orders-api }]",
    );
    let told = |gateway: &str, principals: &str| {
        let mut world = World::new(gateway);
        let resources = "resources:\n  Order: { owner: { property: $.user } }\noperations:";
        world.file("bindings.yaml", &BINDINGS.replace("operations:", &format!("{principals}{resources}")));
        let (configuration, findings, _) = world.read();
        let told: Vec<_> = findings
            .iter()
            .filter(|finding| finding.is_error())
            .map(|finding| finding.code.clone())
            .collect();
        assert_eq!(configuration.is_none(), !told.is_empty(), "{findings:#?}");
        told
    };
    assert_eq!(told(&gateway, ""), [""; 0]);
    assert_eq!(told(&two, ""), ["B4209"]);
    assert_eq!(told(&two, "principals: { issuer: https://login.example.com/ }\n"), [""; 0]);
    assert_eq!(
        told(&two, "principals: { issuer: [https://login.example.com/, https://other.example/] }\n"),
        [""; 0]
    );
    assert_eq!(told(&two, "principals: { issuer: https://login.example.com }\n"), ["B4022"]);
    // The API itself tells its callers apart.
    assert_eq!(told(&two, "principals: { whoami: { operation: listOrders, subject: $.id } }\n"), [""; 0]);
    assert_eq!(told(&two, "principals: { whoami: { operation: listOrders, roles: $.roles } }\n"), ["B4209"]);
}

#[test]
fn what_is_sealed_needs_good_keys_and_keys_need_something_to_seal() {
    let told = |bindings: &str, sealing: &str| {
        let mut world = World::new(&api(&format!("authorization: {{ bindings: {bindings}{sealing} }}")));
        files(&mut world);
        world.secret("THIRTY_ONE", &"k".repeat(31));
        let (configuration, findings, _) = world.read();
        let of_seals = findings.into_iter().filter(|one| ["B4021", "B4204"].contains(&one.code.as_str()));
        let told: Vec<_> = of_seals.map(|one| (one.code, one.sentence)).collect();
        (configuration.is_some(), told)
    };
    let keys = |list: &str| format!(", sealing: {{ keys: [{list}] }}");
    let good = "{ number: 1, key: \"${env:SECRET}\" }";
    assert_eq!(told("sealed.yaml", &keys(good)), (true, vec![]));
    for (sealing, said) in [
        (String::new(), "there is no key"),
        (keys(""), "there is no key of sealed ids"),
        (keys("{ number: 1, key: \"${env:THIRTY_ONE}\" }"), "shorter than 32 bytes"),
        (keys(&format!("{good}, {}", good.replace("SECRET", "OTHER"))), "have one number"),
    ] {
        let (usable, told) = told("sealed.yaml", &sealing);
        assert!(!usable, "{sealing}");
        assert!(told.iter().any(|(code, sentence)| code == "B4021" && sentence.contains(said)), "{told:?}");
    }
    let (usable, told) = told("bindings.yaml", &keys(good));
    assert!(usable && told.len() == 1 && told[0].1.contains("no resource type is sealed"), "{told:?}");
}
