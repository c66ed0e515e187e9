//! One API: where it goes, what it lets through undeclared, its checks, its operations.

use std::collections::{BTreeMap, BTreeSet};

use gateway::settings::{Api, Upstream};
use model::Mode;

use super::{Changes, auth, authorization, edge, limits, operation, waf};

pub(super) fn added(changes: &mut Changes, api: &Api) {
    let count = api.description.operations.len();
    changes.neutral(format!("the API is new, with {count} operations"));
    for operation in &api.description.operations {
        if operation.security.admits_anyone() {
            changes.place = Some(operation.place.clone());
            changes.weaker(format!("{} is new, and anyone may call it", operation.id));
        }
    }
    changes.place = None;
}

pub(super) fn compare(changes: &mut Changes, old: &Api, new: &Api) {
    changes.place = None;
    upstream(changes, &old.upstream, &new.upstream);
    changes.danger(
        old.observe_undeclared,
        new.observe_undeclared,
        "undeclared requests are now forwarded (undeclared refuse -> observe)",
        "undeclared requests are now refused (undeclared observe -> refuse)",
    );
    if old.base_path != new.base_path {
        changes.neutral(format!("base path `{}` -> `{}`", old.base_path, new.base_path));
    }
    if old.hosts.is_empty() != new.hosts.is_empty() {
        let sentence = if new.hosts.is_empty() {
            "served under every host name"
        } else {
            "served under named hosts only"
        };
        if new.hosts.is_empty() { changes.weaker(sentence) } else { changes.stronger(sentence) }
    } else {
        changes.accepted("host", &old.hosts, &new.hosts);
    }
    changes.danger(
        !old.strictness.only_declared_properties,
        !new.strictness.only_declared_properties,
        "undeclared properties of bodies are no longer refused",
        "undeclared properties of bodies are now refused",
    );
    changes.danger(
        !old.strictness.sanitise,
        !new.strictness.sanitise,
        "strings of requests are no longer sanitised",
        "strings of requests are now sanitised",
    );
    identity(changes, old, new);
    edge::cors(changes, old.cors.as_ref(), new.cors.as_ref());
    limits::compare(changes, "", &old.limits, &new.limits);
    modes(changes, "", &old.modes, &new.modes);
    let none = BTreeMap::new();
    let ids: BTreeSet<_> = old.operation_modes.keys().chain(new.operation_modes.keys()).collect();
    for id in ids {
        let of = |api: &Api| {
            let mut modes = api.modes.clone();
            modes.extend(api.operation_modes.get(id).unwrap_or(&none).clone());
            modes
        };
        // What changed for the whole API has been said.
        if old.operation_modes.get(id) != new.operation_modes.get(id) {
            modes(changes, &format!(" for {id}"), &of(old), &of(new));
        }
    }
    auth::compare(changes, &old.authenticators, &new.authenticators);
    operation::compare(changes, &old.description, &new.description);
    authorization::compare(changes, old, new);
    waf::compare(changes, old, new);
    changes.place = None;
}

fn upstream(changes: &mut Changes, old: &Upstream, new: &Upstream) {
    let at =
        |upstream: &Upstream| format!("{}{}", upstream.label(), upstream.base_path.as_deref().unwrap_or(""));
    if old.scheme == "https" && new.scheme != "https" {
        changes.weaker(format!("upstream loses TLS: {} -> {}", at(old), at(new)));
    } else if at(old) != at(new) || old.base_path != new.base_path {
        changes.neutral(format!("upstream {} -> {}", at(old), at(new)));
    }
    roots(changes, old.tls.roots.as_deref(), new.tls.roots.as_deref());
    upstream_tls(changes, &old.tls, &new.tls);
    if old.balancing != new.balancing {
        changes.neutral("other limits, probes, ejections, retries or names of the upstream");
    }
    if old.http2 != new.http2 {
        changes.neutral(format!(
            "the upstream is spoken to by {}",
            if new.http2 { "HTTP/2" } else { "HTTP/1.1" }
        ));
    }
}

