#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use model::Place;
use serde_json::{Value, json};

use super::{There, beyond, immutable, misnamed, names, patched, preset_value, set, whose};
use crate::bindings::{From, Preset, Properties, Resource};
use crate::declared::Declared;
use crate::facts::{Facts, Origin};
use crate::path::Path;
use crate::properties::Rules;
use crate::properties::tests::{lists, subject};

fn parse(text: &str) -> tape::Tape {
    tape::json::parse(Bytes::copy_from_slice(text.as_bytes()), &tape::Limits::default()).unwrap()
}

fn denied(text: &str, write: &[(&str, &[&str])], roles: &[&str]) -> Vec<String> {
    let properties = Properties { write: Some(lists(write)), ..Properties::default() };
    let rules = Rules::writing(Some(&properties));
    let subject = subject(roles, &[]);
    let found = beyond(parse(text).root(), &rules.allowance(&subject, false));
    found.into_iter().map(|denied| denied.pointer).collect()
}

#[test]
fn the_name_of_an_account_changes_only_where_the_operation_renames() {
    let account = Resource {
        id: Path::parse("$.username").unwrap(),
        owner: From::Property(Path::parse("$.username").unwrap()),
        tenant: From::None,
        immutable: vec!["created".into()],
        ..resource()
    };
    let text = r#"{"username":"new","created":1}"#;
    let pointers = |renames| -> Vec<_> {
        let there = There { renames, ..There::default() };
        let denied = immutable(parse(text).root(), &account, &there, (&|_, _| false, &undeclared()));
        denied.into_iter().map(|denied| denied.pointer).collect()
    };
    assert_eq!(pointers(false), ["/created", "/username"]);
    assert_eq!(pointers(true), ["/created"]);
    let fixed = |name: &str, renames| account.is_fixed(name, renames, &|_, _| false, &undeclared());
    assert!(fixed("username", false) && !fixed("username", true) && fixed("created", true));
    // What holds the id may hold more than that.
    let parse_path = |text: &str| Path::parse(text).unwrap();
    let nested = Resource {
        id: parse_path("$.login.name"),
        owner: From::Property(parse_path("$.login.name")),
        tenant: From::Property(parse_path("$.login.org")),
        ..resource()
    };
    assert!(nested.is_fixed("login", true, &|_, _| false, &undeclared()));
    let owned = Resource { id: Path::parse("$.id").unwrap(), ..account };
    let there = There { renames: true, ..There::default() };
    let denied = immutable(parse(text).root(), &owned, &there, (&|_, _| false, &undeclared()));
    assert_eq!(denied.len(), 2, "an owner that is no id stays");
}

