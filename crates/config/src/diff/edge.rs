//! Listeners, administration, sizes, timeouts, CORS, egress.

use std::cmp::Reverse;
use std::time::Duration;

use gateway::settings::{Cors, Settings, Sizes};

use super::Changes;
use crate::Configuration;
use crate::walk::{bytes_text, duration_text, rate_text};

pub(super) fn compare(changes: &mut Changes, old: &Configuration, new: &Configuration) {
    listeners(changes, &old.settings, &new.settings);
    let beyond = |configuration: &Configuration| {
        configuration.admin.as_ref().is_some_and(|admin| !admin.address.ip().is_loopback())
    };
    changes.danger(
        beyond(old),
        beyond(new),
        "the administration port now listens beyond loopback",
        "the administration port no longer listens beyond loopback",
    );
    let address = |configuration: &Configuration| configuration.admin.as_ref().map(|admin| admin.address);
    match (address(old), address(new)) {
        (None, Some(now)) => changes.neutral(format!("there is now an administration port: {now}")),
        (Some(_), None) => changes.neutral("there is no administration port any more"),
        (Some(before), Some(now)) if before != now => {
            changes.neutral(format!("administration port {before} -> {now}"));
        }
        _ => {}
    }
    let (a, b) = (&old.settings, &new.settings);
    sizes(changes, a, b);
    timeouts(changes, a, b);
    let rate = |settings: &Settings| {
        let limit = settings.failed_authentications;
        (limit.count as f64 / limit.window.as_secs_f64(), rate_text(limit.count, limit.window))
    };
    changes.more("failed authentications", rate(a), rate(b), |(_, text)| text.clone());
    let networks = |settings: &Settings| -> Vec<String> {
        settings
            .egress_allow
            .iter()
            .map(|network| format!("{}/{}", network.address, network.prefix))
            .collect()
    };
    changes.accepted("as a target of our own fetches, network", &networks(a), &networks(b));
    let endpoint =
        |settings: &Settings| settings.telemetry.as_ref().map(|telemetry| telemetry.endpoint.clone());
    // None at all is the least.
    let room = |configuration: &Configuration| Reverse(configuration.records_bytes_max.unwrap_or(0));
    changes.more("records_bytes_max", room(old), room(new), |room| bytes_text(room.0));
    let hosts = |configuration: &Configuration| {
        configuration.admin.as_ref().map(|admin| admin.hosts.clone()).unwrap_or_default()
    };
    changes.accepted("name of the administration port", &hosts(old), &hosts(new));
    if endpoint(a) != endpoint(b) {
        changes.neutral("traces are sent elsewhere, begin, or end");
    }
}

fn listeners(changes: &mut Changes, old: &Settings, new: &Settings) {
    for listener in &new.listeners {
        let address = listener.address;
        match old.listeners.iter().find(|other| other.address == address) {
            Some(other) => {
                super::proxies::compare(changes, other, listener);
                super::tls::compare(changes, other, listener);
                changes.danger(
                    super::tls::is_overheard(other),
                    super::tls::is_overheard(listener),
                    &format!("{address} now speaks cleartext beyond loopback"),
                    &format!("{address} no longer serves cleartext beyond loopback"),
                );
            }
            None if super::tls::is_overheard(listener) => {
                changes.weaker(format!("{address} is a new listener, cleartext beyond loopback"));
            }
            None => changes.neutral(format!("{address} is a new listener")),
        }
    }
    for listener in &old.listeners {
        if !new.listeners.iter().any(|other| other.address == listener.address) {
            changes.neutral(format!("{} is no longer listened on", listener.address));
        }
    }
}

fn sizes(changes: &mut Changes, old: &Settings, new: &Settings) {
    let (a, b) = (&old.sizes, &new.sizes);
    let bytes = |size: &usize| bytes_text(*size as u64);
    changes.more("head_bytes_max", a.head_bytes_max, b.head_bytes_max, bytes);
    changes.more("target_bytes_max", a.target_bytes_max, b.target_bytes_max, bytes);
    changes.more("body_bytes_max", a.body_bytes_max, b.body_bytes_max, bytes);
    changes.more("buffered_bytes_max", a.buffered_bytes_max, b.buffered_bytes_max, bytes);
    let count = ToString::to_string;
    changes.more("headers_max", a.headers_max, b.headers_max, count);
    changes.more("connections_max", a.connections_max, b.connections_max, count);
    let per_address = (a.connections_per_address_max, b.connections_per_address_max);
    changes.more("connections_per_address_max", per_address.0, per_address.1, count);
    let per_caller = (a.websockets_per_caller_max, b.websockets_per_caller_max);
    changes.more("websockets_per_caller_max", per_caller.0, per_caller.1, count);
    let rate = |rate: &Reverse<u64>| format!("{}/s", bytes_text(rate.0));
    changes.more("body_rate_min", Reverse(a.body_rate_min), Reverse(b.body_rate_min), rate);
    changes.more("answer_rate_min", Reverse(a.answer_rate_min), Reverse(b.answer_rate_min), rate);
    changes.more("json_depth_max", a.json_depth_max as usize, b.json_depth_max as usize, count);
    changes.more("json_values_max", a.json_values_max as usize, b.json_values_max as usize, count);
    if (a.limit_keys_max, a.tokens_cached_max) != (b.limit_keys_max, b.tokens_cached_max) {
        changes.neutral("other numbers of counters or tokens are held");
    }
    let of_objects = |sizes: &Sizes| (sizes.locks_max, sizes.evidence_cached_max, sizes.learned_max);
    if of_objects(a) != of_objects(b) {
        changes.neutral("other numbers of locks, of evidence and of what was learned are held");
    }
}

fn timeouts(changes: &mut Changes, old: &Settings, new: &Settings) {
    let (a, b) = (&old.timeouts, &new.timeouts);
    changes.more("timeout of a request head", a.head, b.head, duration);
    changes.more("timeout of a request body", a.body, b.body, duration);
    changes.more("timeout of an idle connection", a.idle, b.idle, duration);
    let upstream = |t: &gateway::settings::Timeouts| {
        (t.upstream_connect, t.upstream_head, t.upstream_body, t.question, t.drain)
    };
    if upstream(a) != upstream(b) {
        changes.neutral("other timeouts towards upstreams, of questions, or of draining");
    }
}

pub(super) fn duration(duration: &Duration) -> String {
    duration_text(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

pub(super) fn cors(changes: &mut Changes, old: Option<&Cors>, new: Option<&Cors>) {
    let origins = |cors: Option<&Cors>| cors.map(|cors| cors.origins.clone()).unwrap_or_default();
    changes.accepted("CORS origin", &origins(old), &origins(new));
    let credentials = |cors: Option<&Cors>| cors.is_some_and(|cors| cors.credentials);
    changes.danger(
        credentials(old),
        credentials(new),
        "browsers may now send credentials from other origins",
        "browsers may no longer send credentials from other origins",
    );
    let lists = |cors: Option<&Cors>, of: fn(&Cors) -> &Vec<String>| {
        cors.map(|cors| of(cors).clone()).unwrap_or_default()
    };
    changes.accepted("CORS request header", &lists(old, |c| &c.headers), &lists(new, |c| &c.headers));
    changes.accepted(
        "for pages of other origins, response header",
        &lists(old, |c| &c.expose),
        &lists(new, |c| &c.expose),
    );
}
