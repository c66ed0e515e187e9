#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{BodyFault, BodyStrictness};
use crate::{Files, MediaFault, MediaKind, Operation};

struct One(String);

impl Files for One {
    fn read(&self, _: &str) -> Result<Bytes, String> {
        Ok(Bytes::from(self.0.clone()))
    }
}

/// An operation that takes such a body.
pub(crate) fn operation(version: &str, content: &Value) -> Arc<Operation> {
    let document = json!({
        "openapi": version, "info": { "title": "t", "version": "1" },
        "paths": { "/": { "post": {
            "security": [], "requestBody": { "required": true, "content": content },
            "responses": {
                "200": { "description": "", "content": content }, "4XX": { "description": "" }
            }
        } } }
    });
    let (description, findings) = crate::load("api.json", &[], &One(document.to_string()));
    let description = description.unwrap_or_else(|| panic!("{findings:?}"));
    assert!(!findings.iter().any(model::Finding::is_error), "{findings:?}");
    Arc::clone(&description.operations[0])
}

/// `""` when the body is accepted, `malformed: ...`, or a violation a line.
pub(crate) fn checked(operation: &Operation, content_type: &str, body: &[u8]) -> String {
    let media = operation.media(Some(content_type), true).unwrap().unwrap();
    let bytes = Bytes::copy_from_slice(body);
    let parsed = tape::json::parse(bytes.clone(), &tape::Limits::default());
    match operation.check_body(media, content_type, &bytes, || parsed.as_ref(), &BodyStrictness::default()) {
        Ok(()) => String::new(),
        Err(BodyFault::Malformed(why)) => format!("malformed: {why}"),
        Err(BodyFault::Invalid(violations)) => {
            let lines: Vec<String> = violations.iter().map(|v| format!("{} {}", v.pointer, v.rule)).collect();
            lines.join("\n")
        }
    }
}

#[test]
fn the_media_type_is_found_before_the_body_is_read() {
    let operation = operation(
        "3.0.3",
        &json!({
            "application/json": { "schema": { "type": "object" } }, "text/*": {}, "application/xml": {}
        }),
    );
    let declared = || MediaFault::Unsupported {
        declared: vec!["application/json".to_owned(), "text/*".to_owned(), "application/xml".to_owned()],
    };
    for (content_type, has_body, expected) in [
        (Some("application/json"), true, Ok(Some(0))),
        (Some("APPLICATION/JSON; charset=UTF-8"), true, Ok(Some(0))),
        (Some("text/csv"), true, Ok(Some(1))),
        (Some("application/xml; charset=utf-16"), true, Ok(Some(2))),
        (Some("application/json; charset=utf-16"), true, Err(MediaFault::Charset)),
        (Some("text/csv; charset=latin1"), true, Err(MediaFault::Charset)),
        (Some("application/vnd.api+json"), true, Err(declared())),
        (Some("image/png"), true, Err(declared())),
        (None, true, Err(declared())),
        (Some("json"), true, Err(MediaFault::Malformed)),
        (Some("application/json"), false, Err(MediaFault::Missing)),
        (None, false, Err(MediaFault::Missing)),
    ] {
        let found = operation.media(content_type, has_body).map(|found| found.map(|media| media.index));
        assert_eq!(found, expected, "{content_type:?} {has_body}");
    }
}

#[test]
fn no_body_gets_past_its_schema_by_its_media_type() {
    let object = json!({ "schema": { "type": "object", "required": ["a"] } });
    let octets = json!({ "schema": { "type": "string", "format": "binary", "description": "a file" } });
    let limited = json!({ "schema": { "type": "string", "format": "binary", "maxLength": 3 } });
    let image = json!({ "image/png": octets.clone() });
    let file = json!({ "application/octet-stream": octets.clone() });
    let both = json!({ "application/json": object.clone(), "application/octet-stream": octets.clone() });
    let parts = json!({ "multipart/form-data": object.clone() });
    let unread = || "Unread".to_owned();
    let unsupported = || "Unsupported".to_owned();
    let kind = |kind: &str| kind.to_owned();
    for (content, content_type, expected) in [
        (json!({ "*/*": object.clone() }), Some("application/json"), kind("Json")),
        (json!({ "*/*": object.clone() }), Some("text/plain"), kind("Text")),
        (json!({ "*/*": object.clone() }), Some("application/octet-stream"), unread()),
        (json!({ "*/*": object.clone() }), Some("application/xml"), unread()),
        (json!({ "*/*": object.clone() }), Some("*/*"), kind("Malformed")),
        (json!({ "*/*": object.clone() }), None, unsupported()),
        (json!({ "application/*": object.clone() }), Some("application/x-json"), unread()),
        (json!({ "application/*": object.clone() }), Some("application/*"), kind("Malformed")),
        (json!({ "application/*": object }), None, unsupported()),
        (json!({ "*/*": limited }), Some("image/png"), unread()),
        // Nothing is asked of these, so nothing is passed by.
        (json!({ "*/*": octets.clone() }), Some("image/png"), kind("Opaque")),
        (json!({ "*/*": octets }), None, kind("Opaque")),
        (json!({ "*/*": {} }), Some("image/png"), kind("Opaque")),
        (json!({ "*/*": { "schema": {} } }), None, kind("Opaque")),
        (json!({ "*/*": { "schema": { "type": "string" } } }), None, unsupported()),
        (json!({ "text/*": {} }), None, unsupported()),
        (file, None, kind("Opaque")),
        (image, None, unsupported()),
        (both.clone(), Some("application/octet-stream"), kind("Opaque")),
        (both, None, unsupported()),
        (parts.clone(), Some("multipart/form-data; boundary=B; charset=utf-16"), kind("Charset")),
        (parts, Some("multipart/form-data; boundary=B; charset=utf-8"), kind("Multipart")),
    ] {
        let found = match operation("3.1.0", &content).media(content_type, true) {
            Ok(media) => format!("{:?}", media.unwrap().kind),
            Err(MediaFault::Unsupported { .. }) => unsupported(),
            Err(fault) => format!("{fault:?}"),
        };
        assert_eq!(found, expected, "{content} {content_type:?}");
    }
}

