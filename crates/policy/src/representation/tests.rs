#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use model::Place;

use crate::bindings::{From, Parent, Resource};
use crate::decide::{Subject, SubjectKind};
use crate::facts::{Facts, OWNER, Origin};
use crate::path::Path;

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn resource() -> Resource {
    Resource {
        name: "Order".into(),
        place: Place::file("bindings.yaml"),
        id: path("$.id"),
        tenant: From::Property(path("$.org.id")),
        owner: From::Property(path("$.user_id")),
        attributes: BTreeMap::from([("status".into(), path("$.status"))]),
        parent: Some(Parent { kind: "Shop".into(), property: path("$.shop") }),
        producers: vec![],
        resolver: None,
        immutable: vec![],
        seal: None,
        references: Vec::new(),
        me: Vec::new(),
        per_caller: false,
    }
}

fn said(document: &'static str, resource: &Resource) -> Vec<(String, String)> {
    let tape = tape::json::parse(document.into(), &tape::Limits::default()).unwrap();
    let facts =
        resource.facts_in(tape.root(), &Subject::new(SubjectKind::User, "7", "acme"), Origin::Resolver);
    facts.iter().map(|fact| (fact.name.to_string(), fact.value.to_string())).collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn an_integer_owner_and_a_text_are_one() {
    let facts = said(r#"{"id":1,"user_id":7,"org":{"id":"acme"},"status":"open","shop":"s1"}"#, &resource());
    let expected = [pair("tenant", "acme"), pair("owner", "7"), pair("parent", "s1"), pair("status", "open")];
    assert_eq!(facts, expected);
}

#[test]
fn what_is_no_single_scalar_says_nothing() {
    for document in
        [r#"{"user_id":null}"#, r#"{"user_id":["7"]}"#, r#"{"user_id":7.0}"#, r#"{"user_id":{"id":7}}"#, "[]"]
    {
        assert!(said(document, &resource()).is_empty(), "{document}");
    }
}

#[test]
fn where_one_tenant_is_everyones_it_is_the_principals() {
    let resource = Resource { tenant: From::Principal, owner: From::Producer, ..resource() };
    assert_eq!(said("{}", &resource), [pair("tenant", "acme")]);
    let own = resource.facts_of_own(&Subject::new(SubjectKind::User, "7", "acme"), Origin::Producer);
    assert_eq!(own.owner().map(|owner| &**owner), Some("7"));
    assert!(!own.disputed);
}

#[test]
fn two_sources_that_contradict_each_other_dispute_the_object() {
    let mut facts = resource().facts_of_own(&Subject::new(SubjectKind::User, "7", "acme"), Origin::Producer);
    let tape = tape::json::parse(r#"{"user_id":8}"#.into(), &tape::Limits::default()).unwrap();
    facts.merge(&resource().facts_in(
        tape.root(),
        &Subject::new(SubjectKind::User, "7", "acme"),
        Origin::Resolver,
    ));
    assert!(facts.disputed);
}

#[test]
fn another_object_s_dispute_is_that_of_what_rests_on_it() {
    let mut others = Facts::default();
    others.set(OWNER, "7", Origin::Resolver);
    others.set(OWNER, "8", Origin::List);
    let mut facts = Facts::default();
    facts.take_related(OWNER, &others);
    assert_eq!((facts.owner().map(|owner| &**owner), facts.disputed), (Some("7"), true));
    let mut without = Facts::default();
    without.take_related("status", &others);
    assert!(without.disputed);
}

#[test]
fn a_client_named_like_a_user_is_not_that_user() {
    let users = Resource { me: vec!["me".into()], ..resource() };
    let is_caller = |kind| users.is_caller(&Subject::new(kind, "7", "acme"), "7");
    assert!(is_caller(SubjectKind::User) && is_caller(SubjectKind::Operator));
    assert!(!is_caller(SubjectKind::Client) && !is_caller(SubjectKind::Anonymous));
    assert!(!resource().is_caller(&Subject::new(SubjectKind::User, "7", "acme"), "7"));
}
