#![allow(clippy::unwrap_used)]
//! Each difference, as a table: the old file, the new file, the direction, and a part of the sentence.

use super::{Direction, changes};
use crate::tests::world::{GOOD, JWKS, ORDERS, World, api, auth, key, root, upstream};

fn assert_change(old: &World, new: &World, direction: &str, part: &str) {
    let list = changes(&old.configuration(), &new.configuration());
    let told: Vec<_> =
        list.iter().map(|change| format!("{}: {}", change.direction.name(), change.sentence)).collect();
    let found = told.iter().any(|line| line.starts_with(direction) && line.contains(part));
    assert!(found, "no {direction} change with `{part}` in {told:#?}");
}

/// Both ways: what is weaker one way is stronger the other.
fn assert_both(strict: &World, loose: &World, weaker: &str, stronger: &str) {
    assert_change(strict, loose, "weaker", weaker);
    assert_change(loose, strict, "stronger", stronger);
}

#[test]
fn the_file_s_differences_are_told_both_ways() {
    let secret = "issuer: a, audience: a, secret: \"${env:SECRET}\"";
    let legacy = |flag: &str| auth(&format!("{{ {secret}, insecure: {{ legacy_token: {flag} }} }}"));
    let with = |more: &str| auth(&format!("{{ issuer: https://a.example, audience: a{more} }}"));
    let limit = |rate: &str| root(&format!("limits: [{{ per: client, rate: {rate} }}]"));
    let one = "{ id: a, key: \"${env:SECRET}\" }";
    let two = "{ id: a, key: \"${env:SECRET}\", authorizes: true }, { id: b, key: \"${env:OTHER}\" }";
    let origins = |list: &str| root(&format!("cors: {{ origins: [{list}] }}"));
    for (strict, loose, weaker, stronger) in [
        (limit("20/s"), limit("200/s"), "limit `client` 20/s -> 200/s", "limit `client` 200/s -> 20/s"),
        (limit("20/s, daily: 9"), limit("20/s, daily: 90"), "client` 9 -> 90", "client` 90 -> 9"),
        (limit("20/s, daily: 9"), limit("20/s"), "no daily cap any more: 9", "has a daily cap now: 9"),
        (
            root("limits: [{ name: a, per: client, rate: 1/s }]"),
            root("limits: [{ name: a, per: principal, rate: 1/s }]"),
            "limit `a` counts per principal instead of per client",
            "limit `a` counts per client instead of per principal",
        ),
        (
            root("limits: [{ name: a, per: operation, rate: 1/s }]"),
            root("limits: [{ name: a, per: address, rate: 1/s }]"),
            "limit `a` counts per address instead of per operation",
            "limit `a` counts per operation instead of per address",
        ),
        (
            root("tenant: { claim: org }\nlimits: [{ per: tenant, rate: 1/s }]"),
            root("limits: [{ per: tenant, rate: 1/s }]"),
            "tenants are named by nothing instead of `org`",
            "tenants are named by `org` instead of nothing",
        ),
        (
            root("classes: { sensitive: { limits: [{ per: client, rate: 1/s }] } }"),
            root("classes: { sensitive: { limits: [{ per: client, rate: 2/s }] } }"),
            "limit `sensitive-client` 1/s -> 2/s",
            "limit `sensitive-client` 2/s -> 1/s",
        ),
        (
            api("operations: { health: { class: sensitive } }"),
            api("operations: { health: { class: partner } }"),
            "health: class sensitive -> partner",
            "health: class partner -> sensitive",
        ),
        (
            api("operations: { health: { cost: 5 } }"),
            api("operations: { health: { cost: 2 } }"),
            "health: cost 5 -> 2",
            "health: cost 2 -> 5",
        ),
        (
            api("concurrency: { max: 50 }"),
            api("concurrency: { max: 90 }"),
            "requests in flight to the service 50 -> 90",
            "requests in flight to the service 90 -> 50",
        ),
        (api("concurrency: {}"), GOOD.to_owned(), "no longer bounded", "now bounded: 1000"),
        (limit("20/s"), GOOD.to_owned(), "limit `client` of 20/s is gone", "limit `client` is new: 20/s"),
        (
            root("failed_authentications: 5/min"),
            GOOD.to_owned(),
            "failed authentications 5/min -> 30/min",
            "failed authentications 30/min -> 5/min",
        ),
        (api("undeclared: refuse"), api("undeclared: observe"), "refuse -> observe", "observe -> refuse"),
        (
            GOOD.to_owned(),
            api("checks: { limits: watch }"),
            "check `limits` enforce -> watch",
            "watch -> enforce",
        ),
        (
            api("checks: { limits: watch }"),
            api("checks: { limits: off }"),
            "check `limits` watch -> off",
            "check `limits` off -> watch",
        ),
        (
            GOOD.to_owned(),
            api("operations: { health: { checks: { limits: off } } }"),
            "check `limits` for health enforce -> off",
            "check `limits` for health off -> enforce",
        ),
        (
            GOOD.to_owned(),
            root("sizes: { body_bytes_max: 9MiB }"),
            "body_bytes_max 1MiB -> 9MiB",
            "9MiB -> 1MiB",
        ),
        (GOOD.to_owned(), root("timeouts: { head: 1h }"), "request head 10s -> 1h", "request head 1h -> 10s"),
        (
            GOOD.to_owned(),
            root("egress: { allow: [10.0.0.0/8] }"),
            "network `10.0.0.0/8` is now accepted",
            "network `10.0.0.0/8` is no longer accepted",
        ),
        (
            origins("https://a.example"),
            origins("https://a.example, https://b.example"),
            "CORS origin `https://b.example` is now",
            "CORS origin `https://b.example` is no longer",
        ),
        (
            with(", token_lifetime_max: 1h"),
            with(""),
            "token lifetime 1h -> unbounded",
            "token lifetime unbounded -> 1h",
        ),
        (with(""), with(", leeway: 30s"), "leeway 10s -> 30s", "leeway 30s -> 10s"),
        (
            with(", algorithms: [ES256]"),
            with(""),
            "algorithm `RS256` is now",
            "algorithm `RS256` is no longer",
        ),
        (with(", required_claims: [sub]"), with(""), "`sub` is no longer required", "`sub` is now required"),
        (
            with(""),
            with("").replace("audience: a", "audience: [a, b]"),
            "audience `b` is now accepted",
            "audience `b` is no longer accepted",
        ),
        (legacy("false"), legacy("true"), "`typ` are now accepted", "`typ` are no longer accepted"),
        (
            auth("{ issuer: https://a.example, audience: a }"),
            auth("[{ issuer: https://a.example, audience: a }, { issuer: https://b.example, audience: a }]"),
            "issuer `https://b.example` is now trusted",
            "issuer `https://b.example` is no longer trusted",
        ),
        (key(one), key(two), "`a` now authorizes alone", "`a` no longer authorizes alone"),
        (key(one), key(two), "API key `b` of `b` is new", "API key `b` is gone"),
        (
            api("strict: { only_declared_properties: true }"),
            GOOD.to_owned(),
            "properties of bodies are no longer refused",
            "properties of bodies are now refused",
        ),
        (api("hosts: [a.example]"), GOOD.to_owned(), "every host name", "named hosts only"),
        (
            root("listen: { address: 127.0.0.1:8080, trusted_proxies: [10.0.0.1/32] }"),
            root("listen: { address: 127.0.0.1:8080, trusted_proxies: [10.0.0.0/8, 10.0.0.1/32] }"),
            "the word on addresses of proxies in `10.0.0.0/8` is now accepted",
            "the word on addresses of proxies in `10.0.0.0/8` is no longer accepted",
        ),
        (
            GOOD.to_owned(),
            root("listen: 0.0.0.0:8080\ninsecure: { cleartext_listen: true }"),
            "new listener, cleartext beyond loopback",
            "",
        ),
    ] {
        if stronger.is_empty() {
            assert_change(&World::new(&strict), &World::new(&loose), "weaker", weaker);
        } else {
            assert_both(&World::new(&strict), &World::new(&loose), weaker, stronger);
        }
    }
}

