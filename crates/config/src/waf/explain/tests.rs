#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use model::{Record, SeenValue};
use serde_json::{Value, json};

use super::explain;

fn record(operation: &str, inspection: Value) -> Record {
    serde_json::from_value(json!({
        "v": 1, "time": "2026-01-01T00:00:00.000Z", "request_id": "r", "protocol": "h2", "address": "192.0.2.1",
        "api": "shop", "operation": operation, "method": "GET", "outcome": "allowed", "status": 200, "checks": [],
        "inspection": inspection,
        "request_bytes": 0, "response_bytes": 0, "duration_us": 0, "snapshot": "s",
    }))
    .unwrap()
}

fn matching(rule: u64, variable: &str) -> Value {
    json!({
        "set": "bartizan", "rule": rule, "place": "rules/20-sql.conf:7", "phase": 2, "message": "UNION SELECT",
        "severity": "CRITICAL", "seen": [{ "variable": variable, "shape": "a' aaaaa 0", "bytes": 10 }],
        "scored": [{ "name": "tx.bartizan_score", "before": 5, "change": 5, "after": 10 }],
    })
}

fn deciding() -> Value {
    json!({
        "set": "bartizan", "rule": 9119010, "place": "rules/99-decision.conf:3", "phase": 2,
        "message": "The threshold", "refuses": true,
        "seen": [{ "variable": "TX:bartizan_score", "shape": "00", "bytes": 2 }],
    })
}

fn of(operation: &str, matches: &[Value]) -> (Value, String) {
    explain(&record(operation, json!({ "matches": matches, "refused_by": 9119010, "steps": 9 })))
}

#[test]
fn a_match_says_what_it_saw_what_it_added_and_how_to_exclude_it() {
    let (document, text) = of("find", &[matching(9102020, "ARGS:text"), deciding()]);
    let expected = "\
rule 9102020 of bartizan (rules/20-sql.conf:7, phase 2, CRITICAL)
  says      UNION SELECT
  saw       ARGS:text: `a' aaaaa 0` (10 bytes)
  score     tx.bartizan_score: 5 + 5 = 10

rule 9119010 of bartizan (rules/99-decision.conf:3, phase 2)
  says      The threshold
  saw       TX:bartizan_score: `00` (2 bytes)
  so        it would refuse

where the request was honest, in the gateway file:

apis:
  shop:
    operations:
      find:
        waf:
          exclude:
            - { rule: 9102020, target: \"ARGS:text\" }
";
    assert_eq!(text, expected);
    assert_eq!(document["exclusions"], json!([{ "rule": 9102020, "target": "ARGS:text" }]));
    assert_eq!(
        (&document["request_id"], &document["inspection"]["refused_by"]),
        (&"r".into(), &9119010.into())
    );
}

#[test]
fn a_score_that_falls_is_written_as_a_difference() {
    let mut found = matching(1, "ARGS:text");
    found["scored"][0] = json!({ "name": "tx.sum", "before": 5, "change": -3, "after": 2 });
    assert!(of("find", &[found]).1.contains("  score     tx.sum: 5 - 3 = 2\n"));
}

#[test]
fn it_refuses_only_where_the_check_was_what_refused() {
    let inspection = json!({ "matches": [deciding()], "refused_by": 9119010, "steps": 9 });
    let watched = record("find", inspection);
    let text =
        |check: Option<&str>| explain(&Record { check: check.map(str::to_owned), ..watched.clone() }).1;
    assert!(text(Some("waf")).contains("it refuses"));
    assert!(text(None).contains("it would refuse"));
    assert!(text(Some("limits")).contains("it would refuse"));
}

#[test]
fn a_name_that_is_not_recorded_proposes_no_exclusion_of_its_whole_collection() {
    let (document, text) = of("find", &[matching(1, "ARGS:*")]);
    assert_eq!(document["exclusions"], json!([]));
    assert!(!text.contains("exclude"), "{text}");
}

#[test]
fn nothing_is_excluded_where_no_operation_was_found() {
    let (document, text) = of("unmatched", &[matching(1, "REQUEST_FILENAME")]);
    assert_eq!(document["exclusions"], json!([]));
    assert!(text.contains("rule 1 of bartizan") && !text.contains("exclude"), "{text}");
}

#[test]
fn a_request_in_which_nothing_matched_says_so() {
    let plain = Record { inspection: None, ..record("find", json!({ "steps": 0 })) };
    let (document, text) = explain(&plain);
    assert_eq!(text, "no rule matched this request\n");
    assert_eq!((&document["inspection"], &document["exclusions"]), (&Value::Null, &json!([])));
}

#[test]
fn matches_beyond_the_recorded_ones_and_a_limit_that_was_reached_are_told() {
    let inspection =
        json!({ "matches": [matching(1, "ARGS:text")], "more": 4, "exhausted": "fuel", "steps": 9 });
    let (_, text) = explain(&record("find", inspection));
    assert!(
        text.contains("and 4 matches more\n") && text.contains("the rules came to their limit fuel\n"),
        "{text}"
    );
}

#[test]
fn neither_values_nor_names_of_a_callers_own_making_are_shown() {
    // A record keeps what the gateway puts into it: the name of a variable goes through this.
    let hostile = SeenValue::variable_for_record("ARGS:x: \"}\n- { rule: 2 }\u{1b}[31m");
    let (document, text) = of("find", &[matching(1, &hostile)]);
    assert!(!text.contains("rule: 2 ") && !text.contains('\u{1b}'), "{text}");
    assert!(!document.to_string().contains("31m"));
    let mut found = matching(1, "ARGS:text");
    found["message"] = "one\n- two\u{1b}[2J".into();
    let (_, text) = of("find", &[found]);
    assert!(!text.contains('\u{1b}') && !text.contains("\n- two"), "{text}");
}
