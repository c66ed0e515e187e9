#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::PresetProperties;
use crate::check::Check;
use crate::checks::protected::{left, subject, table, writing};
use crate::question::Answers;

fn preset(content_type: &str, body: &str) -> String {
    let check: PresetProperties = table().prepare("createOrder");
    left(check.step(&writing(subject("7", &[], &[]), content_type, body), &Answers::default()), body)
}

#[test]
fn who_the_caller_is_stands_over_what_the_caller_wrote() {
    let json = "application/json";
    assert_eq!(preset(json, "{}"), r#"{"org":"acme","user_id":7}"#);
    // Declared beside it, and so another one.
    assert_eq!(preset(json, r#"{"userId":8}"#), r#"{"org":"acme","user_id":7,"userId":8}"#);
    assert_eq!(preset(json, r#"{"note":"n"}"#), r#"{"org":"acme","user_id":7,"note":"n"}"#);
    assert_eq!(preset(json, r#"{"user_id":8,"org":{"x":1}}"#), r#"{"user_id":7,"org":"acme"}"#);
}

#[test]
fn what_cannot_be_set_is_refused() {
    let only_json = "media_type_unsupported: properties are set in JSON bodies only";
    assert_eq!(preset("application/x-www-form-urlencoded", "user_id=8"), only_json);
    assert_eq!(preset("application/json", ""), "body_missing");
    assert_eq!(preset("application/json", r#"{"user_id":7,"user_id":8}"#), "body_malformed");
    let disguised = "property_denied: a property that is set for the caller stands there in another spelling";
    assert_eq!(preset("application/json", r#"{"USER_ID":8}"#), disguised);
    let no_object = "body_invalid: an object is wanted where properties are set";
    assert_eq!(preset("application/json", "[]"), no_object);
    assert_eq!(preset("application/json", "7"), no_object);
}