#[test]
fn a_description_s_differences_are_told_both_ways() {
    let read = "[{ bearerAuth: [orders.read] }]";
    let body = "additionalProperties: false";
    for (from, to, weaker, stronger) in [
        (read, "[]", "listOrders became anonymous", "listOrders now asks for a credential"),
        (
            read,
            "[{ bearerAuth: [] }]",
            "no longer asks for scope orders.read",
            "now also asks for scope orders.read",
        ),
        (read, "[{ bearerAuth: [orders.read] }, {}]", "listOrders became anonymous", "asks for a credential"),
        ("maximum: 100", "maximum: 1000", "`limit`: maximum 100 -> 1000", "`limit`: maximum 1000 -> 100"),
        ("required: [item]", "required: []", "`item` is no longer required", "`item` is now required"),
        (body, "additionalProperties: true", "now accepts undeclared", "no longer accepts undeclared"),
        ("maxLength: 40", "description: any", "body.item: maxLength 40 -> none", "maxLength none -> 40"),
        (
            "enum: [red, green]",
            "enum: [red, green, blue]",
            "may now be \"blue\"",
            "may no longer be \"blue\"",
        ),
        (
            "type: string, maxLength",
            "type: [string, 'null'], maxLength",
            "may now be null",
            "may no longer be null",
        ),
        (
            "required: true\n        content",
            "content",
            "the body is no longer required",
            "the body is now required",
        ),
        (
            "content:\n          app",
            "content:\n          text/plain: {}\n          app",
            "`text/plain` is now",
            "`text/plain` is no longer",
        ),
        (", colour: { enum: [red, green] } }", " }", "", "no longer accepts property `colour`"),
    ] {
        let strict = World::new(GOOD);
        let mut loose = World::new(GOOD);
        let changed = ORDERS.replace(from, to);
        assert_ne!(changed, ORDERS, "{from} is not there");
        loose.file("orders.yaml", &changed);
        if weaker.is_empty() {
            assert_change(&strict, &loose, "stronger", stronger);
        } else {
            assert_both(&strict, &loose, weaker, stronger);
        }
    }
}

