//! That the fast path changes nothing: the same requests with it and rule by rule.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod corpus;
mod parts;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::trial::{crs_rules, rules, run};
use crate::{Engine, Limits, Outcome, RuleSet, Transaction};

/// Everything that a transaction decides: verdict, matches with their values, sums.
fn judged(rules: &Arc<RuleSet>, raw: &[u8], plain: bool) -> (Outcome, Vec<String>, BTreeMap<String, String>) {
    let mut transaction = Transaction::new(Arc::clone(rules), Limits::default()).show_values();
    transaction.plain = plain;
    let outcome = run(&mut transaction, raw);
    let matches = transaction.matches().iter().map(|found| format!("{found:?}")).collect();
    let scores = transaction.scores();
    (outcome, matches, scores)
}

/// How many matches both had.
fn same(rules: &Arc<RuleSet>, raw: &[u8]) -> usize {
    let (fast, plain) = (judged(rules, raw, false), judged(rules, raw, true));
    assert_eq!(fast, plain, "{}", String::from_utf8_lossy(raw));
    fast.1.len()
}

fn everything(level: u8) -> Option<Arc<RuleSet>> {
    crs_rules(&format!(
        "SecRuleEngine DetectionOnly\nSecAction \"id:900000,phase:1,pass,nolog,setvar:tx.blocking_paranoia_level={level},\
         setvar:tx.crs_validate_utf8_encoding=1,setvar:tx.arg_length=400,setvar:tx.total_arg_length=64000\""
    ))
}

/// At least twenty thousand requests with `SLOW=1`, a sample of them otherwise.
#[test]
fn the_core_rule_set_decides_the_same_with_and_without() {
    let Some(highest) = everything(4) else { return };
    let lowest = everything(1).unwrap();
    let slow = std::env::var_os("SLOW").is_some();
    let every = if slow { 1 } else { 97 };
    let (mut count, mut matched) = (0, 0);
    for raw in corpus::requests(if slow { 22_000 } else { 25_000 }).iter().step_by(every) {
        matched += same(&highest, raw);
        if count % 4 == 0 {
            same(&lowest, raw);
        }
        count += 1;
    }
    assert!(count >= if slow { 20_000 } else { 200 }, "{count} requests");
    assert!(matched > count, "{matched} matches in {count} requests");
}

#[test]
fn small_rule_sets_decide_the_same_with_and_without() {
    let text = "SecRule ARGS|REQUEST_HEADERS|!ARGS:free \"@rx (?i)select\\s\" \"id:1,t:urlDecodeUni,t:lowercase,capture,\
        logdata:'%{TX.0}'\"\n\
        SecRule ARGS_NAMES|ARGS \"@pm union select drop\" \"id:2,multiMatch,t:none,t:base64Decode,t:removeWhitespace\"\n\
        SecRule ARGS \"!@rx ^[a-z]*$\" \"id:3,t:lowercase\"\n\
        SecRule ARGS:/^a/ \"@contains x\" \"id:4,skipAfter:END\"\n\
        SecRule ARGS \"@rx a|\" \"id:5\"\n\
        SecRule ARGS \"@streq %{ARGS.b}\" \"id:6\"\n\
        SecMarker END\n\
        SecRule ARGS \"@endsWith Z\" \"id:7,t:sha1,t:hexEncode\"\n\
        SecRule ARGS \"@rx ^[0-9a-f]{40}$\" \"id:8,t:sha1,t:hexEncode,setvar:tx.sum=+1\"\n\
        SecRule ARGS \"@rx ^(?:3|4)$\" \"id:9,t:length\"\n\
        SecRule ARGS \"@within abc\" \"id:10,t:cmdLine\"";
    let rules = rules(text);
    let mut random = mutate::Random::new(7);
    let mut matched = 0;
    for _ in 0..3_000 {
        let words = [
            "select ",
            "SELECT%20",
            "U0VMRUNU",
            "union",
            "x",
            "Z",
            "",
            "%2575nion",
            "ab^c",
            "1",
            "%00",
            "+a+",
        ];
        let names = ["a", "b", "free", "A1", "select%20"];
        let mut pick = |from: &[&'static str]| from[random.below(from.len())];
        let pairs: Vec<String> =
            (0..4).map(|_| format!("{}={}{}", pick(&names), pick(&words), pick(&words))).collect();
        let raw = format!("GET /?{} HTTP/1.1\r\nX: {}\r\n\r\n", pairs.join("&"), pick(&words));
        matched += same(&rules, raw.as_bytes());
    }
    assert!(matched > 3_000);
}

#[test]
fn rules_that_are_left_out_or_not_shown_a_value_stay_so() {
    let text = "SecAction \"id:1,phase:1,nolog,ctl:ruleRemoveTargetById=2;ARGS:a\"\n\
        SecRule ARGS \"@contains x\" \"id:2,setvar:tx.n=+1\"";
    let mut transaction = Transaction::new(rules(text), Limits::default()).with_engine(Engine::On);
    assert_eq!(run(&mut transaction, b"GET /?a=x&b=x HTTP/1.1\r\n\r\n"), Outcome::Continue);
    assert_eq!(transaction.tx("n"), Some(&b"1"[..]));
}
