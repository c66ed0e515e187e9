//! What compiles, what does not, and what exclusions at configuration change.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::rule::Disruptive;
use crate::trial::{Folder, get, ids, rules, told, try_rules};
use crate::{Engine, Source, compile};

fn faults(text: &str) -> Vec<String> {
    told(&try_rules(text).unwrap_err())
}

#[test]
fn tells_every_fault_at_once_with_place_and_advice() {
    let found = faults(
        "SecRul ARGS \"@rx a\" \"id:1\"\n\
         SecRule ARGZ \"@rx a\" \"id:2\"\n\
         SecRule ARGS \"@rxx a\" \"id:3\"\n\
         SecRule ARGS \"@rx a\" \"id:4,t:lowercas\"\n\
         SecRule ARGS \"@rx a\" \"id:5,capure\"\n\
         SecRule ARGS \"@rx a\" \"id:6,ctl:ruleRemoveByIt=1\"\n\
         SecRule ARGS \"@rx (a\" \"id:7\"\n",
    );
    let expected = [
        "B5002 rules.conf:1:1 there is no directive `SecRul` (did you mean `SecRule`?)",
        "B5003 rules.conf:2:9 there is no variable `ARGZ` (did you mean `ARGS`?)",
        "B5004 rules.conf:3:16 there is no operator `@rxx` (did you mean `@rx`?)",
        "B5005 rules.conf:4:30 there is no transformation `lowercas` (did you mean `lowercase`?)",
        "B5006 rules.conf:5:28 there is no action `capure` (did you mean `capture`?)",
        "B5007 rules.conf:6:32 `ctl` has no option `ruleRemoveByIt` (did you mean `ruleRemoveById`?)",
    ];
    assert_eq!(found[..6], expected);
    assert!(found[6].starts_with("B5004 rules.conf:7:19 `@rx`: "), "{}", found[6]);
    assert_eq!(found.len(), 7);
}

#[test]
fn refuses_arguments_that_actions_do_not_take() {
    for (actions, sentence) in [
        ("id:0", "`0` is not a number from 1"),
        ("id:1,phase:6", "`6` is no phase"),
        ("id:1,severity:LOUD", "`LOUD` is no severity"),
        ("id:1,status:99", "`99` is not a number from 100 to 599"),
        ("id:1,deny:now", "`deny` takes no argument"),
        ("id:1,msg", "`msg` needs an argument"),
        ("id:1,setvar:x=1", "`x` is not of the form"),
        ("id:1,setvar:args.x=1", "`args` cannot be written to"),
        ("id:1,msg:'%{NOPE.x}'", "names no variable"),
        ("id:1,exec:/bin/true", "not available"),
        ("id:1,allow:all", "`allow` takes"),
        ("id:1,ctl:ruleEngine=Maybe", "`Maybe` is not On, DetectionOnly or Off"),
        ("id:1,ctl:ruleRemoveById=x", "neither an id nor a range"),
        ("id:1,ctl:ruleRemoveTargetById=5", "a rule and a target are expected"),
        ("id:1,ctl:requestBodyProcessor=YAML", "`YAML` is not one of"),
        ("phase:1", "has no id"),
        ("id:1,skipAfter:NOWHERE", "no marker `NOWHERE` follows"),
    ] {
        let found = faults(&format!("SecAction \"{actions}\""));
        assert!(found.iter().any(|fault| fault.contains(sentence)), "{actions}: {found:?}");
    }
}

#[test]
fn refuses_chains_that_are_broken() {
    for text in [
        "SecRule ARGS \"@rx a\" \"id:1,chain\"",
        "SecRule ARGS \"@rx a\" \"id:1,chain\"\nSecMarker X",
        "SecRule ARGS \"@rx a\" \"id:1,chain\"\nSecRule ARGS \"@rx a\" \"id:2\"",
        "SecRule ARGS \"@rx a\" \"id:1,chain\"\nSecRule ARGS \"@rx a\" \"deny\"",
    ] {
        assert!(faults(text).iter().all(|fault| fault.starts_with("B5009")), "{text}");
    }
}