/// Each root lets whoever holds a certificate of it answer for the service.
fn roots(changes: &mut Changes, old: Option<&[u8]>, new: Option<&[u8]>) {
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (certificates(old), certificates(new)),
        (None, None) => return,
        (Some(_), None) => return changes.weaker("the system's roots are now trusted for the upstream"),
        (None, Some(_)) => {
            return changes.unknown("the upstream's roots are those of a file instead of the system's");
        }
    };
    let (come, gone) = (new.difference(&old).count(), old.difference(&new).count());
    if come > 0 {
        changes.weaker(format!("{come} more of the upstream's roots are trusted: others stand in the file"));
    }
    if gone > 0 {
        changes.stronger(format!("{gone} of the upstream's roots are no longer trusted"));
    }
}

/// What stands between the boundaries of PEM (RFC 7468 section 2), without white space.
fn certificates(pem: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(pem);
    let after = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    after
        .map(|rest| rest.split("-----END").next().unwrap_or_default())
        .map(|body| body.split_whitespace().collect())
        .collect()
}

fn upstream_tls(changes: &mut Changes, old: &net::ClientTls, new: &net::ClientTls) {
    match (old.pins.is_empty(), new.pins.is_empty()) {
        (true, false) => changes.stronger("the upstream's key is now pinned"),
        (false, true) => changes.weaker("the upstream's key is no longer pinned"),
        (false, false) if new.pins.iter().any(|pin| !old.pins.contains(pin)) => {
            changes.weaker("another key of the upstream is now accepted");
        }
        (false, false) if old.pins != new.pins => changes.stronger("fewer keys of the upstream are accepted"),
        _ => {}
    }
    if old.server_name != new.server_name {
        changes.unknown("the upstream's certificate must now hold another name");
    }
    match (&old.identity, &new.identity) {
        (Some(_), None) => changes.neutral("the upstream is no longer shown a client certificate"),
        (None, Some(_)) => changes.neutral("the upstream is now shown a client certificate"),
        (Some(a), Some(b)) if a.certificates != b.certificates => {
            changes.neutral("the upstream is shown another client certificate");
        }
        _ => {}
    }
}

fn identity(changes: &mut Changes, old: &Api, new: &Api) {
    changes.danger(
        old.identity.forward_credential,
        new.identity.forward_credential,
        "the caller's credential is now forwarded to the service",
        "the caller's credential is no longer forwarded to the service",
    );
    match (&old.identity.assertion, &new.identity.assertion) {
        (Some(_), None) => changes.weaker("the service no longer gets a signed assertion of the caller"),
        (None, Some(_)) => changes.stronger("the service now gets a signed assertion of the caller"),
        (Some(a), Some(b)) => {
            changes.more("lifetime of the assertion", a.lifetime, b.lifetime, edge::duration);
            if (&a.issuer, &a.audience) != (&b.issuer, &b.audience) {
                changes.neutral("the assertion's issuer or audience is another");
            }
        }
        (None, None) => {}
    }
    match (&old.identity.legacy_token, &new.identity.legacy_token) {
        (Some(_), None) => changes.neutral("the service no longer gets a token of ours"),
        (None, Some(_)) => {
            changes.neutral("the service gets a token of ours, and no credential of the caller's")
        }
        (Some(a), Some(b)) => {
            changes.more("lifetime of the legacy token", a.lifetime, b.lifetime, edge::duration);
            if (&a.header, &a.scheme, &a.claims) != (&b.header, &b.scheme, &b.claims) {
                changes.unknown("the legacy token says something else, or stands elsewhere");
            }
        }
        (None, None) => {}
    }
}

fn modes(changes: &mut Changes, of: &str, old: &BTreeMap<String, Mode>, new: &BTreeMap<String, Mode>) {
    let about = |name: &str| crate::checks::known().into_iter().find(|about| about.name == name);
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for name in names {
        let default = about(name).map_or(Mode::Enforce, |about| about.default_mode);
        let (a, b) = (old.get(name).unwrap_or(&default), new.get(name).unwrap_or(&default));
        let rank = |mode: Mode| match mode {
            Mode::Enforce => 0,
            Mode::Watch => 1,
            Mode::Off => 2,
        };
        let show = |mode: &(u8, &str)| mode.1.to_owned();
        changes.more(&format!("check `{name}`{of}"), (rank(*a), word(*a)), (rank(*b), word(*b)), show);
    }
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "off",
        Mode::Watch => "watch",
        Mode::Enforce => "enforce",
    }
}
