//! How a running gateway stands, from what it says of itself.

mod authorization;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use serde_json::Value;

use crate::render::field;

/// `answer` is the answer to the administration socket's `status`.
pub fn text(answer: &Value) -> String {
    let mut out = String::new();
    let at = |pointer: &str| answer.pointer(pointer).map(shown).unwrap_or_default();
    let _ = writeln!(out, "configuration  {}", at("/status/snapshot"));
    let _ = writeln!(out, "up             {} s", at("/status/uptime_s"));
    let _ = writeln!(
        out,
        "requests       {} allowed, {} refused, {} failed, {} aborted, {} in flight",
        at("/status/requests/allowed"),
        at("/status/requests/refused"),
        at("/status/requests/failed"),
        at("/status/requests/aborted"),
        at("/status/requests/in_flight"),
    );
    let ended: Vec<_> = list(answer, "/status/connections_ended")
        .map(|count| {
            let at = |pointer: &str| count.pointer(pointer).map(shown).unwrap_or_default();
            format!("{} {}", at("/1"), at("/0"))
        })
        .collect();
    let ended = if ended.is_empty() { String::new() } else { format!("; ended by us: {}", ended.join(", ")) };
    let (open, max) = (at("/status/connections_open"), at("/status/connections_max"));
    let _ = writeln!(out, "connections    {open} open of at most {max}{ended}");
    let _ = writeln!(
        out,
        "records        {} written, {} lost",
        at("/status/records/written"),
        at("/status/records/lost")
    );
    out.push_str(&super::blocks::status(answer));
    let _ = writeln!(
        out,
        "objects        {} of at most {} learned, {} of at most {} locked",
        at("/status/objects/learned"),
        at("/status/objects/learned_max"),
        at("/status/objects/locked"),
        at("/status/objects/locked_max"),
    );
    let reloaded =
        if at("/last_reload/accepted") == "true" { "in force" } else { "refused; `bartizan check` says why" };
    let _ = writeln!(out, "last reload    {} {reloaded}", at("/last_reload/time"));
    for api in list(answer, "/status/apis") {
        let at = |pointer: &str| api.pointer(pointer).map(shown).unwrap_or_default();
        let _ = writeln!(
            out,
            "api {}: {} operations at {} -> {}",
            at("/name"),
            at("/operations"),
            base(&at("/base_path")),
            at("/upstream")
        );
        super::services::status(&mut out, api);
        if at("/observes_undeclared") == "true" {
            let _ = writeln!(out, "  what is not described is forwarded (undeclared: observe)");
        }
        if api.pointer("/concurrency").is_some() {
            let (bound, in_flight) = (at("/concurrency/bound"), at("/concurrency/in_flight"));
            let _ = writeln!(out, "  {in_flight} of at most {bound} requests wait for the service");
        }
        authorization::status(&mut out, api);
        for (pointer, word) in [("/watched", "only watched"), ("/off", "off")] {
            for check in list(api, pointer) {
                let at = |pointer: &str| check.pointer(pointer).map(shown).unwrap_or_default();
                let _ =
                    writeln!(out, "  check {} is {word} in {} operations", at("/check"), at("/operations"));
            }
        }
    }
    for one in list(answer, "/status/long_watched") {
        let at = |pointer: &str| one.pointer(pointer).map(shown).unwrap_or_default();
        let (check, api, days) = (at("/check"), at("/api"), at("/days"));
        let _ = writeln!(
            out,
            "check {check} of {api} has only watched for {days} days: enforce it, or turn it off"
        );
    }
    certificates(&mut out, answer);
    for keys in list(answer, "/status/keys") {
        let at = |pointer: &str| keys.pointer(pointer).map(shown).unwrap_or_default();
        let stale = if at("/stale") == "true" { ", stale" } else { "" };
        let _ =
            writeln!(out, "issuer {}: {} keys, {} s old{stale}", at("/issuer"), at("/keys"), at("/age_s"));
    }
    for fetch in list(answer, "/status/fetches") {
        out.push_str(&fetched(fetch));
    }
    out
}

/// What listeners show, and how orders for new certificates go.
fn certificates(out: &mut String, answer: &Value) {
    let names = |value: &Value| list(value, "/names").map(shown).collect::<Vec<_>>().join(", ");
    for certificate in list(answer, "/status/certificates") {
        let at = |pointer: &str| certificate.pointer(pointer).map(shown).unwrap_or_default();
        let left = certificate.get("days_left").and_then(Value::as_i64).unwrap_or(0);
        let words = if left < 0 { "EXPIRED".to_owned() } else { format!("{left} days left") };
        let warning = if at("/expires_soon") == "true" { ": renew it" } else { "" };
        let names = names(certificate);
        let (listener, source) = (at("/listener"), at("/source"));
        let _ = writeln!(out, "certificate at {listener}: {names} ({source}), {words}{warning}");
    }
    for order in list(answer, "/status/certificate_orders") {
        let at = |pointer: &str| order.pointer(pointer).map(shown).unwrap_or_default();
        let state =
            if at("/has_certificate") == "true" { "has one" } else { "none yet, handshakes are refused" };
        let _ = write!(out, "certificate ordered for {}: {state}, next at {}", names(order), at("/next"));
        if at("/failures") != "0" {
            let _ = write!(out, "; {} failures, the last: {}", at("/failures"), at("/last_error"));
        }
        out.push('\n');
    }
}

/// How fetches from one issuer go: now, and what the last failure was.
fn fetched(fetch: &Value) -> String {
    let at = |pointer: &str| fetch.pointer(pointer).map(shown).unwrap_or_default();
    let issuer = Some(at("/issuer")).filter(|issuer| !issuer.is_empty());
    let of = issuer.map(|issuer| format!(" of {issuer}")).unwrap_or_default();
    let now = if at("/failing") == "true" { "failing" } else { "works" };
    let mut line = format!("{}{of} by {}: {now}", at("/what"), at("/source"));
    if fetch.get("last_failure").is_some_and(|last| !last.is_null()) {
        let counts: Vec<_> = list(fetch, "/failures")
            .map(|count| {
                let at = |pointer: &str| count.pointer(pointer).map(shown).unwrap_or_default();
                format!("{} {}", at("/1"), at("/0"))
            })
            .collect();
        let _ = write!(line, "; last failure: {} ({})", at("/last_failure"), counts.join(", "));
    }
    line.push('\n');
    line
}

fn base(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => field(text),
        Value::Null => "-".to_owned(),
        other => field(&other.to_string()),
    }
}