#[test]
fn refuses_values_that_directives_do_not_take() {
    for (text, code) in [
        ("SecRuleEngine Perhaps", "B5010"),
        ("SecRequestBodyAccess 1", "B5010"),
        ("SecRequestBodyLimit many", "B5010"),
        ("SecRequestBodyJsonDepthLimit 0", "B5010"),
        ("SecArgumentSeparator ab", "B5010"),
        ("SecCookieFormat 1", "B5010"),
        ("SecXmlExternalEntity On", "B5010"),
        ("SecResponseBodyLimitAction Drop", "B5010"),
        ("SecUnicodeMapFile absent.map 20127", "B5012"),
        ("SecRuleRemoveById a-b", "B5010"),
        ("SecMarker", "B5001"),
        ("Include other.conf", "B5002"),
        ("SecRuleScript run.lua", "B5002"),
        ("SecDefaultAction \"pass\"", "B5006"),
        ("SecDefaultAction \"phase:1,block\"", "B5006"),
        ("SecRule REQUEST_METHOD:x \"@rx a\" \"id:1\"", "B5003"),
        ("SecRule XML \"@rx a\" \"id:1\"", "B5003"),
    ] {
        let found = faults(text);
        assert!(found.iter().any(|fault| fault.starts_with(code)), "{text}: {found:?}");
    }
}

#[test]
fn refuses_two_rules_with_one_id() {
    let found = faults("SecAction \"id:1\"\nSecAction \"id:1\"");
    assert_eq!(found, ["B5008 rules.conf:2:1 two rules have the id 1"]);
}

#[test]
fn refuses_jumps_to_nowhere_and_sets_of_too_many_rules() {
    let found = faults("SecMarker BEFORE\nSecAction \"id:1,skipAfter:BEFORE\"");
    assert_eq!(found, ["B5011 rules.conf:2:1 no marker `BEFORE` follows"]);
    let many =
        |count: usize| -> String { (1..=count).map(|id| format!("SecAction \"id:{id}\"\n")).collect() };
    assert_eq!(try_rules(&many(crate::RULES_MAX)).unwrap().rules().len(), crate::RULES_MAX);
    let found = faults(&many(crate::RULES_MAX + 3));
    assert_eq!(found, ["B5014 rules.conf:20001:1 there are more than 20000 rules"]);
}

#[test]
fn notes_directives_without_effect_and_exclusions_of_nothing() {
    let rules = rules(
        "SecAuditEngine On\nSecRuleRemoveById 5\nSecRuleUpdateTargetById 6 \"!ARGS:a\"\nSecAction \"id:1\"",
    );
    let notes: Vec<&str> = rules.notes().iter().map(|note| note.code.as_str()).collect();
    assert_eq!(notes, ["B5010", "B5013", "B5013"]);
}

#[test]
fn sets_what_directives_say() {
    let rules = rules(
        "SecRuleEngine DetectionOnly\nSecRequestBodyAccess Off\nSecResponseBodyAccess On\nSecRequestBodyLimit 5\n\
         SecRequestBodyNoFilesLimit 4\nSecRequestBodyJsonDepthLimit 3\nSecArgumentsLimit 2\nSecArgumentSeparator ;\n\
         SecResponseBodyLimit 9\nSecResponseBodyMimeType text/css application/JSON\nSecComponentSignature \"ours/1\"\n\
         SecRequestBodyLimitAction ProcessPartial\nSecResponseBodyLimitAction Reject\nSecUploadFileLimit 7",
    );
    let settings = rules.settings();
    assert_eq!(settings.engine, Engine::DetectionOnly);
    assert!(!settings.request_body_access && settings.response_body_access);
    assert_eq!(settings.body.body_bytes_max, 5);
    assert_eq!(settings.body.body_without_files_bytes_max, 4);
    assert_eq!(settings.body.depth_max, 3);
    assert_eq!(settings.body.arguments_max, 2);
    assert_eq!(settings.body.argument_separator, b';');
    assert_eq!(settings.body.response_body_bytes_max, 9);
    assert_eq!(settings.body.files_max, 7);
    assert_eq!(settings.response_media_types, ["text/css", "application/json"]);
    assert_eq!(settings.components, ["ours/1"]);
    assert_eq!(settings.request_body_beyond, crate::Beyond::ProcessPartial);
    assert_eq!(settings.response_body_beyond, crate::Beyond::Reject);
    assert_eq!(settings.written.len(), 14);
    assert!(settings.written.contains_key("SecArgumentsLimit") && !settings.written.contains_key("SecRule"));
}