#[test]
fn what_no_rule_names_is_denied_by_its_pointer() {
    let write: &[(&str, &[&str])] =
        &[("default", &["name", "address.city", "lines.count"]), ("admin", &["role"])];
    let body = r#"{"name":{"any":1},"role":"admin","address":{"city":"x","zip":1},"lines":[{"count":1},{"price":0}],"a/b":1}"#;
    assert_eq!(denied(body, write, &[]), ["/role", "/address/zip", "/lines/1/price", "/a~1b"]);
    assert_eq!(denied(body, write, &["admin"]), ["/address/zip", "/lines/1/price", "/a~1b"]);
    assert_eq!(denied(r#"{"address":"all of it"}"#, write, &[]), ["/address"]);
    assert_eq!(denied(r#"{"r\u006fle":"admin"}"#, write, &[]), ["/role"]);
}

fn undeclared() -> Declared<'static> {
    Declared::new(None, &[])
}

fn resource() -> Resource {
    Resource {
        name: "Order".into(),
        place: Place::file("bindings.yaml"),
        id: Path::parse("$.id").unwrap(),
        tenant: From::Property(Path::parse("$.org.id").unwrap()),
        owner: From::Property(Path::parse("$.user_id").unwrap()),
        attributes: BTreeMap::from([("state".into(), Path::parse("$.state").unwrap())]),
        parent: None,
        producers: vec![],
        resolver: None,
        immutable: vec!["user_id".into(), "created".into(), "state".into()],
        seal: None,
        references: Vec::new(),
        me: Vec::new(),
        per_caller: false,
    }
}

#[test]
fn owner_and_tenant_do_not_change_and_may_be_repeated() {
    let mut known = Facts::default();
    known.set("owner", "7", Origin::Resolver);
    known.set("tenant", "acme", Origin::Resolver);
    known.set("state", "open", Origin::Resolver);
    let pointers = |text: &str, known: Option<&Facts>| -> Vec<String> {
        immutable(
            parse(text).root(),
            &resource(),
            &There { facts: known, ..There::default() },
            (&|_, _| false, &undeclared()),
        )
        .into_iter()
        .map(|one| one.pointer)
        .collect()
    };
    let same = r#"{"user_id":7,"org":{"id":"acme"},"state":"open","name":"n"}"#;
    assert!(pointers(same, Some(&known)).is_empty());
    assert_eq!(pointers(same, None), ["/user_id", "/state", "/org/id"]);
    assert_eq!(pointers(r#"{"user_id":8,"created":1}"#, Some(&known)), ["/user_id", "/created"]);
    assert_eq!(pointers(r#"{"user_id":null}"#, Some(&known)), ["/user_id"]);
    for disguise in ["User_ID", "userId", "user-id", "u\u{17f}er_id"] {
        let body = format!(r#"{{"user_id":7,"{disguise}":8}}"#);
        assert_eq!(pointers(&body, Some(&known)), [format!("/{disguise}")], "in disguise");
    }
    assert_eq!(pointers(r#"{"org":"other"}"#, Some(&known)), ["/org/id"], "in place of the object");
    assert_eq!(pointers(r#"{"org":{"id":"other"}}"#, Some(&known)), ["/org/id"]);
}

#[test]
fn the_id_that_names_the_object_may_be_repeated_where_it_says_whose_it_is() {
    let name = Path::parse("$.username").unwrap();
    let user = Resource {
        id: name.clone(),
        owner: From::Property(name),
        tenant: From::Principal,
        immutable: vec!["username".into()],
        ..resource()
    };
    let id = Arc::from("kim");
    let denied = |text: &str, id| {
        immutable(
            parse(text).root(),
            &user,
            &There { id, ..There::default() },
            (&|_, _| false, &undeclared()),
        )
        .len()
    };
    assert_eq!(denied(r#"{"username":"kim","role":"x"}"#, Some(&id)), 0);
    assert_eq!(denied(r#"{"username":"lee","role":"x"}"#, Some(&id)), 1);
    assert_eq!(denied(r#"{"username":"kim"}"#, None), 1);
}

#[test]
fn those_who_share_an_object_are_not_written() {
    let owner = From::Property(Path::parse("$.members[*].id").unwrap());
    let shared = Resource { owner, tenant: From::Principal, immutable: vec![], ..resource() };
    let pointers = |text: &str| -> Vec<String> {
        immutable(parse(text).root(), &shared, &There::default(), (&|_, _| false, &undeclared()))
            .into_iter()
            .map(|one| one.pointer)
            .collect()
    };
    assert_eq!(pointers(r#"{"members":[{"id":"me"}]}"#), ["/members"]);
    assert!(pointers(r#"{"name":"n"}"#).is_empty());
}

#[test]
fn a_new_object_is_of_the_callers_tenant_and_its_own() {
    let own = resource().facts_of_own(&subject(&[], &[]), Origin::Principal);
    let pointers = |text: &str, owner: bool| -> Vec<String> {
        whose(parse(text).root(), &resource(), &own, owner, (&|_, _| false, &undeclared()))
            .into_iter()
            .map(|one| one.pointer)
            .collect()
    };
    assert!(pointers(r#"{"user_id":7,"org":{"id":"acme"}}"#, true).is_empty());
    assert!(pointers(r#"{"name":"n"}"#, true).is_empty());
    assert_eq!(pointers(r#"{"user_id":8,"org":{"id":"umbra"}}"#, true), ["/user_id", "/org/id"]);
    assert_eq!(pointers(r#"{"user_id":8,"org":{"id":"umbra"}}"#, false), ["/org/id"]);
    assert_eq!(pointers(r#"{"USER_ID":8}"#, true), ["/USER_ID"]);
}

/// Whose a bill is says the order that it names; which list it is in says its parent.
fn linked() -> Resource {
    let order = From::Related { kind: "Order".into(), id: Path::parse("$.order.id").unwrap() };
    let parent =
        crate::bindings::Parent { kind: "Account".into(), property: Path::parse("$.account").unwrap() };
    Resource { owner: order.clone(), tenant: order, parent: Some(parent), immutable: vec![], ..resource() }
}

#[test]
fn what_ownership_rests_on_changes_only_to_what_the_caller_may_reach() {
    let pointers = |text: &str, known: Option<&Facts>| -> Vec<String> {
        let reached = |kind: &str, id: &str| (kind, id) == ("Order", "8");
        immutable(
            parse(text).root(),
            &linked(),
            &There { facts: known, ..There::default() },
            (&reached, &undeclared()),
        )
        .into_iter()
        .map(|one| one.pointer)
        .collect()
    };
    let there = r#"{"order":{"id":7},"account":"a"}"#;
    let known = linked().facts_in(parse(there).root(), &subject(&[], &[]), Origin::Resolver);
    assert!(pointers(there, Some(&known)).is_empty());
    assert_eq!(pointers(there, None), ["/order/id", "/account"]);
    assert!(pointers(r#"{"order":{"id":"8"}}"#, Some(&known)).is_empty());
    // An order of that id, and no account of it.
    assert_eq!(pointers(r#"{"order":{"id":9},"account":"8"}"#, Some(&known)), ["/order/id", "/account"]);
    assert_eq!(pointers(r#"{"order":7}"#, Some(&known)), ["/order/id"], "in place of the object");
    assert_eq!(pointers(r#"{"Order":{"id":9}}"#, Some(&known)), ["/Order"], "in disguise");
}

#[test]
fn what_is_new_belongs_to_what_the_caller_may_reach() {
    let pointers = |text: &str| -> Vec<String> {
        let reached = |kind: &str, id: &str| (kind, id) == ("Order", "8");
        let own = linked().facts_of_own(&subject(&[], &[]), Origin::Principal);
        whose(parse(text).root(), &linked(), &own, true, (&reached, &undeclared()))
            .into_iter()
            .map(|one| one.pointer)
            .collect()
    };
    assert!(pointers(r#"{"order":{"id":8}}"#).is_empty());
    assert_eq!(pointers(r#"{"order":{"id":7},"account":"8"}"#), ["/order/id", "/account"]);
}

#[test]
fn links_are_fixed_where_only_names_are_known_unless_they_are_bound() {
    let fixed =
        |name: &str, bound: &str| linked().is_fixed(name, false, &|kind, _| kind == bound, &undeclared());
    assert!(fixed("order", "") && fixed("ACCOUNT", "") && !fixed("note", ""));
    assert!(!fixed("order", "Order") && fixed("account", "Order"));
    assert!(
        linked().says_whose("order", &|_, _| false, &undeclared())
            && !linked().says_whose("order", &|_, _| true, &undeclared())
    );
}

#[test]
fn presets_stand_over_what_the_caller_wrote() {
    let set_in = |text: &str, values: Value| -> Value {
        let values: BTreeMap<Arc<str>, Value> = values
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (Arc::from(name.as_str()), value.clone()))
            .collect();
        let tape = parse(text);
        let mut spans = set(tape.root(), &values, &BTreeSet::from(["user_id".into()]));
        spans.sort_by_key(|(range, _)| range.start);
        let (mut left, mut at) = (String::new(), 0);
        for (range, with) in spans {
            left.push_str(&text[at..range.start]);
            left.push_str(std::str::from_utf8(&with).unwrap());
            at = range.end;
        }
        left.push_str(&text[at..]);
        serde_json::from_str(&left).unwrap()
    };
    assert_eq!(set_in("{}", json!({"user_id":"7"})), json!({"user_id":7}));
    assert_eq!(
        set_in(r#"{"a":1}"#, json!({"user_id":"x\"y","t":"acme"})),
        json!({"t":"acme","user_id":"x\"y","a":1})
    );
    assert_eq!(
        set_in(r#"{"user_id":{"no":1},"a":1}"#, json!({"user_id":"07"})),
        json!({"user_id":"07","a":1})
    );
}

#[test]
fn a_preset_of_a_claim_that_is_missing_is_no_value() {
    let subject = subject(&[], &[]);
    let claims = serde_json::Map::from_iter([("dept".to_owned(), json!(3))]);
    assert_eq!(preset_value(&Preset::Claim("dept".into()), &subject, &claims), Ok(json!(3)));
    assert!(preset_value(&Preset::Claim("other".into()), &subject, &claims).is_err());
    assert_eq!(preset_value(&Preset::Tenant, &subject, &claims), Ok(json!("acme")));
}

#[test]
fn a_patch_writes_what_its_pointers_name() {
    let names_of = |text: &str| {
        patched(parse(text).root()).map(|all| all.into_iter().map(|one| one.name).collect::<Vec<_>>())
    };
    let patch = r#"[{"op":"replace","path":"/ro~1le/x","value":1},{"op":"move","from":"/user_id","path":"/b"},{"op":"test","path":"/c","value":1},{"op":"copy","from":"/hidden/x","path":"/d"}]"#;
    let expected: Vec<Arc<str>> =
        ["ro/le", "b", "user_id", "c", "d", "hidden"].into_iter().map(Arc::from).collect();
    assert_eq!(names_of(patch), Some(expected));
    let tape = parse(
        r#"[{"op":"add","path":"/a","value":1},{"op":"add","path":"/a/b","value":1},{"op":"test","path":"/a","value":1},{"op":"remove","path":"/a"}]"#,
    );
    let kinds: Vec<_> =
        patched(tape.root()).unwrap().iter().map(|one| (one.value.is_some(), one.tests)).collect();
    assert_eq!(kinds, [(true, false), (false, false), (false, true), (false, false)]);
    for none in [r#"{"op":"add"}"#, r#"[{"op":"add","path":""}]"#, r#"[{"path":"/a"}]"#, r#"[1]"#] {
        assert_eq!(names_of(none), None, "{none}");
    }
}

#[test]
fn names_are_each_once() {
    let tape = parse(r#"[{"a":1,"b":2},{"b":3,"c":4}]"#);
    let objects: Vec<_> = tape.root().items().collect();
    let expected: Vec<Arc<str>> = vec!["a".into(), "b".into(), "c".into()];
    assert_eq!(names(&objects), expected);
}

#[test]
fn the_id_of_what_is_written_is_one_that_the_caller_was_let_to() {
    let is_denied = |text: &str| {
        let reached = |kind: &str, id: &str| kind == "Order" && id == "51";
        misnamed(parse(text).root(), &resource(), (&reached, &undeclared())).is_some()
    };
    for (body, denied) in [
        (r#"{"id":51,"note":"n"}"#, false),
        (r#"{"id":"51"}"#, false),
        (r#"{"note":"n"}"#, false),
        (r#"{"id":null}"#, false),
        (r#"{"id":52}"#, true),
        (r#"{"id":51.0}"#, true),
        (r#"{"id":[52]}"#, true),
        (r#"{"id":51,"ID":52}"#, true),
        (r#"{"_id":52}"#, true),
    ] {
        assert_eq!(is_denied(body), denied, "{body}");
    }
}