#[test]
fn operations_come_and_go() {
    let without = ORDERS.split("  /health:").next().unwrap().to_owned()
        + "components:\n  securitySchemes:\n    bearerAuth: { type: http, scheme: bearer }\n";
    let mut fewer = World::new(GOOD);
    fewer.file("orders.yaml", &without);
    let all = World::new(GOOD);
    assert_change(&fewer, &all, "weaker", "health is new, and anyone may call it");
    assert_change(&all, &fewer, "stronger", "health is gone");
}

#[test]
fn a_referenced_schema_is_compared_where_it_is_used() {
    let with = |max: u32| {
        let reference =
            ORDERS.replace("{ type: string, maxLength: 40 }", "{ $ref: '#/components/schemas/Item' }");
        let mut world = World::new(GOOD);
        let schemas =
            format!("  schemas: {{ Item: {{ allOf: [ {{ type: string, maxLength: {max} }} ] }} }}\n");
        world.file("orders.yaml", &format!("{reference}{schemas}"));
        world
    };
    assert_both(&with(40), &with(41), "body.item: maxLength 40 -> 41", "body.item: maxLength 41 -> 40");
}

#[test]
fn users_that_are_known_by_another_claim_cannot_be_judged() {
    let by = |claim: &str| World::new(&auth(&format!("{{ issuer: https://a.example, audience: a{claim} }}")));
    let told = "users are known by `user_id` instead of `sub`";
    assert_change(&by(""), &by(", subject: user_id"), "unknown", told);
}

#[test]
fn an_upstream_that_loses_tls_is_weaker_and_one_that_moves_is_neutral() {
    let https = World::new(&upstream("https://127.0.0.1:3000"));
    let http = World::new(GOOD);
    let moved = World::new(&upstream("http://127.0.0.1:3001"));
    assert_change(&https, &http, "weaker", "loses TLS");
    assert_change(&http, &moved, "neutral", "127.0.0.1:3000 -> http://127.0.0.1:3001");
}

