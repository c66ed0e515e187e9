//! What is settled before there is a request: that it is, that it is not where it must not be, and that transactions
//! decide the same with and without.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::effect::RuleChoice;
use crate::trial::{ids, rules, run};
use crate::{Exclusions, Limits, Phase, RuleSet, Transaction};

/// Presets, and stretches that are left out by level; the rules that look at arguments log.
const LEVELS: &str = "SecAction \"id:1,phase:1,pass,nolog,setvar:tx.level=1,setvar:tx.words=get head\"\n\
    SecRule &TX:limit \"@eq 0\" \"id:2,phase:1,pass,nolog,setvar:tx.limit=%{tx.level}0\"\n\
    SecRule REQUEST_METHOD \"!@within %{tx.words}\" \"id:3,phase:1,pass,log,t:lowercase\"\n\
    SecRule TX:LEVEL \"@lt 1\" \"id:10,phase:2,pass,nolog,skipAfter:END\"\n\
    SecRule ARGS \"@contains a\" \"id:11,phase:2,pass,log,setvar:tx.sum=+1\"\n\
    SecRule TX:LEVEL \"@lt 2\" \"id:12,phase:2,pass,nolog,skipAfter:END\"\n\
    SecRule ARGS \"@contains b\" \"id:13,phase:2,pass,log\"\n\
    SecMarker END\n\
    SecRule TX:LIMIT \"@eq 10\" \"id:14,phase:2,pass,log\"";

/// Positions of the rules of a phase that are to be visited.
fn visits(rules: &Arc<RuleSet>, phase: Phase) -> Vec<usize> {
    rules.settled().visits(phase).each().collect()
}