#[test]
fn a_schema_that_says_octets_is_known_behind_references() {
    let with = |schema: Value| {
        let operation = operation(
            "3.1.0",
            &json!({ "*/*": { "schema": schema }, "text/x-defs": { "schema": {
            "type": "string", "format": "binary"
        } } }),
        );
        operation.media(Some("image/png"), true).map(|media| media.unwrap().kind)
    };
    let target = "#/paths/~1/post/requestBody/content/text~1x-defs/schema";
    assert_eq!(with(json!({ "$ref": target })), Ok(MediaKind::Opaque));
    assert_eq!(with(json!(true)), Ok(MediaKind::Opaque));
    for schema in [
        json!(false),
        json!({ "$ref": target, "maxLength": 1 }),
        json!({ "format": "uuid" }),
        json!({ "type": ["string", "object"], "format": "binary" }),
    ] {
        assert_eq!(with(schema.clone()), Err(MediaFault::Unread), "{schema}");
    }
}

#[test]
fn each_kind_of_body_is_read_in_its_own_way() {
    let operation = operation(
        "3.1.0",
        &json!({
            "application/json": { "schema": { "type": "object", "required": ["a"] } },
            "application/vnd.x+json": { "schema": { "type": "array" } },
            "text/plain": { "schema": { "type": "integer", "maximum": 10 } },
            "application/octet-stream": { "schema": { "type": "string", "maxLength": 1 } },
            "application/x-www-form-urlencoded": {}
        }),
    );
    for (content_type, body, told) in [
        ("application/json", r#"{"a": 1}"#, ""),
        ("application/json", "{}", " required"),
        ("application/json", "{\"a\": 1, \"a\": 2}", "malformed"),
        ("application/json", "", "malformed"),
        ("application/vnd.x+json", "{}", " type"),
        ("text/plain", "9", ""),
        ("text/plain", "11", " maximum"),
        ("text/plain", "nine", " type"),
        ("application/octet-stream", "many octets", ""),
        ("application/x-www-form-urlencoded", "a=b", ""),
        ("application/x-www-form-urlencoded", "a=%", "malformed: it has an escape that is not well-formed"),
    ] {
        let found = checked(&operation, content_type, body.as_bytes());
        let found = if told == "malformed" { found.split(':').next().unwrap().to_owned() } else { found };
        assert_eq!(found, told, "{content_type} {body}");
    }
}

#[test]
fn responses_are_checked_by_status_media_type_and_schema() {
    let operation = operation(
        "3.0.3",
        &json!({
            "application/json": { "schema": { "type": "object", "required": ["a"] } }
        }),
    );
    assert!(operation.response_needs_body());
    for (status, content_type, body, told) in [
        (200, Some("application/json"), Some("{\"a\":1}"), ""),
        (200, Some("application/json"), Some("{}"), "body  required"),
        (200, Some("application/json"), None, ""),
        (200, Some("text/html"), None, "header content-type content"),
        (200, None, None, ""),
        (404, Some("text/html"), None, ""),
        (304, None, None, ""),
        (500, Some("application/json"), None, "status  responses"),
    ] {
        let tape = body.map(|body| tape::json::parse(Bytes::from(body), &tape::Limits::default()).unwrap());
        let found = operation.check_response(status, content_type, tape.as_ref()).err().unwrap_or_default();
        let found: Vec<String> =
            found.iter().map(|v| format!("{} {} {}", v.place, v.pointer, v.rule)).collect();
        assert_eq!(found.join("\n"), told, "{status} {content_type:?} {body:?}");
    }
    assert!(operation.response_body_is_checked(200, Some("application/json")));
    assert!(!operation.response_body_is_checked(404, Some("application/json")));
}

#[test]
fn preparing_tells_what_is_wrong_before_a_request_comes() {
    let operation = operation(
        "3.1.0",
        &json!({
            "application/json": { "schema": { "type": "string", "nullable": true, "pattern": "(?=a)a" } },
            "application/xml": { "schema": { "type": "object" } },
            "*/*": { "schema": { "type": "object" } },
            "image/*": {}
        }),
    );
    let findings = operation.prepare_bodies();
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["B1212", "B1215", "B1217", "B1217", "B1212", "B1215"]);
    assert!(findings.iter().all(|finding| finding.place.is_some() && !finding.is_error()));
}