#[test]
fn nothing_changed_is_no_change_and_the_weak_come_first() {
    let good = World::new(GOOD).configuration();
    assert_eq!(changes(&good, &good), []);
    let new = World::new(&root("sizes: { body_bytes_max: 9KiB, head_bytes_max: 64KiB }")).configuration();
    let directions: Vec<_> = changes(&good, &new).iter().map(|change| change.direction).collect();
    assert_eq!(directions, [Direction::Weaker, Direction::Stronger]);
}

/// The same gateway file with keys of its own beside it.
fn with_keys(set: &str) -> World {
    let mut world = World::new(&auth("{ issuer: https://a.example, audience: a, jwks: keys.json }"));
    world.file("keys.json", set);
    world
}

#[test]
fn an_exchanged_signing_key_is_told_whatever_it_is_called() {
    let other = JWKS.replace(
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "CV-aGlMLVtdS8DKJZCPbdfmAOmZdCFMvXPkVYk4zNbw",
    );
    let both = format!("{},{}", JWKS.trim_end_matches("]}"), other.trim_start_matches("{\"keys\":["))
        .replacen("\"kid\":\"a\"", "\"kid\":\"b\"", 1);
    assert_change(&with_keys(JWKS), &with_keys(&other), "weaker", "key `a` (thumbprint ");
    assert_change(&with_keys(JWKS), &with_keys(&other), "stronger", "is no longer trusted");
    assert_change(&with_keys(JWKS), &with_keys(&both), "weaker", "is now trusted");
    assert_change(&with_keys(&both), &with_keys(JWKS), "stronger", "is no longer trusted");
    let renamed = JWKS.replace("\"kid\":\"a\"", "\"kid\":\"b\"");
    assert_change(&with_keys(JWKS), &with_keys(&renamed), "neutral", "was called otherwise");
    let spaced = JWKS.replace(',', ", ");
    let told = changes(&with_keys(JWKS).configuration(), &with_keys(&spaced).configuration());
    assert_eq!(told, []);
}

#[test]
fn roots_that_are_added_are_weaker_and_roots_that_go_are_stronger() {
    let root = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap().pem()
    };
    let (one, two) = (root("a.example"), root("b.example"));
    let with = |pem: &str| {
        let mut world = World::new(&upstream("{ url: https://127.0.0.1:3000, tls: { ca: ca.pem } }"));
        world.file("ca.pem", pem);
        world
    };
    let both = format!("{one}{two}");
    assert_both(
        &with(&one),
        &with(&both),
        "1 more of the upstream's roots",
        "1 of the upstream's roots are no",
    );
    assert_change(&with(&one), &with(&two), "weaker", "1 more of the upstream's roots");
    let system = World::new(&upstream("https://127.0.0.1:3000"));
    assert_change(&with(&one), &system, "weaker", "the system's roots are now trusted");
    assert_change(&system, &with(&one), "unknown", "those of a file instead of the system's");
    let commented = format!("# Ours.\n{one}");
    assert_eq!(changes(&with(&one).configuration(), &with(&commented).configuration()), []);
}

#[test]
fn less_room_for_records_is_weaker_and_none_the_least() {
    let room = |size: &str| World::new(&root(&format!("records_bytes_max: {size}")));
    let (more, less) = (room("200MiB"), room("100MiB"));
    assert_both(&more, &less, "records_bytes_max 200MiB -> 100MiB", "records_bytes_max 100MiB -> 200MiB");
    assert_change(&less, &room("0"), "weaker", "records_bytes_max 100MiB -> 0");
}

#[test]
fn an_api_key_of_another_client_or_tenant_cannot_be_judged() {
    let of = |more: &str| World::new(&key(&format!("{{ id: a, key: \"${{env:SECRET}}\"{more} }}")));
    for more in [", client: b", ", tenant: b"] {
        assert_change(&of(""), &of(more), "unknown", "another value, client or tenant");
    }
}