/// Rules that matched, and TX, after a request with such a query.
fn judged(mut transaction: Transaction, query: &str, plain: bool) -> (Vec<u64>, BTreeMap<String, String>) {
    transaction.plain = plain;
    let _ = run(&mut transaction, format!("GET /?{query} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
    (ids(&transaction), transaction.scores())
}

/// What matches, the same with what is settled and without.
fn matched(open: impl Fn() -> Transaction, query: &str) -> Vec<u64> {
    let settled = judged(open(), query, false);
    assert_eq!(settled, judged(open(), query, true), "{query}");
    settled.0
}

fn matched_by(text: &str, query: &str) -> Vec<u64> {
    let rules = rules(text);
    matched(|| Transaction::new(Arc::clone(&rules), Limits::default()), query)
}

#[test]
fn presets_are_run_ahead_and_what_they_decide_is_not_visited() {
    let set = rules(LEVELS);
    assert_eq!(visits(&set, Phase::RequestHeaders), [2]);
    assert_eq!(visits(&set, Phase::RequestBody), [1, 4]);
    assert_eq!(matched_by(LEVELS, "x=ab"), [11, 14]);
}

#[test]
fn what_an_operator_presets_counts() {
    let own = "SecAction \"id:900,phase:1,pass,nolog,setvar:tx.limit=7\"\n";
    let text = format!("{own}{}", LEVELS.replace("tx.level=1", "tx.level=2"));
    assert_eq!(visits(&rules(&text), Phase::RequestBody), [1, 3]);
    assert_eq!(matched_by(&text, "x=ab"), [11, 13]);
}

#[test]
fn rules_before_presets_that_keep_off_tx_wait_for_the_request() {
    let before = "SecRule REQUEST_HEADERS:Host \"@streq a\" \"id:5,phase:1,pass,nolog,ctl:requestBodyProcessor=XML\"\n";
    let set = rules(&format!("{before}{LEVELS}"));
    assert_eq!(visits(&set, Phase::RequestHeaders), [0, 3]);
}

#[test]
fn rules_before_presets_that_do_more_end_what_is_run_ahead() {
    for actions in [
        "pass,nolog,setvar:tx.limit=3",
        "pass,nolog,ctl:ruleRemoveById=2",
        "pass,nolog,ctl:ruleEngine=Off",
        "pass,log",
        "deny,nolog",
        "pass,nolog,skip:1",
        "pass,nolog,capture",
        "pass,nolog,severity:CRITICAL",
    ] {
        let text = format!("SecRule REQUEST_HEADERS:Host \"@rx (a)\" \"id:5,phase:1,{actions}\"\n{LEVELS}");
        assert_eq!(visits(&rules(&text), Phase::RequestHeaders).len(), 4, "{actions}");
        matched_by(&text, "x=ab");
    }
}

#[test]
fn a_preset_that_is_told_is_run_for_each_request() {
    let text = LEVELS.replace("id:2,phase:1,pass,nolog", "id:2,phase:1,pass,log");
    assert_eq!(visits(&rules(&text), Phase::RequestHeaders), [1, 2]);
    assert_eq!(matched_by(&text, "x=ab"), [2, 11, 14]);
}

#[test]
fn variables_that_a_later_rule_may_set_decide_nothing() {
    for setting in [
        "SecRule ARGS:y \"@streq 1\" \"id:20,phase:1,pass,nolog,setvar:tx.level=0\"",
        "SecRule ARGS:y \"@streq 1\" \"id:20,phase:1,pass,nolog,setvar:!tx.level\"",
        "SecRule ARGS:y \"@streq 1\" \"id:20,phase:1,pass,nolog,setvar:tx.le%{ARGS.z}=0\"",
        "SecRule ARGS:y \"@streq 1\" \"id:20,phase:1,pass,nolog,setvar:tx.%{ARGS.z}=0\"",
    ] {
        let text = format!("{LEVELS}\n{setting}");
        assert_eq!(visits(&rules(&text), Phase::RequestBody)[..4], [0, 1, 2, 3], "{setting}");
        for query in ["x=ab", "x=ab&y=1&z=vel", "x=ab&y=1&z=level"] {
            matched_by(&text, query);
        }
        let elsewhere = text.replace("tx.level=0", "tx.other=0").replace("!tx.level", "!tx.other");
        let elsewhere = elsewhere.replace("tx.le%", "tx.levels_%").replace("tx.%", "tx.z%");
        assert_eq!(visits(&rules(&elsewhere), Phase::RequestBody), [1, 4], "{setting}");
    }
}

#[test]
fn groups_that_rules_capture_decide_nothing() {
    let text = "SecRule ARGS \"@rx x(.)\" \"id:1,phase:1,pass,nolog,capture\"\n\
        SecRule TX:1 \"@eq 7\" \"id:2,phase:2,pass,log\"\n\
        SecRule TX:none \"@eq 7\" \"id:3,phase:2,pass,log\"";
    assert_eq!(visits(&rules(text), Phase::RequestBody), [0]);
    assert_eq!(matched_by(text, "a=x7"), [2]);
}

#[test]
fn a_stretch_into_which_another_jump_leads_is_visited() {
    for jump in ["skipAfter:INSIDE", "skip:2"] {
        let text = format!(
            "SecAction \"id:1,phase:1,pass,nolog,setvar:tx.level=1\"\n\
            SecRule ARGS:y \"@streq 1\" \"id:2,phase:2,pass,nolog,{jump}\"\n\
            SecRule TX:LEVEL \"@lt 2\" \"id:3,phase:2,pass,nolog,skipAfter:END\"\n\
            SecRule ARGS \"@contains a\" \"id:4,phase:2,pass,log\"\n\
            SecMarker INSIDE\n\
            SecRule ARGS \"@contains b\" \"id:5,phase:2,pass,log\"\n\
            SecMarker END"
        );
        assert_eq!(visits(&rules(&text), Phase::RequestBody), [0, 1, 2, 3], "{jump}");
        assert_eq!(matched_by(&text, "x=ab"), [] as [u64; 0]);
        assert_eq!(matched_by(&text, "x=ab&y=1"), [5]);
    }
}

#[test]
fn transactions_without_a_rule_that_settled_something_run_all() {
    let leaving_out = |choice: &str, target: Option<&str>| {
        let set = rules(LEVELS);
        let mut exclusions = Exclusions::default();
        let choice = RuleChoice::Ids(vec![(choice.parse().unwrap(), choice.parse().unwrap())]);
        assert_eq!(set.exclude(&mut exclusions, &choice, target), Ok(1));
        let open = || Transaction::new(Arc::clone(&set), Limits::default()).with_exclusions(&exclusions);
        matched(open, "x=ab")
    };
    assert_eq!(leaving_out("1", None), [3, 11, 13]);
    assert_eq!(leaving_out("2", None), [11]);
    assert_eq!(leaving_out("12", None), [11, 13, 14]);
    assert_eq!(leaving_out("12", Some("TX:level")), [11, 13, 14]);
    assert_eq!(leaving_out("11", None), [14]);
}

#[test]
fn what_ctl_leaves_out_is_heeded_from_then_on() {
    let with = |ctl: &str, id: u8, phase: u8| {
        format!("SecRule ARGS:y \"@streq 1\" \"id:{id},phase:{phase},pass,nolog,ctl:{ctl}\"")
    };
    for (ctl, expected) in
        [("ruleRemoveById=12", [11, 13, 14]), ("ruleRemoveTargetById=12;TX:level", [11, 13, 14])]
    {
        for text in [format!("{LEVELS}\n{}", with(ctl, 30, 1)), format!("{}\n{LEVELS}", with(ctl, 30, 2))] {
            assert_eq!(matched_by(&text, "x=ab"), [11, 14], "{text}");
            assert_eq!(matched_by(&text, "x=ab&y=1"), expected, "{text}");
        }
    }
    // Within a chain that does not match to its end, the effects of its head count all the same.
    let chain = "SecRule ARGS:y \"@streq 1\" \"id:30,phase:2,pass,nolog,ctl:ruleRemoveById=12,chain\"\n\
        SecRule ARGS:z \"@streq 1\" \"t:none\"";
    assert_eq!(matched_by(&format!("{chain}\n{LEVELS}"), "x=ab&y=1"), [11, 13, 14]);
}

#[test]
fn what_a_caller_sets_or_cuts_short_is_not_settled() {
    let set = rules(LEVELS);
    let open = || {
        let mut transaction = Transaction::new(Arc::clone(&set), Limits::default());
        transaction.set_tx("LIMIT", "3");
        transaction
    };
    assert_eq!(matched(open, "x=ab"), [11]);
    let limits = Limits { expanded_bytes_max: 1, ..Limits::default() };
    let short = || Transaction::new(Arc::clone(&set), limits);
    // %{tx.words} is cut off.
    assert_eq!(matched(short, "x=ab").first(), Some(&3));
}
