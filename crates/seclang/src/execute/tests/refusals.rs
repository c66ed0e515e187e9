//! What refuses, what only would, and what is told.

use crate::trial::{get, ids, rules, run};
use crate::{Engine, Exhausted, Kind, Limits, Outcome, Phase, Transaction};

fn refusal(text: &str) -> Option<(u16, u64, Phase, Kind)> {
    match get(text, "/?a=x").1 {
        Outcome::Interrupted(found) => Some((found.status, found.rule_id, found.phase, found.kind)),
        _ => None,
    }
}

#[test]
fn deny_drop_and_redirect_refuse_with_their_status() {
    let on = Phase::RequestHeaders;
    assert_eq!(refusal("SecAction \"id:1,phase:1,deny\""), Some((403, 1, on, Kind::Deny)));
    assert_eq!(refusal("SecAction \"id:1,phase:1,deny,status:418\""), Some((418, 1, on, Kind::Deny)));
    assert_eq!(refusal("SecAction \"id:1,phase:1,drop\""), Some((403, 1, on, Kind::Drop)));
    let away = Kind::Redirect("https://a.test/GET".to_owned());
    assert_eq!(
        refusal("SecAction \"id:1,phase:1,redirect:'https://a.test/%{REQUEST_METHOD}'\""),
        Some((302, 1, on, away))
    );
    assert_eq!(refusal("SecAction \"id:1,phase:1,pass\""), None);
}

#[test]
fn the_first_refusal_ends_the_request_and_logging_still_runs() {
    let (done, outcome) = get(
        "SecAction \"id:1,phase:1,deny\"\nSecAction \"id:2,phase:1\"\nSecAction \"id:3,phase:2\"\nSecAction \"id:4,phase:5\"",
        "/",
    );
    assert!(matches!(outcome, Outcome::Interrupted(found) if found.rule_id == 1));
    assert_eq!(ids(&done), [1, 4]);
}

#[test]
fn detection_only_tells_what_would_have_been_refused() {
    let text =
        "SecRuleEngine DetectionOnly\nSecAction \"id:1,phase:1,deny\"\nSecAction \"id:2,phase:2,drop\"";
    let (done, outcome) = get(text, "/");
    assert_eq!(outcome, Outcome::Continue);
    assert_eq!(ids(&done), [1, 2]);
    assert_eq!(done.would_interrupt().map(|found| found.rule_id), Some(1));
    assert_eq!(done.interruption(), None);
}

#[test]
fn allow_leaves_out_what_it_says() {
    let with = |allow: &str| {
        let text = format!(
            "SecAction \"id:1,phase:1,nolog,{allow}\"\nSecAction \"id:2,phase:1\"\nSecAction \"id:3,phase:2\"\n\
             SecAction \"id:5,phase:5\""
        );
        ids(&get(&text, "/").0)
    };
    assert_eq!(with("pass"), [2, 3, 5]);
    assert_eq!(with("allow:phase"), [3, 5]);
    assert_eq!(with("allow:request"), [5]);
    assert_eq!(with("allow"), [5]);
}

#[test]
fn an_engine_that_is_off_runs_nothing() {
    assert_eq!(ids(&get("SecRuleEngine Off\nSecAction \"id:1,phase:1,deny\"", "/").0), [] as [u64; 0]);
    let transaction = Transaction::new(rules("SecAction \"id:1,deny\""), Limits::default());
    let mut transaction = transaction.with_engine(Engine::DetectionOnly);
    assert_eq!(run(&mut transaction, b"GET / HTTP/1.1\r\n\r\n"), Outcome::Continue);
}

#[test]
fn values_of_requests_are_told_as_their_shape_only() {
    let text = "SecRule ARGS \"@rx (.*)\" \"id:1,capture,msg:'m %{TX.1}',logdata:'%{MATCHED_VAR_NAME}: %{MATCHED_VAR}'\"";
    let mut transaction = Transaction::new(rules(text), Limits::default());
    let _ = run(&mut transaction, b"GET /?key=Secret-123'%20or HTTP/1.1\r\n\r\n");
    let found = &transaction.matches()[0];
    assert_eq!(found.message, "m Aaaaaa-000' aa");
    assert_eq!(found.data, "ARGS:key: Aaaaaa-000' aa");
    assert_eq!(found.seen[0].shape, "Aaaaaa-000' aa");
    assert_eq!((found.seen[0].name.as_str(), found.seen[0].length_bytes), ("ARGS:key", 14));
    assert!(!format!("{found:?}").contains("Secret"));
}

#[test]
fn matches_are_bounded_and_counted() {
    let text = "SecAction \"id:1\"\nSecAction \"id:2\"\nSecAction \"id:3\"";
    let limits = Limits { matches_max: 2, ..Limits::default() };
    let mut transaction = Transaction::new(rules(text), limits);
    assert_eq!(run(&mut transaction, b"GET / HTTP/1.1\r\n\r\n"), Outcome::Continue);
    assert_eq!((ids(&transaction), transaction.matches_dropped()), (vec![1, 2], 1));
}

#[test]
fn a_transaction_without_fuel_is_refused_and_stays_so() {
    let text = "SecRule ARGS \"@rx xy\" \"id:1,t:lowercase\"\nSecAction \"id:2,phase:5\"";
    let limits = Limits { fuel_steps_max: 20, ..Limits::default() };
    let raw = format!("GET /?a=Y{}X HTTP/1.1\r\n\r\n", "A".repeat(100));
    let mut transaction = Transaction::new(rules(text), limits);
    assert_eq!(run(&mut transaction, raw.as_bytes()), Outcome::Exhausted(Exhausted::Fuel));
    let mut again = Transaction::new(rules(text), Limits::default());
    assert_eq!(run(&mut again, raw.as_bytes()), Outcome::Continue);
    let used = again.fuel_used();
    let mut once_more = Transaction::new(rules(text), Limits::default());
    assert_eq!(run(&mut once_more, raw.as_bytes()), Outcome::Continue);
    assert_eq!(once_more.fuel_used(), used);
}

#[test]
fn values_of_a_phase_are_bounded() {
    let limits = Limits { values_max: 3, ..Limits::default() };
    let mut transaction = Transaction::new(rules("SecRule ARGS \"@rx x\" \"id:1\""), limits);
    let outcome = run(&mut transaction, b"GET /?a=1&b=2&c=3&d=4 HTTP/1.1\r\n\r\n");
    assert_eq!(outcome, Outcome::Exhausted(Exhausted::Values));
}
