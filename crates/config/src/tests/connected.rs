//! A key that is read and then forgotten would be a switch that does nothing: each key must change the outcome.

mod apis;
mod authenticators;
mod classes;
mod listener;
mod told;

use std::collections::BTreeSet;

use gateway::settings::{AuthenticatorKind, TokenAuthority};

use super::world::{GOOD, World, auth, root, upstream};
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
    cases.extend(apis::cases());
    cases.extend(authenticators::cases());
    cases.extend(classes::cases());
    cases.extend(super::authorization::cases());
    cases.extend(super::waf::cases());
    cases
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// A gateway file with whatever the cases name.
fn files_of(text: &str) -> World {
    let mut world = World::new(text);
    super::authorization::files(&mut world);
    super::waf::files(&mut world);
    world.file("others.yaml", &super::world::ORDERS.replace("title: Orders", "title: Others"));
    let overlay = "overlay: 1.0.0\ninfo: { title: a, version: '1' }\nactions: [{ target: $.info, update: { title: B } }]";
    world.file("overlay.yaml", overlay);
    world
}

/// Everything that can be told of what was read, and of what was found.
fn outcome(text: &str, with_secrets: bool) -> String {
    let world = files_of(text);
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
        if let AuthenticatorKind::Opaque(opaque) = &authenticator.kind
            && let TokenAuthority::Introspection { client_secret, .. } = &opaque.asked
        {
            secrets.push(client_secret.expose().clone().into_bytes());
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
