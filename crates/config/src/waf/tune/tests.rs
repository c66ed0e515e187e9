#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use model::{Mode, Outcome, Record};
use serde_json::{Value, json};

use super::{CALLERS_MAX, KINDS_MAX, Tuning};

/// A record of a request in which one rule matched one variable, while the WAF watched.
fn matched(address: &str, operation: &str, rule: u64, variable: &str) -> Record {
    serde_json::from_value(json!({
        "v": 1, "time": "2026-01-01T00:00:00.000Z", "request_id": "r", "protocol": "h2", "address": address,
        "api": "shop", "operation": operation, "method": "GET", "outcome": "allowed", "status": 200,
        "checks": [{
            "name": "waf", "phase": "inspect", "mode": "watch", "verdict": "refuse", "reason": null,
            "duration_ns": 1, "questions": [],
        }],
        "inspection": {
            "matches": [{
                "set": "bartizan", "rule": rule, "place": "rules/20-sql.conf:7", "phase": 2, "message": "SQL",
                "seen": [{ "variable": variable, "shape": "aaa 0", "bytes": 5 }],
            }],
            "steps": 9,
        },
        "request_bytes": 0, "response_bytes": 0, "duration_us": 0, "snapshot": "s",
    }))
    .unwrap()
}

/// What is said of the first kind, after `answers` requests, each of an address of its own unless `callers` is less.
fn first(answers: &[u16], callers: usize, variable: &str) -> Value {
    let mut tuning = Tuning::default();
    for (position, status) in answers.iter().enumerate() {
        let address = format!("192.0.2.{}", position % callers);
        tuning.add(&Record { status: *status, ..matched(&address, "find", 1, variable) });
    }
    tuning.document()["matches"][0].clone()
}

fn is_proposed(answers: &[u16], callers: usize, variable: &str) -> bool {
    first(answers, callers, variable)["proposed"].as_bool().unwrap()
}

#[test]
fn three_callers_are_enough_and_two_are_not_however_often_they_come() {
    assert!(is_proposed(&[200; 3], 3, "ARGS:code"));
    assert!(!is_proposed(&[200; 200], 2, "ARGS:code"));
}

#[test]
fn nine_of_ten_have_to_be_answered_with_success() {
    let answers = |failed: usize| [vec![500; failed], vec![200; 10 - failed]].concat();
    assert!(is_proposed(&answers(1), 10, "ARGS:code"));
    assert!(!is_proposed(&answers(2), 10, "ARGS:code"));
    assert_eq!(first(&answers(2), 10, "ARGS:code")["answered"], 8);
    assert!(!is_proposed(&[404; 10], 10, "ARGS:code"), "a refusal by the service is no success");
}

#[test]
fn what_another_check_refused_was_not_answered() {
    let mut tuning = Tuning::default();
    for n in 0..4 {
        let record = matched(&format!("192.0.2.{n}"), "find", 1, "ARGS:code");
        tuning.add(&Record { outcome: Outcome::Refused, ..record });
    }
    let first = &tuning.document()["matches"][0];
    assert_eq!((&first["matches"], &first["answered"]), (&4.into(), &0.into()));
    assert_eq!(first["proposed"], false);
}

#[test]
fn a_variable_without_a_name_is_never_proposed() {
    assert!(!is_proposed(&[200; 10], 10, "ARGS:*"));
    assert!(is_proposed(&[200; 10], 10, "REQUEST_FILENAME"));
}

#[test]
fn a_caller_is_its_client_where_it_has_one_and_else_its_address() {
    let mut tuning = Tuning::default();
    for n in 0..5 {
        let mut record = matched(&format!("192.0.2.{n}"), "find", 1, "ARGS:code");
        record.caller = Some(
            serde_json::from_value(json!({ "client": "app", "scopes": [], "credentials": [] })).unwrap(),
        );
        tuning.add(&record);
    }
    assert_eq!(tuning.document()["matches"][0]["callers"], 1);
}

