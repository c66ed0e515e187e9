//! How authorization stands, in lines: what is asked, what ids tell, which evidence could not be had.

use std::fmt::Write;

use serde_json::Value;

use super::super::told::{at, each, shown};

/// Nothing for an API without authorization.
pub(super) fn status(out: &mut String, api: &Value) {
    let Some(authorization) = api.get("authorization").filter(|section| !section.is_null()) else { return };
    let _ = writeln!(
        out,
        "  authorization: {} policies, {} operations bound, {} of them denied, {} not bound and refused",
        at(authorization, "/policies"),
        at(authorization, "/operations_bound"),
        at(authorization, "/operations_denied"),
        at(authorization, "/operations_unbound"),
    );
    for check in each(authorization, "/checks") {
        let at = |pointer: &str| at(check, pointer);
        let _ = writeln!(
            out,
            "    {}: enforced in {} operations, watched in {}, off in {}",
            at("/check"),
            at("/enforce"),
            at("/watch"),
            at("/off"),
        );
    }
    for kind in each(authorization, "/types") {
        let _ = writeln!(out, "    {}", of_type(kind));
    }
    let keys: Vec<_> = each(authorization, "/sealing_keys").map(shown).collect();
    if let Some((first, rest)) = keys.split_first() {
        let rest = if rest.is_empty() { String::new() } else { format!("; {} also open", rest.join(", ")) };
        let _ = writeln!(out, "    ids are sealed with key {first}{rest}");
    }
    for failed in each(authorization, "/failed_evidence") {
        let at = |pointer: &str| at(failed, pointer);
        let operation = failed.get("operation").map(|_| format!(" {}", at("/operation"))).unwrap_or_default();
        let (source, count, last) = (at("/source"), at("/count"), at("/last"));
        let _ = writeln!(
            out,
            "    evidence of {source}{operation} could not be had {count} times, last at {last}"
        );
    }
}

fn of_type(kind: &Value) -> String {
    let at = |pointer: &str| at(kind, pointer);
    let sources: Vec<_> = each(kind, "/sources").map(shown).collect();
    let sources = if sources.is_empty() { "nobody asked".to_owned() } else { sources.join(", ") };
    let mut line = format!("type {}: {sources}", at("/type"));
    if kind.get("sealed").is_some() {
        let _ = write!(line, "; sealed as {}_...", at("/sealed"));
    }
    if kind.get("ids").is_some() {
        let _ = write!(line, "; ids are {} by {} seen", at("/ids/grade"), at("/ids/seen"));
        if kind.pointer("/ids/guess_bits").is_some() {
            let _ = write!(line, ", a guess costs 2^{}", at("/ids/guess_bits"));
        }
    }
    line
}
