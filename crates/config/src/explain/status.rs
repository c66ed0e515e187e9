//! How a running gateway stands, from what it says of itself.

mod authorization;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use serde_json::Value;

use super::told::{at, each, shown};

/// `answer` is the answer to the administration socket's `status`.
pub fn text(answer: &Value) -> String {
    let mut out = String::new();
    process(&mut out, answer);
    for api in each(answer, "/status/apis") {
        of_api(&mut out, api);
    }
    for one in each(answer, "/status/long_watched") {
        let (check, api, days) = (at(one, "/check"), at(one, "/api"), at(one, "/days"));
        let _ = writeln!(
            out,
            "check {check} of {api} has only watched for {days} days: enforce it, or turn it off"
        );
    }
    certificates(&mut out, answer);
    for keys in each(answer, "/status/keys") {
        let stale = if at(keys, "/stale") == "true" { ", stale" } else { "" };
        let (issuer, count, age_s) = (at(keys, "/issuer"), at(keys, "/keys"), at(keys, "/age_s"));
        let _ = writeln!(out, "issuer {issuer}: {count} keys, {age_s} s old{stale}");
    }
    for fetch in each(answer, "/status/fetches") {
        out.push_str(&fetched(fetch));
    }
    out
}

/// What is told of the gateway as a whole.
fn process(out: &mut String, answer: &Value) {
    let at = |pointer: &str| at(answer, pointer);
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
    let ended = counts(answer, "/status/connections_ended");
    let ended = if ended.is_empty() { ended } else { format!("; ended by us: {ended}") };
    let (open, max) = (at("/status/connections_open"), at("/status/connections_max"));
    let _ = writeln!(out, "connections    {open} open of at most {max}{ended}");
    let fault = answer.pointer("/status/records/fault").and_then(Value::as_str);
    let fault = fault.map_or_else(String::new, |fault| format!("; none can be written now: {fault}"));
    let (written, lost) = (at("/status/records/written"), at("/status/records/lost"));
    let _ = writeln!(out, "records        {written} written, {lost} lost{fault}");
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
}

fn of_api(out: &mut String, api: &Value) {
    let _ = writeln!(
        out,
        "api {}: {} operations at {} -> {}",
        at(api, "/name"),
        at(api, "/operations"),
        base(&at(api, "/base_path")),
        at(api, "/upstream")
    );
    super::services::status(out, api);
    if at(api, "/observes_undeclared") == "true" {
        let _ = writeln!(out, "  what is not described is forwarded (undeclared: observe)");
    }
    if api.pointer("/concurrency").is_some() {
        let (bound, in_flight) = (at(api, "/concurrency/bound"), at(api, "/concurrency/in_flight"));
        let _ = writeln!(out, "  {in_flight} of at most {bound} requests wait for the service");
    }
    authorization::status(out, api);
    for (pointer, word) in [("/watched", "only watched"), ("/off", "off")] {
        for check in each(api, pointer) {
            let (check, operations) = (at(check, "/check"), at(check, "/operations"));
            let _ = writeln!(out, "  check {check} is {word} in {operations} operations");
        }
    }
}

/// What listeners show, and how orders for new certificates go.
fn certificates(out: &mut String, answer: &Value) {
    let names = |value: &Value| each(value, "/names").map(shown).collect::<Vec<_>>().join(", ");
    for certificate in each(answer, "/status/certificates") {
        let at = |pointer: &str| at(certificate, pointer);
        let left = certificate.get("days_left").and_then(Value::as_i64).unwrap_or(0);
        let words = if left < 0 { "EXPIRED".to_owned() } else { format!("{left} days left") };
        let warning = if at("/expires_soon") == "true" { ": renew it" } else { "" };
        let names = names(certificate);
        let (listener, source) = (at("/listener"), at("/source"));
        let _ = writeln!(out, "certificate at {listener}: {names} ({source}), {words}{warning}");
    }
    for order in each(answer, "/status/certificate_orders") {
        let at = |pointer: &str| at(order, pointer);
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
    let at = |pointer: &str| at(fetch, pointer);
    let issuer = Some(at("/issuer")).filter(|issuer| !issuer.is_empty());
    let of = issuer.map(|issuer| format!(" of {issuer}")).unwrap_or_default();
    let now = if at("/failing") == "true" { "failing" } else { "works" };
    let mut line = format!("{}{of} by {}: {now}", at("/what"), at("/source"));
    if fetch.get("last_failure").is_some_and(|last| !last.is_null()) {
        let _ = write!(line, "; last failure: {} ({})", at("/last_failure"), counts(fetch, "/failures"));
    }
    line.push('\n');
    line
}

fn base(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// Pairs of a name and a number, as "3 of this, 1 of that".
fn counts(value: &Value, pointer: &str) -> String {
    let counted = each(value, pointer).map(|count| format!("{} {}", at(count, "/1"), at(count, "/0")));
    counted.collect::<Vec<_>>().join(", ")
}