#[test]
fn default_actions_are_those_of_the_phase_as_of_where_the_rule_stands() {
    let rules = rules(
        "SecAction \"id:1,phase:1,block\"\n\
         SecDefaultAction \"phase:1,log,deny,status:451\"\n\
         SecAction \"id:2,phase:1,block\"\nSecAction \"id:3,phase:1\"\nSecAction \"id:4,phase:1,pass,nolog\"\n\
         SecAction \"id:5,phase:2,block\"",
    );
    let shown = |id| {
        let rule = rules.rule(id).unwrap();
        (rule.disruptive.clone(), rule.status, rule.log)
    };
    assert_eq!(shown(1), (Disruptive::Pass, 403, true));
    assert_eq!(shown(2), (Disruptive::Deny, 451, true));
    assert_eq!(shown(3), (Disruptive::Deny, 451, true));
    assert_eq!(shown(4), (Disruptive::Pass, 451, false));
    assert_eq!(shown(5), (Disruptive::Pass, 403, true));
}

#[test]
fn transformations_of_the_default_come_first_unless_none_is_written() {
    let rules = rules(
        "SecDefaultAction \"phase:2,pass,t:lowercase\"\nSecRule ARGS a \"id:1,t:urlDecode\"\n\
         SecRule ARGS a \"id:2,t:none,t:urlDecode\"",
    );
    let names = |id| -> Vec<&str> {
        rules.rule(id).unwrap().links[0].transformations.iter().map(|known| known.name).collect()
    };
    assert_eq!(names(1), ["lowercase", "urlDecode"]);
    assert_eq!(names(2), ["urlDecode"]);
}

const THREE: &str = "SecRule ARGS \"@streq x\" \"id:10,tag:one,msg:'first'\"\n\
     SecRule ARGS \"@streq x\" \"id:11,tag:two,msg:'second'\"\nSecRule ARGS \"@streq x\" \"id:12,tag:one\"\n";

fn left(directives: &str) -> Vec<u64> {
    ids(&get(&format!("{THREE}{directives}"), "/?a=x").0)
}

#[test]
fn removes_rules_by_id_range_tag_and_message() {
    assert_eq!(left(""), [10, 11, 12]);
    assert_eq!(left("SecRuleRemoveById 10 12"), [11]);
    assert_eq!(left("SecRuleRemoveById 10-11"), [12]);
    assert_eq!(left("SecRuleRemoveByTag one"), [11]);
    assert_eq!(left("SecRuleRemoveByMsg second"), [10, 12]);
}

#[test]
fn changes_targets_by_id_tag_and_message() {
    assert_eq!(left("SecRuleUpdateTargetById 10 !ARGS:a"), [11, 12]);
    assert_eq!(left("SecRuleUpdateTargetById 10-11 \"!ARGS:/^A$/\""), [12]);
    assert_eq!(left("SecRuleUpdateTargetByTag one !ARGS:a,!ARGS:b"), [11]);
    assert_eq!(left("SecRuleUpdateTargetByMsg second !ARGS:a"), [10, 12]);
    assert_eq!(left("SecRuleUpdateTargetByMsg second !ARGS:b"), [10, 11, 12]);
    assert_eq!(left("SecRuleUpdateTargetById 10 REQUEST_METHOD ARGS"), [11, 12]);
}

#[test]
fn changes_actions_by_id() {
    let (_, outcome) = get(&format!("{THREE}SecRuleUpdateActionById 11 \"deny,status:409\""), "/?a=x");
    let crate::Outcome::Interrupted(interruption) = outcome else { panic!("let through") };
    assert_eq!((interruption.status, interruption.rule_id), (409, 11));
}

#[test]
fn a_chain_ends_with_its_file() {
    let files = Folder("/nowhere".into());
    let sources = [
        Source { name: "a.conf", text: "SecRule ARGS a \"id:1,chain\"" },
        Source { name: "b.conf", text: "SecRule ARGS a \"id:2\"" },
    ];
    let found = told(&compile(&sources, &files).unwrap_err());
    assert_eq!(found, ["B5009 a.conf:1:1 a rule with `chain` must be followed by a rule, but the file ends"]);
}

#[test]
fn the_core_rule_set_compiles_without_a_finding() {
    let Some(rules) = crate::trial::crs_rules("") else { return };
    assert!(rules.rules().len() > 600);
    let rest: Vec<_> =
        rules.notes().iter().filter(|note| !note.sentence.contains("has no effect here")).collect();
    assert!(rest.is_empty(), "{rest:?}");
}
