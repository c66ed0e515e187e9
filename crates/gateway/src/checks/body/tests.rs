#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::Body;
use crate::check::Check;
use crate::checks::media_type::tests::{said, sent, table};
use crate::question::Answers;

#[test]
fn a_body_is_well_formed_and_as_its_schema_says() {
    let check: Body = table().prepare("post");
    for (content_type, body, expected) in [
        ("application/json", r#"{"name":"a"}"#, "pass"),
        ("application/json", r#"{"name":"a","more":1}"#, "pass"),
        ("application/json", r#"{"name":"secret"}"#, "body_invalid [body /name maxLength]"),
        ("application/json", r#"{"name":"a","id":1}"#, "body_invalid [body /id readOnly]"),
        ("application/json", "[]", "body_invalid [body  type]"),
        ("application/x-www-form-urlencoded", "name=a", "pass"),
        ("application/x-www-form-urlencoded", "other=a", "body_invalid [body  required]"),
        ("application/json", "", "body_missing"),
    ] {
        let exchange = sent(&[("content-type", content_type)], Some(body));
        assert_eq!(said(check.step(&exchange, &Answers::default())), expected, "{content_type} {body}");
    }
    for (content_type, body) in [
        ("application/json", r#"{"name":"secret""#),
        ("application/json", r#"{"name":"a","name":"secret"}"#),
        ("application/x-www-form-urlencoded", "name=secret%"),
    ] {
        let exchange = sent(&[("content-type", content_type)], Some(body));
        let said = said(check.step(&exchange, &Answers::default()));
        assert!(said.starts_with("body_malformed: ") && !said.contains("secret"), "{said}");
    }
}

/// `media_type` may be off, and a body that is not read would get past its schema.
#[test]
fn a_body_that_cannot_be_read_is_refused_without_the_other_check() {
    let check: Body = table().prepare("post");
    let json = ("content-type", "application/json");
    let declared = "media_type_unsupported: declared: application/json, application/x-www-form-urlencoded";
    let malformed = "media_type_unsupported: `Content-Type` is not well-formed";
    for (headers, expected) in [
        (&[json][..], "pass"),
        (&[("content-type", "text/plain")][..], declared),
        (&[][..], declared),
        (
            &[("content-type", "application/json; charset=utf-16")][..],
            "media_type_unsupported: only UTF-8 is accepted",
        ),
        (&[json, json][..], malformed),
        (&[json, ("content-type", "text/plain")][..], malformed),
        (&[("content-type", "application/json; charset*=utf-16")][..], malformed),
        (
            &[json, ("content-encoding", "gzip")][..],
            "encoding_unsupported: a body is accepted without `Content-Encoding` only",
        ),
    ] {
        let exchange = sent(headers, Some(r#"{"name":"a"}"#));
        assert_eq!(said(check.step(&exchange, &Answers::default())), expected, "{headers:?}");
    }
}

#[test]
fn the_switch_admits_declared_properties_only() {
    let mut table = table();
    table.api().strictness.only_declared_properties = true;
    let check: Body = table.prepare("post");
    let exchange = sent(&[("content-type", "application/json")], Some(r#"{"name":"a","more":1}"#));
    let said = said(check.step(&exchange, &Answers::default()));
    assert_eq!(said, "body_invalid [body /more additionalProperties]");
}

#[test]
fn limits_of_json_hold_for_bodies_inside_forms_too() {
    let mut table = table();
    table.settings.sizes.json_depth_max = 3;
    let check: Body = table.prepare("post");
    assert_eq!(check.strictness.limits.depth_max, 3);
}

#[test]
fn operations_whose_bodies_are_not_read_let_them_stream() {
    for (operation, needed) in [("post", true), ("optional", true), ("image", false), ("get", false)] {
        assert_eq!(table().try_prepare::<Body>(operation).unwrap().is_some(), needed, "{operation}");
    }
}
