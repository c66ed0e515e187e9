#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Allowance, Guard, Member, Rules};
use crate::bindings::Properties;
use crate::decide::{Subject, SubjectKind};

pub(crate) fn subject(roles: &[&str], scopes: &[&str]) -> Subject {
    Subject::new(SubjectKind::User, "7", "acme").holding(roles, scopes)
}

pub(crate) fn lists(lists: &[(&str, &[&str])]) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
    let texts = |list: &&[&str]| list.iter().map(|name| Arc::from(*name)).collect();
    lists.iter().map(|(rule, list)| (Arc::from(*rule), texts(list))).collect()
}

fn word(member: &Member<'_>) -> &'static str {
    match member {
        Member::No => "no",
        Member::Whole => "whole",
        Member::Part(_) => "part",
    }
}

fn asked(allowance: &Allowance<'_>, names: &[&str]) -> Vec<&'static str> {
    names.iter().map(|name| word(&allowance.member(name))).collect()
}

fn properties() -> Properties {
    let read = lists(&[("default", &["id", "address.city"]), ("self", &["phone"]), ("admin", &["*"])]);
    let scopes = BTreeMap::from([("phone".into(), "pii.read".into())]);
    Properties { write: None, read: Some(read), scopes }
}

#[test]
fn the_union_of_the_rules_that_apply_counts() {
    let rules = Rules::reading(Some(&properties()), Guard::default());
    let names = ["id", "address", "phone", "role"];
    let (peer, owner, admin) = (subject(&[], &[]), subject(&[], &["pii.read"]), subject(&["admin"], &[]));
    assert_eq!(asked(&rules.allowance(&peer, false), &names), ["whole", "part", "no", "no"]);
    assert_eq!(asked(&rules.allowance(&owner, true), &names), ["whole", "part", "whole", "no"]);
    assert_eq!(asked(&rules.allowance(&admin, false), &names), ["whole", "whole", "no", "whole"]);
}

#[test]
fn a_scope_is_asked_for_besides_the_rule() {
    let rules = Rules::reading(Some(&properties()), Guard::default());
    let without = subject(&[], &[]);
    assert_eq!(asked(&rules.allowance(&without, true), &["phone"]), ["no"]);
}

#[test]
fn a_star_does_not_show_what_is_sensitive_and_a_name_does() {
    let mut guards = Guard::default();
    guards.at("card.cvc").sensitive = true;
    let read =
        |list: &[&str]| Properties { read: Some(lists(&[("default", list)])), ..Properties::default() };
    let subject = subject(&[], &[]);
    for (list, seen) in
        [(&["*"][..], "no"), (&["card"], "no"), (&["card", "card.cvc"], "whole"), (&["card.cvc"], "whole")]
    {
        let properties = read(list);
        let rules = Rules::reading(Some(&properties), guards.clone());
        let allowance = rules.allowance(&subject, false);
        let Member::Part(card) = allowance.member("card") else { panic!("{list:?}") };
        assert_eq!(word(&card.member("cvc")), seen, "{list:?}");
    }
    let rules = Rules::reading(None, guards);
    let Member::Part(card) = rules.allowance(&subject, false).member("card") else { panic!("no rules") };
    assert_eq!(asked(&card, &["cvc", "last4"]), ["no", "whole"]);
}

#[test]
fn without_rules_and_guards_everything_is_free() {
    assert!(Rules::reading(None, Guard::default()).is_free());
    assert!(Rules::writing(Some(&properties())).by_rule.is_none());
    assert!(!Rules::writing(Some(&properties())).is_free(), "a scope is asked for");
}
