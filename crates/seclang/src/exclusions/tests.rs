use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::input::{BodySettings, Input};
use crate::request::Request;
use crate::{Files, Limits, Phase, Source, Transaction};

struct None_;

impl Files for None_ {
    fn read(&self, _from: &str, _name: &str) -> Result<Vec<u8>, String> {
        Err("there are no files".to_owned())
    }
}

const RULES: &str = r#"
SecRule ARGS "@contains attack" "id:1,phase:1,deny,tag:'a',msg:'one'"
SecRule ARGS "@contains attack" "id:2,phase:1,deny,tag:'b',msg:'two'"
"#;

/// The ids of the rules that refuse `?comment=attack`.
fn refusing(excluded: &[(RuleChoice, Option<&str>)]) -> Option<u64> {
    let rules = crate::compile(&[Source { name: "rules", text: RULES }], &None_).unwrap();
    let mut exclusions = Exclusions::default();
    for (choice, target) in excluded {
        assert_eq!(rules.exclude(&mut exclusions, choice, *target), Ok(1));
    }
    let request =
        Request { line: Bytes::from_static(b"GET /?comment=attack HTTP/1.1"), ..Request::default() };
    let input = Input::new(request, &BodySettings::default());
    let mut transaction = Transaction::new(Arc::new(rules), Limits::default()).with_exclusions(&exclusions);
    let _ = transaction.run(Phase::RequestHeaders, &input);
    transaction.interruption().map(|interruption| interruption.rule_id)
}

#[test]
fn rules_are_left_out_by_id_by_tag_and_by_message() {
    let first = || (RuleChoice::Ids(vec![(1, 1)]), None);
    assert_eq!(refusing(&[]), Some(1));
    assert_eq!(refusing(&[first()]), Some(2));
    assert_eq!(refusing(&[first(), (RuleChoice::Tag("b".to_owned()), None)]), None);
    assert_eq!(refusing(&[first(), (RuleChoice::Message("two".to_owned()), None)]), None);
}

#[test]
fn a_value_is_left_out_of_one_rule_and_another_value_is_not() {
    let one = |target| (RuleChoice::Ids(vec![(1, 1)]), Some(target));
    assert_eq!(refusing(&[one("ARGS:comment")]), Some(2));
    assert_eq!(refusing(&[one("ARGS:/^com/")]), Some(2));
    assert_eq!(refusing(&[one("ARGS:other")]), Some(1));
}

#[test]
fn a_target_that_cannot_be_read_is_an_error_and_a_rule_that_is_not_there_a_zero() {
    let rules = crate::compile(&[Source { name: "rules", text: RULES }], &None_).unwrap();
    let mut exclusions = Exclusions::default();
    let first = RuleChoice::Ids(vec![(1, 1)]);
    assert!(rules.exclude(&mut exclusions, &first, Some("ARGZ:comment")).is_err());
    assert!(rules.exclude(&mut exclusions, &first, Some("&ARGS")).is_err());
    assert_eq!(rules.exclude(&mut exclusions, &RuleChoice::Ids(vec![(9, 9)]), None), Ok(0));
}
