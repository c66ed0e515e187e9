//! A key that is read and then forgotten would be a switch that does nothing: each key must change the outcome.

mod listener;

use std::collections::BTreeSet;

use gateway::settings::AuthenticatorKind;

use super::world::{GOOD, World, api, auth, key, root, upstream};
use crate::keys::{Kind, ROOT, Section};
use crate::{Configuration, WithoutSecrets};

/// Every key's path, with two files that differ in this key alone.
fn cases() -> Vec<(&'static str, String, String)> {
    let mut cases: Vec<(&'static str, String, String)> = Vec::new();
    let mut add = |path: &'static str, before: String, after: String| cases.push((path, before, after));
    for (path, key) in [
        ("listen", "listen: 127.0.0.1:9"),
        ("listen.address", "listen: { address: 127.0.0.1:9 }"),
        ("state_dir", "state_dir: elsewhere"),
        ("records_bytes_max", "records_bytes_max: 9MiB"),
        ("admin", "admin: {}"),
        ("limits", "limits: [{ per: client, rate: 1/s }]"),
        ("failed_authentications", "failed_authentications: 5/min"),
        ("cors", "cors: { origins: https://a.example }"),
        ("telemetry", "telemetry: { endpoint: http://127.0.0.1:1 }"),
        ("egress", "egress: { allow: [10.0.0.0/8] }"),
        ("egress.allow", "egress: { allow: [10.0.0.0/8] }"),
        ("sizes", "sizes: { headers_max: 9 }"),
        ("timeouts", "timeouts: { idle: 9s }"),
        ("sizes.head_bytes_max", "sizes: { head_bytes_max: 9KiB }"),
        ("sizes.headers_max", "sizes: { headers_max: 9 }"),
        ("sizes.target_bytes_max", "sizes: { target_bytes_max: 9KiB }"),
        ("sizes.body_bytes_max", "sizes: { body_bytes_max: 9KiB }"),
        ("sizes.json_depth_max", "sizes: { json_depth_max: 9 }"),
        ("sizes.json_values_max", "sizes: { json_values_max: 9 }"),
        ("sizes.buffered_bytes_max", "sizes: { buffered_bytes_max: 9MiB }"),
        ("sizes.connections_max", "sizes: { connections_max: 9 }"),
        ("sizes.connections_per_address_max", "sizes: { connections_per_address_max: 9 }"),
        ("sizes.websockets_per_caller_max", "sizes: { websockets_per_caller_max: 9 }"),
        ("sizes.body_rate_min", "sizes: { body_rate_min: 9KiB }"),
        ("sizes.answer_rate_min", "sizes: { answer_rate_min: 9KiB }"),
        ("listen.trusted_proxies", "listen: { address: 127.0.0.1:8080, trusted_proxies: [10.0.0.0/8] }"),
        ("sizes.limit_keys_max", "sizes: { limit_keys_max: 9999 }"),
        ("sizes.tokens_cached_max", "sizes: { tokens_cached_max: 9 }"),
        ("sizes.locks_max", "sizes: { locks_max: 9 }"),
        ("sizes.evidence_cached_max", "sizes: { evidence_cached_max: 9 }"),
        ("sizes.learned_max", "sizes: { learned_max: 9 }"),
        ("timeouts.head", "timeouts: { head: 9s }"),
        ("timeouts.body", "timeouts: { body: 9s }"),
        ("timeouts.idle", "timeouts: { idle: 9s }"),
        ("timeouts.upstream_connect", "timeouts: { upstream_connect: 9s }"),
        ("timeouts.upstream_head", "timeouts: { upstream_head: 9s }"),
        ("timeouts.upstream_body", "timeouts: { upstream_body: 9s }"),
        ("timeouts.question", "timeouts: { question: 9s }"),
        ("timeouts.drain", "timeouts: { drain: 9s }"),
    ] {
        add(path, GOOD.to_owned(), root(key));
    }
    let tls = "listen: { address: 127.0.0.1:9, tls: { certificate: keys.json, key: \"${env:SECRET}\" } }";
    add("listen.tls", root("listen: 127.0.0.1:9"), root(tls));
    add("listen.tls.certificate", root(tls), root(&tls.replace("keys.json", "orders.yaml")));
    add("listen.tls.key", root("listen: 127.0.0.1:9"), root(tls));
    for (path, old, new) in listener::of_tls(tls) {
        add(path, root(&old), root(&new));
    }
    let proxied = "listen: { address: 127.0.0.1:9, trusted_proxies: [10.0.0.0/8] }";
    for (path, more) in [
        ("listen.forwarded", ", forwarded: forwarded }"),
        ("listen.proxy_protocol", ", proxy_protocol: true }"),
        ("listen.forwarded_proto", ", forwarded_proto: true }"),
    ] {
        add(path, root(proxied), root(&proxied.replace(" }", more)));
    }
    for (path, written) in [
        ("admin.address", "admin: { address: 127.0.0.1:9 }"),
        ("admin.token_file", "admin: { token_file: token }"),
        ("admin.hosts", "admin: { hosts: [gate.example] }"),
    ] {
        add(path, root("admin: {}"), root(written));
    }
    for (path, written) in [
        ("telemetry.endpoint", "telemetry: { endpoint: http://127.0.0.1:2 }"),
        ("telemetry.service_name", "telemetry: { endpoint: http://127.0.0.1:1, service_name: a }"),
        ("telemetry.sample", "telemetry: { endpoint: http://127.0.0.1:1, sample: 9% }"),
    ] {
        add(path, root("telemetry: { endpoint: http://127.0.0.1:1 }"), root(written));
    }
    for (switch, danger) in [
        ("insecure.cleartext_listen", "listen: 0.0.0.0:1"),
        ("insecure.cleartext_issuer", "limits: []"),
        ("insecure.cleartext_admin", "admin: { address: 0.0.0.0:1 }"),
        ("insecure.cleartext_telemetry", "telemetry: { endpoint: http://a.example }"),
        ("insecure.cleartext_upstream", "cors: { origins: https://a.example }"),
    ] {
        let key = switch.trim_start_matches("insecure.");
        let base = match key {
            "cleartext_issuer" => auth("{ issuer: http://a.example, audience: a }"),
            "cleartext_upstream" => upstream("http://a.example"),
            _ => GOOD.to_owned(),
        };
        let before = format!("{base}{danger}\n");
        let after = format!("{before}insecure: {{ {key}: true }}\n");
        add(switch, before, after);
    }
    cases.extend(of_apis());
    cases.extend(of_auth());
    cases.extend(of_classes());
    cases.extend(super::authorization::cases());
    cases.extend(super::waf::cases());
    cases
}

fn of_apis() -> Vec<(&'static str, String, String)> {
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

/// Classes, tenants, costs, and requests at once.
fn of_classes() -> Vec<(&'static str, String, String)> {
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

fn of_auth() -> Vec<(&'static str, String, String)> {
    let mut cases: Vec<(&'static str, String, String)> = Vec::new();
    let base = "issuer: https://a.example, audience: a";
    let with = |more: &str| auth(&format!("{{ {base}, {more} }}"));
    let secret = "secret: \"${env:SECRET}\"";
    let introspection =
        "introspection: { endpoint: https://a.example/i, client_id: a, client_secret: \"${env:SECRET}\" }";
    let plain = auth(&format!("{{ {base} }}"));
    let one = "{ id: a, key: \"${env:SECRET}\" }";
    let sum = "0".repeat(64);
    let other_key = |from: &str, to: &str| key(&one.replace(from, to));
    for (path, before, after) in [
        ("auth", plain.clone(), plain.replace("a.example", "b.example")),
        ("auth.*.issuer", plain.clone(), plain.replace("a.example", "b.example")),
        ("auth.*.audience", plain.clone(), plain.replace("audience: a", "audience: [a, b]")),
        ("auth.*.algorithms", plain.clone(), with("algorithms: [ES256]")),
        ("auth.*.jwks_uri", plain.clone(), with("jwks_uri: https://a.example/k")),
        ("auth.*.jwks", plain.clone(), with("jwks: keys.json")),
        ("auth.*.secret", plain.clone(), with(secret)),
        ("auth.*.token_lifetime_max", plain.clone(), with("token_lifetime_max: 1h")),
        ("auth.*.leeway", plain.clone(), with("leeway: 9s")),
        ("auth.*.types", plain.clone(), with("types: [jwt]")),
        ("auth.*.required_claims", plain.clone(), with("required_claims: [sub]")),
        ("auth.*.subject", plain.clone(), with("subject: user_id")),
        ("auth.*.introspection", plain.clone(), with(introspection)),
        ("auth.*.introspection.endpoint", with(introspection), with(&introspection.replace("/i", "/j"))),
        (
            "auth.*.introspection.client_id",
            with(introspection),
            with(&introspection.replace("client_id: a", "client_id: b")),
        ),
        (
            "auth.*.introspection.client_secret",
            with(introspection),
            with(&introspection.replace("SECRET", "OTHER")),
        ),
        (
            "auth.*.introspection.cache",
            with(introspection),
            with(&introspection.replace(" }", ", cache: 9s }")),
        ),
        ("auth.*.whoami", plain.clone(), auth("{ whoami: { url: https://a.example/me } }")),
        (
            "auth.*.whoami.url",
            auth("{ whoami: { url: https://a.example/me } }"),
            auth("{ whoami: { url: https://a.example/i } }"),
        ),
        (
            "auth.*.whoami.scheme",
            auth("{ whoami: { url: https://a.example/me } }"),
            auth("{ whoami: { url: https://a.example/me, scheme: Token } }"),
        ),
        (
            "auth.*.whoami.cache",
            auth("{ whoami: { url: https://a.example/me } }"),
            auth("{ whoami: { url: https://a.example/me, cache: 9s } }"),
        ),
        ("auth.*.insecure", with(secret), with(&format!("{secret}, insecure: {{ legacy_token: true }}"))),
        (
            "auth.*.insecure.legacy_token",
            with(secret),
            with(&format!("{secret}, insecure: {{ legacy_token: true }}")),
        ),
        (
            "auth.*.insecure.short_key",
            with("secret: \"${env:SHORT}\""),
            with("secret: \"${env:SHORT}\", insecure: { short_key: true }"),
        ),
        ("auth.*.keys", GOOD.to_owned(), key(one)),
        ("auth.*.keys.id", key(one), other_key("id: a", "id: b, client: a")),
        ("auth.*.keys.client", key(one), other_key(" }", ", client: b }")),
        ("auth.*.keys.tenant", key(one), other_key(" }", ", tenant: b }")),
        ("auth.*.keys.key", key(one), other_key("SECRET", "OTHER")),
        ("auth.*.keys.sha256", key(one), key(&format!("{{ id: a, sha256: \"{sum}\" }}"))),
        ("auth.*.keys.expires", key(one), other_key(" }", ", expires: 2030-01-01 }")),
        ("auth.*.keys.scopes", key(one), other_key(" }", ", scopes: [a] }")),
        ("auth.*.keys.authorizes", key(one), other_key(" }", ", authorizes: true }")),
    ] {
        cases.push((path, before, after));
    }
    cases
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// Everything that can be told of what was read, and of what was found.
fn outcome(text: &str, with_secrets: bool) -> String {
    let mut world = World::new(text);
    super::authorization::files(&mut world);
    super::waf::files(&mut world);
    world.file("others.yaml", &super::world::ORDERS.replace("title: Orders", "title: Others"));
    let overlay = "overlay: 1.0.0\ninfo: { title: a, version: '1' }\nactions: [{ target: $.info, update: { title: B } }]";
    world.file("overlay.yaml", overlay);
    let (configuration, findings, _) = if with_secrets {
        world.read()
    } else {
        crate::read("gateway.yaml".as_ref(), &WithoutSecrets(world))
    };
    // Places move with the text, and say nothing of the outcome.
    let told: Vec<_> = findings.iter().map(|finding| (&finding.code, &finding.sentence)).collect();
    format!("{told:?} {}", configuration.map(shown).unwrap_or_default())
}

fn shown(mut configuration: Configuration) -> String {
    configuration.settings.hash.clear();
    let mut secrets = Vec::new();
    for listener in &configuration.settings.listeners {
        let certificates = listener.tls.iter().flat_map(|tls| &tls.certificates);
        secrets.extend(certificates.map(|certificate| certificate.key.expose().clone()));
    }
    for authenticator in
        configuration.settings.apis.iter_mut().flat_map(|api| api.authenticators.values_mut().flatten())
    {
        authenticator.place = None;
        if let AuthenticatorKind::Introspection(introspection) = &authenticator.kind {
            secrets.push(introspection.client_secret.expose().clone().into_bytes());
        }
    }
    for api in &mut configuration.settings.apis {
        if let Some(assertion) = &api.identity.assertion {
            secrets.push(
                format!("{} {} {:?}", assertion.issuer, assertion.audience, assertion.lifetime).into_bytes(),
            );
        }
        // A new key each time.
        api.identity.assertion = None;
    }
    format!("{configuration:?} {secrets:?}")
}

fn paths(section: &'static Section, prefix: &str, into: &mut BTreeSet<String>) {
    for key in section.keys {
        let path = format!("{prefix}{}", key.name);
        inner(&key.kind, &path, into);
        into.insert(path);
    }
}

fn inner(kind: &'static Kind, path: &str, into: &mut BTreeSet<String>) {
    match kind {
        Kind::Section(section) | Kind::Short { section, .. } => paths(section, &format!("{path}."), into),
        Kind::List(item) | Kind::OneOrMany(item) => inner(item, path, into),
        Kind::Map { value, .. } => inner(value, &format!("{path}.*"), into),
        _ => {}
    }
}

#[test]
fn every_key_has_an_effect() {
    for (path, before, after) in cases() {
        let is_signed = path.contains("assertion") || path.contains("identity.legacy_token");
        let with_secrets = !before.contains("tls:") && !after.contains("tls:") && !is_signed;
        let (a, b) = (outcome(&before, with_secrets), outcome(&after, with_secrets));
        assert_ne!(a, b, "{path} changes nothing:\n{after}");
        // A key that only breaks the file would look connected.
        let judged = [
            "apis.*.upstream.tls.ca",
            "apis.*.upstream.tls.certificate",
            "apis.*.upstream.tls.key",
            "listen.tls.acme.ca",
            "listen.tls.acme.challenge",
            "apis.*.identity.assertion.key",
            "apis.*.identity.legacy_token.key",
        ]
        .contains(&path);
        assert!(judged || b.contains("Configuration"), "{path}: {b}");
    }
}

#[test]
fn no_key_is_without_a_case() {
    let mut all = BTreeSet::new();
    paths(&ROOT, "", &mut all);
    let tried: BTreeSet<_> = cases().iter().map(|case| case.0.to_owned()).collect();
    // An API's `auth` is read by the same code and the same table as the file's; `version` has one value.
    let open: Vec<_> = all
        .iter()
        .filter(|path| !path.starts_with("apis.*.auth.") && !["version", "insecure"].contains(&path.as_str()))
        .filter(|path| !tried.contains(*path))
        .collect();
    assert!(open.is_empty(), "no case for {open:?}");
    let strangers: Vec<_> = tried.iter().filter(|path| !all.contains(*path)).collect();
    assert!(strangers.is_empty(), "not in the table: {strangers:?}");
}
