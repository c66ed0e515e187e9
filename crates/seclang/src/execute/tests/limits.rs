//! What a transaction may cost: fuel counts what is done, and memory goes back when nothing is left to do.

use std::sync::Arc;

use bytes::Bytes;

use crate::input::Input;
use crate::trial::{rules, run};
use crate::{Exhausted, Limits, Outcome, Phase, RuleSet, Transaction};

/// Runs the first phase alone over a request with so many parameters, and as many header fields beside `Host`.
fn begun(rules: &Arc<RuleSet>, limits: Limits, parameters: usize) -> (Transaction, Outcome) {
    let query: Vec<String> = (0..parameters).map(|at| format!("p{at}=v{at}")).collect();
    let headers: String = (0..parameters).map(|at| format!("P{at}: v{at}\r\n")).collect();
    let raw = Bytes::from(format!("GET /?{} HTTP/1.1\r\nHost: shop.test\r\n{headers}\r\n", query.join("&")));
    let (request, _) = crate::wire::read(&raw).unwrap();
    let mut transaction = Transaction::new(Arc::clone(rules), limits);
    let input = Input::new(request, &rules.settings().body);
    let outcome = transaction.run(Phase::RequestHeaders, &input);
    (transaction, outcome)
}

#[test]
fn memory_goes_back_when_no_rule_of_the_request_runs_any_more() {
    let kept = |action: &str, fuel: u64| {
        let text = format!(
            "SecRule ARGS \"@contains v1\" \"id:1,phase:1,t:lowercase,{action}\"\nSecRule ARGS \"@contains x\" \"id:2,phase:2\""
        );
        let limits = Limits { fuel_steps_max: fuel, ..Limits::default() };
        let (transaction, _) = begun(&rules(&text), limits, 20);
        transaction.room.is_some()
    };
    let enough = Limits::default().fuel_steps_max;
    for action in ["pass", "allow:phase"] {
        assert!(kept(action, enough), "the second phase has use for it after {action}");
    }
    for action in ["allow", "allow:request", "deny", "pass,ctl:ruleEngine=Off"] {
        assert!(!kept(action, enough), "{action}");
    }
    assert!(!kept("pass", 10), "no fuel is left");
}

#[test]
fn a_limit_that_is_met_refuses_though_a_rule_would_have_allowed() {
    let text =
        "SecAction \"id:1,phase:1,allow\"\nSecRule REQUEST_HEADERS:missing \"@contains x\" \"id:2,phase:1\"";
    let limits = Limits { values_max: 11, ..Limits::default() };
    assert_eq!(begun(&rules(text), limits, 10).1, Outcome::Continue);
    assert_eq!(begun(&rules(text), limits, 11).1, Outcome::Exhausted(Exhausted::Values));
}

/// The fuel that a text takes as the value of a parameter.
fn fuel(rules: &Arc<RuleSet>, text: &str) -> u64 {
    let mut transaction = Transaction::new(Arc::clone(rules), Limits::default());
    assert_eq!(
        run(&mut transaction, format!("GET /?q={text} HTTP/1.1\r\n\r\n").as_bytes()),
        Outcome::Continue
    );
    assert!(transaction.matches().is_empty());
    transaction.fuel_used()
}

#[test]
fn every_word_that_is_compared_takes_fuel() {
    // Words that are told by the same rare bytes.
    let words: Vec<String> = ('a'..='v').map(|last| format!("zqjy{last}{last}")).collect();
    let rules = rules(&format!("SecRule ARGS \"@pm {}\" \"id:1\"", words.join(" ")));
    let (near, far) = (fuel(&rules, &"zqjy".repeat(500)), fuel(&rules, &"abcd".repeat(500)));
    assert!(near > far + 500 * 20, "{near} and {far} steps");
}
