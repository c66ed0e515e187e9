#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use policy::{Facts, Known, Origin};

use super::WrittenProperties;
use crate::check::Check;
use crate::checks::media_type::tests::said;
use crate::checks::protected::{subject, table, writing};
use crate::question::Answers;

const JSON: &str = "application/json";

fn written(operation: &str, roles: &[&str], content_type: &str, body: &str) -> String {
    let check: WrittenProperties = table().prepare(operation);
    let mut exchange = writing(subject("7", roles, &["notes"]), content_type, body);
    let mut facts = Facts::default();
    facts.set("owner", "7", Origin::Resolver);
    facts.set("tenant", "acme", Origin::Resolver);
    exchange.objects = vec![Known { resource: "Order".into(), id: "1".into(), facts }];
    said(check.step(&exchange, &Answers::default()))
}

#[test]
fn only_named_properties_are_written_and_owner_and_tenant_stay() {
    for (roles, body, expected) in [
        (&[][..], r#"{"note":"n","card":{"last4":"1"}}"#, "pass"),
        (&[], r#"{"note":"n","margin":1}"#, "property_denied [body /margin writable]"),
        (&["admin"], r#"{"note":"n","margin":1}"#, "pass"),
        (&[], r#"{"card":{"cvc":"1"}}"#, "property_denied [body /card/cvc writable]"),
        (&[], r#"{"card":"whole"}"#, "property_denied [body /card writable]"),
        (&[], r#"{"__proto__":{"role":"admin"}}"#, "property_denied [body /********* writable]"),
        (&[], r#"{"m\u0061rgin":1}"#, "property_denied [body /margin writable]"),
        (
            &["admin"],
            r#"{"user_id":8}"#,
            "property_denied [body /user_id writable] [body /user_id immutable]",
        ),
        (&[], "[1]", "body_invalid: an object is wanted where the properties are read"),
        (&[], r#"{"note":1,"note":2}"#, "body_malformed"),
    ] {
        assert_eq!(written("putOrder", roles, JSON, body), expected, "{roles:?} {body}");
    }
}

#[test]
fn forms_and_patches_write_by_name_and_what_cannot_be_read_is_refused() {
    let form = "application/x-www-form-urlencoded";
    let patch = "application/json-patch+json";
    for (content_type, body, expected) in [
        (form, "note=x", "pass"),
        (form, "note=x&%6dargin=1", "property_denied [body /margin writable]"),
        (form, "note=x;margin[a]=1", "property_denied [body /margin writable]"),
        (form, "user_id=8", "property_denied [body /user_id writable] [body /user_id immutable]"),
        (form, "org[a]=8", "property_denied [body /org immutable]"),
        (patch, r#"[{"op":"replace","path":"/note","value":1}]"#, "pass"),
        (
            patch,
            r#"[{"op":"move","from":"/user_id","path":"/note"}]"#,
            "property_denied [body /user_id immutable]",
        ),
        (
            patch,
            r#"[{"op":"replace","path":"","value":{}}]"#,
            "property_denied: a patch names properties, not the whole",
        ),
        (
            "text/plain",
            "margin=1",
            "media_type_unsupported: what it writes can be read from JSON and forms only",
        ),
    ] {
        assert_eq!(written("putOrder", &[], content_type, body), expected, "{content_type} {body}");
    }
}

#[test]
fn what_is_set_for_the_caller_is_not_the_callers_to_answer_for() {
    assert_eq!(written("createOrder", &[], JSON, r#"{"note":"n","user_id":7,"org":"acme"}"#), "pass");
    assert_eq!(
        written("createOrder", &[], JSON, r#"{"note":"n","margin":7}"#),
        "property_denied [body /margin writable]"
    );
}

#[test]
fn what_is_made_is_the_makers() {
    for (body, expected) in [
        (r#"{"user_id":7}"#, "property_denied [body /user_id writable]"),
        (r#"{"user_id":8}"#, "property_denied [body /user_id writable] [body /user_id immutable]"),
        (r#"{"org":"umbra"}"#, "property_denied [body /org writable] [body /org immutable]"),
    ] {
        assert_eq!(written("importOrder", &[], JSON, body), expected, "{body}");
    }
}

#[test]
fn without_a_body_nothing_is_written_and_without_a_subject_nobody_writes() {
    assert_eq!(written("putOrder", &[], JSON, ""), "pass");
    let check: WrittenProperties = table().prepare("putOrder");
    let mut exchange = writing(subject("7", &[], &[]), JSON, "{}");
    exchange.subject = None;
    assert!(said(check.step(&exchange, &Answers::default())).starts_with("fail"));
}

#[test]
fn whoever_makes_an_object_owns_it_and_nobody_owns_nothing() {
    let check: WrittenProperties = table().prepare("createOrder");
    let denied = "property_denied [body /label writable]";
    for (name, expected) in [("7", "pass"), ("", denied)] {
        let exchange = writing(subject(name, &[], &[]), JSON, r#"{"label":"x"}"#);
        assert_eq!(said(check.step(&exchange, &Answers::default())), expected, "{name}");
    }
    // Nor what nobody owns.
    let check: WrittenProperties = table().prepare("putOrder");
    let mut exchange = writing(subject("", &[], &[]), JSON, r#"{"label":"x"}"#);
    let mut facts = Facts::default();
    facts.set("owner", "", Origin::Resolver);
    exchange.objects = vec![Known { resource: "Order".into(), id: "1".into(), facts }];
    assert_eq!(said(check.step(&exchange, &Answers::default())), denied);
}

#[test]
fn an_id_that_says_which_object_is_meant_is_not_written_in_whatever_form() {
    let form = "application/x-www-form-urlencoded";
    let patch = "application/json-patch+json";
    let both = "property_denied [body /id writable] [body /id immutable]";
    for (content_type, body, expected) in [
        (JSON, r#"{"id":1,"note":"x"}"#, "pass"),
        (JSON, r#"{"id":2,"note":"x"}"#, both),
        (form, "id=1&note=x", "pass"),
        (form, "id=2&note=x", both),
        (form, "id=1&id=2", both),
        (form, "id[]=1", "property_denied [body /id[] immutable] [body /id immutable]"),
        (form, "ID=1", "property_denied [body /** writable] [body /ID immutable]"),
        (form, "note=x&label=l", "pass"),
        (patch, r#"[{"op":"replace","path":"/id","value":1}]"#, "pass"),
        (patch, r#"[{"op":"replace","path":"/id","value":2}]"#, both),
        (patch, r#"[{"op":"remove","path":"/id"}]"#, "property_denied [body /id immutable]"),
        (patch, r#"[{"op":"copy","from":"/note","path":"/id"}]"#, "property_denied [body /id immutable]"),
        // What the caller may see may be compared; what it may not see cannot be found out so.
        (patch, r#"[{"op":"test","path":"/id","value":1}]"#, "pass"),
        (patch, r#"[{"op":"test","path":"/user_id","value":7}]"#, "pass"),
        (patch, r#"[{"op":"test","path":"/margin","value":7}]"#, "property_denied [body /margin writable]"),
    ] {
        assert_eq!(written("putOrder", &[], content_type, body), expected, "{content_type} {body}");
    }
}

#[test]
fn a_name_that_is_declared_is_taken_for_no_other() {
    for (body, expected) in [
        (r#"{"@id":"/orders/1","id":1,"note":"x"}"#, "pass"),
        (r#"{"userId":8}"#, "pass"),
        (
            r#"{"$id":"1","id":1}"#,
            "property_denied [body /*** writable] [body /id writable] [body /$id immutable]",
        ),
        (r#"{"_id":1}"#, "property_denied [body /*** writable] [body /_id immutable]"),
    ] {
        assert_eq!(written("putOrder", &[], JSON, body), expected, "{body}");
    }
    assert_eq!(written("putOrder", &[], "application/x-www-form-urlencoded", "userId=8"), "pass");
}
