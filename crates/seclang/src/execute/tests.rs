//! How rules run: order, chains, jumps, scores, refusals, exclusions at run time, limits.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod core_rules;
mod limits;
mod macros;
mod refusals;
mod scores;
mod settled;

use crate::trial::{get, ids};

#[test]
fn a_chain_matches_when_every_link_does() {
    let rules = "SecRule ARGS:a \"@streq 1\" \"id:1,chain,setvar:tx.head=1\"\nSecRule ARGS:b \"@streq 2\" \"setvar:tx.tail=1\"";
    let (both, _) = get(rules, "/?a=1&b=2");
    assert_eq!((ids(&both), both.tx("tail")), (vec![1], Some(&b"1"[..])));
    let (head, _) = get(rules, "/?a=1&b=3");
    assert_eq!((ids(&head), head.tx("head"), head.tx("tail")), (vec![], Some(&b"1"[..]), None));
    let (tail, _) = get(rules, "/?a=0&b=2");
    assert_eq!((ids(&tail), tail.tx("head")), (vec![], None));
}

#[test]
fn later_links_see_what_earlier_ones_matched() {
    let rules = "SecRule ARGS \"@rx ^x(.)\" \"id:1,chain,capture\"\nSecRule MATCHED_VARS \"@streq xb\" \"chain\"\n\
        SecRule TX:1 \"@streq b\" \"chain\"\nSecRule MATCHED_VARS_NAMES \"@streq ARGS:two\" \"\"";
    assert_eq!(ids(&get(rules, "/?one=xa&two=xb").0), [1]);
    assert_eq!(ids(&get(rules, "/?one=xa&two=xc").0), [] as [u64; 0]);
}

#[test]
fn skip_after_and_skip_leave_rules_of_the_phase_out() {
    let rules = "SecRule ARGS:jump \"@streq 1\" \"id:1,phase:1,nolog,skipAfter:END\"\nSecAction \"id:2,phase:1\"\n\
        SecAction \"id:3,phase:2\"\nSecMarker END\nSecAction \"id:4,phase:1,skip:1\"\nSecAction \"id:5,phase:1\"\n\
        SecAction \"id:6,phase:1\"";
    assert_eq!(ids(&get(rules, "/?jump=1").0), [4, 6, 3]);
    assert_eq!(ids(&get(rules, "/?jump=0").0), [2, 4, 6, 3]);
}

#[test]
fn skip_after_takes_the_id_of_a_rule() {
    let rules = "SecAction \"id:1,skipAfter:3\"\nSecAction \"id:2\"\nSecAction \"id:3\"\nSecAction \"id:4\"";
    assert_eq!(ids(&get(rules, "/").0), [1, 4]);
}

#[test]
fn counts_values() {
    let rules = "SecRule &ARGS \"@eq 3\" \"id:1\"\nSecRule &ARGS:a \"@eq 2\" \"id:2\"\nSecRule &ARGS:c \"@eq 0\" \"id:3\"\n\
        SecRule &ARGS|!ARGS:b \"@eq 2\" \"id:4\"\nSecRule &TX:no \"@eq 0\" \"id:5\"\nSecRule &ARGS:/^[ab]$/ \"@eq 3\" \"id:6\"";
    assert_eq!(ids(&get(rules, "/?a=1&b=2&a=3").0), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn asks_nothing_where_there_is_no_value() {
    assert_eq!(ids(&get("SecRule ARGS:no \"!@streq x\" \"id:1\"", "/?a=1").0), [] as [u64; 0]);
}

#[test]
fn multi_match_asks_after_every_change() {
    let rules = "SecRule ARGS \"@rx [<a]\" \"id:1,multiMatch,t:none,t:lowercase,t:trim,setvar:tx.times=+1\"";
    assert_eq!(get(rules, "/?a=%20A%3c").0.tx("times"), Some(&b"3"[..]));
    assert_eq!(get(rules, "/?a=a").0.tx("times"), Some(&b"1"[..]));
}

#[test]
fn ctl_removes_rules_and_targets_for_one_transaction() {
    let asked = |ctl: &str| {
        let rules = format!(
            "SecAction \"id:1,phase:1,nolog,{ctl}\"\nSecRule ARGS \"@streq x\" \"id:2,tag:t,msg:m\"\n\
             SecRule ARGS \"@streq x\" \"id:3,tag:u\""
        );
        ids(&get(&rules, "/?a=x").0)
    };
    assert_eq!(asked("ctl:ruleEngine=On"), [2, 3]);
    assert_eq!(asked("ctl:ruleRemoveById=2"), [3]);
    assert_eq!(asked("ctl:ruleRemoveById=2-3"), [] as [u64; 0]);
    assert_eq!(asked("ctl:ruleRemoveByTag=t"), [3]);
    assert_eq!(asked("ctl:ruleRemoveByMsg=m"), [3]);
    assert_eq!(asked("ctl:ruleRemoveTargetById=2;ARGS:a"), [3]);
    assert_eq!(asked("ctl:ruleRemoveTargetById=2;ARGS:b"), [2, 3]);
    assert_eq!(asked("ctl:ruleRemoveTargetByTag=u;ARGS"), [2]);
    assert_eq!(asked("ctl:ruleRemoveTargetByMsg=m;ARGS:/a/"), [3]);
    assert_eq!(asked("ctl:ruleEngine=Off"), [] as [u64; 0]);
}

#[test]
fn ctl_says_how_bodies_are_read() {
    let rules = "SecAction \"id:1,phase:1,ctl:requestBodyProcessor=JSON,ctl:forceRequestBodyVariable=On,\
        ctl:requestBodyAccess=Off,ctl:responseBodyAccess=On,ctl:requestBodyLimit=5,ctl:responseBodyLimit=6,\
        ctl:auditEngine=Off,ctl:auditLogParts=+E\"";
    let (done, _) = get(rules, "/");
    assert_eq!(done.body_wanted().processor, crate::body::Processor::find("JSON"));
    assert!(done.body_wanted().force_request_body);
    assert!(!done.request_body_access() && done.response_body_access());
    assert_eq!((done.request_body_limit(), done.response_body_limit()), (Some(5), Some(6)));
    assert_eq!(done.audit(), Some(crate::Audit::Off));
}

#[test]
fn the_processor_that_ctl_asks_for_is_told_at_once() {
    let asks = |id: u8, phase: u8, name: &str| {
        format!("SecRule REQBODY_PROCESSOR \"@streq {name}\" \"id:{id},phase:{phase},t:none\"\n")
    };
    let rules = asks(1, 1, "")
        + "SecAction \"id:9,phase:1,nolog,ctl:requestBodyProcessor=JSON\"\n"
        + &asks(2, 1, "JSON")
        + &asks(3, 2, "JSON");
    assert_eq!(ids(&get(&rules, "/").0), [1, 2, 3]);
    assert_eq!(ids(&get(&asks(1, 2, ""), "/").0), [1]);
}

#[test]
fn every_variable_is_answered_by_one_side() {
    let (done, _) = get("SecAction \"id:1\"", "/");
    for (name, variable) in crate::variable::VARIABLES {
        let answered = done.kept(*variable).is_some() || *variable == crate::variable::Variable::Rule;
        assert_eq!(answered, variable.is_kept(), "{name}");
    }
}