#[test]
fn addresses_of_one_ipv6_network_are_one_caller() {
    let callers = |addresses: [&str; 3]| {
        let mut tuning = Tuning::default();
        addresses.iter().for_each(|address| tuning.add(&matched(address, "find", 1, "ARGS:code")));
        tuning.document()["matches"][0]["callers"].clone()
    };
    assert_eq!(callers(["2001:db8::1", "2001:db8::2", "2001:db8::ffff:1"]), 1);
    assert_eq!(callers(["2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1"]), 3);
}

#[test]
fn only_what_was_watched_counts_and_sums_of_scores_are_no_kind() {
    let mut tuning = Tuning::default();
    let mut enforced = matched("192.0.2.1", "find", 1, "ARGS:code");
    enforced.checks[0].mode = Mode::Enforce;
    tuning.add(&enforced);
    tuning.add(&Record { inspection: None, ..matched("192.0.2.1", "find", 1, "ARGS:code") });
    tuning.add(&matched("192.0.2.1", "find", 9_119_010, "TX:bartizan_score"));
    let document = tuning.document();
    assert_eq!((&document["requests"], &document["matched"]), (&3.into(), &1.into()));
    assert_eq!(document["matches"], json!([]));
}

#[test]
fn the_document_begins_with_what_matched_most() {
    let mut tuning = Tuning::default();
    for (rule, times) in [(1, 1), (2, 5), (3, 3)] {
        (0..times).for_each(|_| tuning.add(&matched("192.0.2.1", "find", rule, "ARGS:code")));
    }
    let document = tuning.document();
    let order: Vec<_> =
        document["matches"].as_array().unwrap().iter().map(|one| one["rule"].clone()).collect();
    assert_eq!(order, [2, 3, 1]);
    assert_eq!(document["matches"][0]["matches"], 5);
}

#[test]
fn the_text_is_a_piece_of_a_gateway_file_in_which_each_operation_stands_once() {
    let mut tuning = Tuning::default();
    for n in 0..3 {
        let address = format!("192.0.2.{n}");
        tuning.add(&matched(&address, "find", 1, "ARGS:code"));
        tuning.add(&matched(&address, "find", 2, "ARGS:code"));
        tuning.add(&matched(&address, "get", 1, "ARGS:*"));
    }
    let expected = "\
# 9 requests, 9 of them matched while the WAF watched. Read each line before you use it.
apis:
  shop:
    operations:
      find:
        waf:
          exclude:
            # SQL: 3 matches of 3 callers, 3 answered; `aaa 0`
            - { rule: 1, target: \"ARGS:code\" }
            # SQL: 3 matches of 3 callers, 3 answered; `aaa 0`
            - { rule: 2, target: \"ARGS:code\" }
      get:
        waf:
          exclude:
            # SQL: 3 matches of 3 callers, 3 answered; `aaa 0`
            # not proposed: - { rule: 1, target: \"ARGS:*\" }
";
    assert_eq!(tuning.text(), expected);
}

#[test]
fn kinds_are_bounded_and_what_is_left_out_is_told() {
    let mut tuning = Tuning::default();
    for rule in 0..KINDS_MAX as u64 + 7 {
        tuning.add(&matched("192.0.2.1", "find", rule, "ARGS:code"));
    }
    tuning.add(&matched("192.0.2.1", "find", 0, "ARGS:code"));
    let document = tuning.document();
    assert_eq!(document["matches"].as_array().unwrap().len(), KINDS_MAX);
    assert_eq!(document["dropped"], 7);
    assert_eq!(document["matches"][0]["matches"], 2, "a kind that is known is counted on");
    assert!(tuning.text().ends_with("# 7 matches of further kinds were left out\n"));
}

#[test]
fn callers_of_a_kind_are_bounded() {
    let mut tuning = Tuning::default();
    for n in 0..CALLERS_MAX + 5 {
        tuning.add(&matched(&format!("2001:db8:0:{n:x}::1"), "find", 1, "ARGS:code"));
    }
    let first = &tuning.document()["matches"][0];
    assert_eq!((&first["callers"], &first["matches"]), (&CALLERS_MAX.into(), &(CALLERS_MAX + 5).into()));
}
