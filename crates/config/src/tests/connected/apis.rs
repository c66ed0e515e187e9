//! Keys of an API.

use super::leak;
use crate::tests::world::{GOOD, api, root, upstream};

pub(super) fn cases() -> Vec<(&'static str, String, String)> {
    let mut cases: Vec<(&'static str, String, String)> = Vec::new();
    let mut add = |path: &'static str, before: String, after: String| cases.push((path, before, after));
    for (path, written) in [
        ("apis.*.overlays", "overlays: [overlay.yaml]"),
        ("apis.*.hosts", "hosts: [a.example]"),
        ("apis.*.base_path", "base_path: /v9"),
        ("apis.*.undeclared", "undeclared: observe"),
        ("apis.*.auth", "auth: { bearerAuth: { issuer: https://b.example, audience: a } }"),
        ("apis.*.limits", "limits: [{ per: client, rate: 1/s }]"),
        ("apis.*.checks", "checks: { limits: watch }"),
        ("apis.*.operations", "operations: { health: { checks: { limits: watch } } }"),
        ("apis.*.operations.*.checks", "operations: { health: { checks: { limits: watch } } }"),
        ("apis.*.operations.*.limits", "operations: { health: { limits: [{ per: api, rate: 1/s }] } }"),
        ("apis.*.strict", "strict: { only_declared_properties: true }"),
        ("apis.*.strict.only_declared_properties", "strict: { only_declared_properties: true }"),
        ("apis.*.sanitise", "sanitise: true"),
        ("apis.*.identity", "identity: { forward_credential: true }"),
        ("apis.*.identity.forward_credential", "identity: { forward_credential: true }"),
        ("apis.*.cors", "cors: { origins: https://a.example }"),
    ] {
        add(path, GOOD.to_owned(), api(written));
    }
    add("apis", GOOD.to_owned(), GOOD.replace("orders:", "others:"));
    add("apis.*.spec", GOOD.to_owned(), GOOD.replace("orders.yaml", "others.yaml"));
    for (path, entry) in [
        ("apis.*.upstream", "http://127.0.0.1:1"),
        ("apis.*.upstream.url", "{ url: http://127.0.0.1:1 }"),
        ("apis.*.upstream.base_path", "{ url: http://127.0.0.1:3000, base_path: / }"),
        ("apis.*.upstream.http2", "{ url: http://127.0.0.1:3000, http2: true }"),
        ("apis.*.upstream.targets", "{ targets: [http://127.0.0.1:3000, http://127.0.0.1:3001] }"),
    ] {
        add(path, GOOD.to_owned(), upstream(entry));
    }
    for (path, entry) in [
        ("slow_start", "slow_start: 9s"),
        ("in_flight_max", "in_flight_max: 9"),
        ("pending_max", "pending_max: 9"),
        ("connections_max", "connections_max: 9"),
        ("health", "health: { path: /h }"),
        ("health.path", "health: { path: /h }"),
        ("health.every", "health: { path: /p, every: 9s }"),
        ("health.timeout", "health: { path: /p, timeout: 9s }"),
        ("health.healthy_after", "health: { path: /p, healthy_after: 9 }"),
        ("health.unhealthy_after", "health: { path: /p, unhealthy_after: 9 }"),
        ("health.status", "health: { path: /p, status: 200-204 }"),
        ("eject", "eject: { failures: 9 }"),
        ("eject.failures", "eject: { failures: 9 }"),
        ("eject.for", "eject: { for: 9s }"),
        ("eject.at_most", "eject: { at_most: 9% }"),
        ("retries", "retries: { attempts: 9 }"),
        ("retries.attempts", "retries: { attempts: 9 }"),
        ("retries.budget", "retries: { budget: 9% }"),
        ("retries.per_second_min", "retries: { per_second_min: 9 }"),
        ("retries.per_try", "retries: { per_try: 9s }"),
        ("dns", "dns: { ttl_max: 9s }"),
        ("dns.server", "dns: { server: \"127.0.0.1:53\" }"),
        ("dns.ttl_max", "dns: { ttl_max: 9s }"),
    ] {
        let path: &'static str = format!("apis.*.upstream.{path}").leak();
        let before = if entry.contains("path: /p") { "health: { path: /p }" } else { "http2: false" };
        let with = |more: &str| upstream(&format!("{{ url: http://127.0.0.1:3000, {more} }}"));
        add(path, with(before), with(entry));
    }
    // Files are judged when the configuration is read, so an unfit one is found.
    let behind_tls = |more: &str| upstream(&format!("{{ url: https://127.0.0.1:1, tls: {{ {more} }} }}"));
    let pin = format!("pins: [\"{}\"]", "0".repeat(64));
    let identity = "certificate: keys.json, key: \"${env:SECRET}\"";
    for (path, written) in [
        ("apis.*.upstream.tls", "server_name: a.example"),
        ("apis.*.upstream.tls.ca", "ca: keys.json"),
        ("apis.*.upstream.tls.server_name", "server_name: a.example"),
        ("apis.*.upstream.tls.pins", &pin),
        ("apis.*.upstream.tls.certificate", identity),
        ("apis.*.upstream.tls.key", identity),
    ] {
        add(path, upstream("https://127.0.0.1:1"), behind_tls(written));
    }
    let assertion =
        "identity: { assertion: { issuer: a, audience: b, lifetime: 60s, key: \"${env:SECRET}\" } }";
    add("apis.*.identity.assertion", GOOD.to_owned(), api(assertion));
    add(
        "apis.*.identity.assertion.issuer",
        api(assertion),
        api(&assertion.replace("issuer: a", "issuer: c")),
    );
    add(
        "apis.*.identity.assertion.audience",
        api(assertion),
        api(&assertion.replace("audience: b", "audience: c")),
    );
    add("apis.*.identity.assertion.lifetime", api(assertion), api(&assertion.replace("60s", "9s")));
    add("apis.*.identity.assertion.key", api(assertion), api(&assertion.replace("${env:SECRET}", "literal")));
    let legacy = "identity: { legacy_token: { algorithm: EdDSA, lifetime: 60s, key: \"${env:SECRET}\", \
                  claims: { sub: { principal: subject }, a: { claim: b }, c: { value: d } } } }";
    add("apis.*.identity.legacy_token", GOOD.to_owned(), api(legacy));
    for (path, from, to) in [
        ("apis.*.identity.legacy_token.algorithm", "EdDSA", "HS256"),
        ("apis.*.identity.legacy_token.lifetime", "60s", "9s"),
        ("apis.*.identity.legacy_token.claims", "{ sub:", "{ user:"),
        ("apis.*.identity.legacy_token.claims.*.principal", "principal: subject", "principal: tenant"),
        ("apis.*.identity.legacy_token.claims.*.claim", "claim: b", "claim: e"),
        ("apis.*.identity.legacy_token.claims.*.value", "value: d", "value: e"),
        ("apis.*.identity.legacy_token.header", "lifetime", "header: X-Token, lifetime"),
        ("apis.*.identity.legacy_token.scheme", "lifetime", "scheme: none, lifetime"),
        ("apis.*.identity.legacy_token.key", "${env:SECRET}", "literal"),
    ] {
        add(path, api(legacy), api(&legacy.replace(from, to)));
    }
    let limit = "limits: [{ per: client, rate: 5/s }]";
    let nested = "operations: { health: { limits: [{ per: client, rate: 5/s }] } }";
    for (paths, base) in [
        (["limits.per", "limits.rate", "limits.burst", "limits.name"], limit),
        (["apis.*.limits.per", "apis.*.limits.rate", "apis.*.limits.burst", "apis.*.limits.name"], limit),
        (
            [
                "apis.*.operations.*.limits.per",
                "apis.*.operations.*.limits.rate",
                "apis.*.operations.*.limits.burst",
                "apis.*.operations.*.limits.name",
            ],
            nested,
        ),
    ] {
        let place = if paths[0] == "limits.per" { root } else { api };
        let changes = [("client", "api"), ("5/s", "6/s"), ("5/s", "5/s, burst: 9"), ("5/s", "5/s, name: x")];
        for (path, (from, to)) in paths.into_iter().zip(changes) {
            add(path, place(base), place(&base.replace(from, to)));
        }
    }
    for (prefix, place, base) in [
        ("limits", root as fn(&str) -> String, limit),
        ("apis.*.limits", api, limit),
        ("apis.*.operations.*.limits", api, nested),
    ] {
        for (key, to) in [("daily", "5/s, daily: 9"), ("counts", "5/s, counts: cost")] {
            add(leak(format!("{prefix}.{key}")), place(base), place(&base.replace("5/s", to)));
        }
    }
    let with = limit.replace("5/s", "5/s, operations: [health]");
    add("limits.operations", root(limit), root(&with));
    add("apis.*.limits.operations", api(limit), api(&with));
    let cors = "cors: { origins: https://a.example }";
    for (key, written) in [
        ("origins", "cors: { origins: https://b.example }"),
        ("headers", "cors: { origins: https://a.example, headers: [x-a] }"),
        ("expose", "cors: { origins: https://a.example, expose: [x-a] }"),
        ("credentials", "cors: { origins: https://a.example, credentials: true }"),
        ("max_age", "cors: { origins: https://a.example, max_age: 9s }"),
    ] {
        add(leak(format!("cors.{key}")), root(cors), root(written));
        add(leak(format!("apis.*.cors.{key}")), api(cors), api(written));
    }
    cases
}
