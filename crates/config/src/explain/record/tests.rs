#![allow(clippy::unwrap_used)]

use model::Record;
use serde_json::{Value, json};

/// A record in which every text is the same hostile one.
fn hostile(text: &str) -> Record {
    let record = json!({
        "v": 1, "time": text, "request_id": text, "protocol": text, "address": text, "api": text,
        "operation": text, "method": text, "template": text, "class": text, "limited": { "limit": text, "kind": "daily" }, "outcome": "refused", "status": 400,
        "code": "body_invalid", "check": text, "snapshot": text,
        "violations": [{ "place": text, "pointer": text, "rule": text, "expected": text }],
        "caller": {
            "principal": { "issuer": text, "subject": text }, "client": format!("{text}c"), "tenant": text, "scopes": [text],
            "credentials": [{ "kind": "jwt", "scheme": text, "id": text, "expires_unix_s": null }],
        },
        "checks": [{
            "name": text, "phase": "validate", "mode": "enforce", "verdict": "refuse", "reason": text,
            "duration_ns": 1, "questions": [{ "kind": text, "outcome": text, "duration_us": 1 }],
        }],
        "authorization": {
            "decision": "denied", "policies": [text], "upstream_calls": 1, "faults": [text],
            "objects": [{ "type": text, "id": text, "decision": "denied", "facts": [{ "name": text, "origin": text }] }],
            "evidence": [{ "source": text, "operation": text, "outcome": text, "calls": 1 }],
        },
        "upstream": { "address": text, "reused": false, "attempts": 1, "head_us": 1, "error": text,
            "tried": [{ "address": text, "error": text }] },
        "request_bytes": 0, "response_bytes": 0, "duration_us": 0,
    });
    serde_json::from_value(record).unwrap()
}

#[test]
fn no_word_of_a_caller_moves_the_cursor_or_makes_a_line() {
    let lines = super::text(&hostile("good")).lines().count();
    for (text, shown) in [
        ("\x1b[31m", "\\u{1b}[31m"),
        ("\n22:00:00 allowed", "\\u{a}22:00:00 allowed"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("\u{202e}drawkcab", "\\u{202e}drawkcab"),
        ("\u{2028}\r\u{7f}", "\\u{2028}\\u{d}\\u{7f}"),
    ] {
        let record = hostile(text);
        let (line, whole) = (super::line(&record), super::text(&record));
        assert_eq!(whole.lines().count(), lines, "{text:?} makes lines in\n{whole}");
        for said in [line, whole.replace('\n', "")] {
            assert!(!said.chars().any(model::is_hidden), "{text:?} is raw in {said:?}");
            assert!(said.contains(shown), "{said}");
        }
    }
}

#[test]
fn a_long_name_is_cut() {
    let line = super::line(&hostile(&"x".repeat(5_000)));
    assert!(line.len() < 1_500 && line.contains("xxx..."), "{} bytes", line.len());
}

#[test]
fn the_record_as_json_may_be_shown_too() {
    let value: Value = serde_json::to_value(hostile("\u{9b}31m\u{202e}")).unwrap();
    let text = crate::render::json(&value);
    assert!(text.is_ascii() && serde_json::from_str::<Value>(&text).ok() == Some(value), "{text}");
}

#[test]
fn a_limit_that_refused_is_named_with_what_was_used_up_and_so_are_class_and_tenant() {
    let said = super::text(&hostile("good"));
    for line in ["class          good", "tenant         good", "limit          good (daily)"] {
        assert!(said.lines().any(|one| one == line), "no `{line}` in\n{said}");
    }
}
