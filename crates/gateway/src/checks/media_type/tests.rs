#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use model::Code;

use super::MediaType;
use crate::check::{Build, Check, Edit, Step};
use crate::checks::table::{Table, exchange};
use crate::exchange::{Body, Exchange};
use crate::pipeline::testing::description;
use crate::question::Answers;

/// One operation of each kind that Validate tells apart.
const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: Orders, version: "1" }
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-API-Key }
paths:
  /orders/{id}:
    get:
      operationId: get
      security: [{ key: [] }]
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: page, in: query, schema: { type: integer, minimum: 1 } }
        - { name: q, in: query, required: true, schema: { type: string } }
        - { name: X-Trace, in: header, schema: { type: string, maxLength: 5 } }
        - { name: theme, in: cookie, schema: { enum: [dark, light] } }
      responses:
        "200":
          description: ok
          content: { application/json: { schema: { type: object, required: [id], properties: { id: { type: integer } } } } }
        "404": { description: none }
  /orders:
    post:
      operationId: post
      security: []
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: { name: { type: string, maxLength: 5 }, id: { type: integer, readOnly: true } }
          application/x-www-form-urlencoded: { schema: { type: object, required: [name] } }
      responses: { "201": { description: made } }
    put:
      operationId: optional
      security: []
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { "200": { description: ok } }
    patch:
      operationId: image
      security: []
      requestBody: { content: { image/png: {} } }
      responses: { "200": { description: ok } }
"##;

/// The table over an API that is about validation.
pub(in crate::checks) fn table() -> Table {
    let mut table = Table::new();
    table.api().description = description(DESCRIPTION);
    table
}

/// A request with a body, if one is given.
pub(in crate::checks) fn sent(headers: &[(&str, &str)], body: Option<&str>) -> Exchange {
    let mut exchange = exchange(headers);
    exchange.head.has_body = body.is_some();
    exchange.body = body.map(|body| Body::new(Bytes::from(body.to_owned()), tape::Limits::default()));
    exchange
}

/// `pass`, the slug of a refusal with its detail and violations, or the edits, in one line.
pub(in crate::checks) fn said(step: Step) -> String {
    match step {
        Step::Continue(edits) if edits.is_empty() => "pass".to_owned(),
        Step::Continue(edits) => edits.iter().map(edited).collect::<Vec<_>>().join("; "),
        Step::Refuse(refusal) => {
            let violations =
                refusal.violations.iter().map(|v| format!(" [{} {} {}]", v.place, v.pointer, v.rule));
            let detail =
                if refusal.detail.is_empty() { String::new() } else { format!(": {}", refusal.detail) };
            format!("{}{detail}{}", refusal.code.slug(), violations.collect::<String>())
        }
        Step::RefuseWith(edits, refusal) => {
            assert!(refusal.violations.is_empty() && refusal.detail.is_empty(), "shown to the caller");
            format!("{} ({})", refusal.code.slug(), edits.iter().map(edited).collect::<Vec<_>>().join("; "))
        }
        Step::Ask(_) => "ask".to_owned(),
        Step::Fail(why) => format!("fail: {why}"),
    }
}

fn edited(edit: &Edit) -> String {
    match edit {
        Edit::RemoveRequestHeader(name) => format!("remove {name}"),
        Edit::SetRequestHeader(name, value) => format!("set {name}={}", value.to_str().unwrap()),
        Edit::Report(text) => text.clone(),
        Edit::SpliceBody(spans) => format!("splice {spans:?}"),
        edit => format!("{edit:?}"),
    }
}

fn step(operation: &str, headers: &[(&str, &str)], body: Option<&str>) -> String {
    let check: MediaType = table().prepare(operation);
    said(check.step(&sent(headers, body), &Answers::default()))
}

#[test]
fn only_declared_bodies_get_through() {
    let json = [("content-type", "application/json")];
    let declared = "media_type_unsupported: declared: application/json, application/x-www-form-urlencoded";
    for (operation, headers, body, expected) in [
        ("post", &json[..], Some("{}"), "pass"),
        ("post", &[("content-type", "Application/JSON; charset=utf-8")][..], Some("{}"), "pass"),
        ("post", &json[..], None, "body_missing"),
        ("post", &json[..], Some(""), "body_missing"),
        ("post", &[("content-type", "text/plain")][..], Some("{}"), declared),
        ("post", &[][..], Some("{}"), declared),
        (
            "post",
            &[("content-type", "application/json; charset=utf-16")][..],
            Some("{}"),
            "media_type_unsupported: only UTF-8 is accepted",
        ),
        (
            "post",
            &[("content-type", "application/json"), ("content-type", "text/plain")][..],
            Some("{}"),
            "media_type_unsupported: `Content-Type` is not well-formed",
        ),
        (
            "post",
            &[("content-type", "application/json"), ("content-encoding", "gzip")][..],
            Some("{}"),
            "encoding_unsupported: a body is accepted without `Content-Encoding` only",
        ),
        (
            "post",
            &[("content-type", "application/json"), ("content-encoding", "identity, br")][..],
            Some("{}"),
            "encoding_unsupported: a body is accepted without `Content-Encoding` only",
        ),
        (
            "post",
            &[("content-type", "application/json"), ("content-encoding", "Identity")][..],
            Some("{}"),
            "pass",
        ),
        ("optional", &[][..], None, "pass"),
        ("optional", &json[..], Some("{}"), "pass"),
        ("image", &json[..], Some("{}"), "media_type_unsupported: declared: image/png"),
        ("image", &[("content-type", "image/png")][..], Some("x"), "pass"),
        ("get", &[][..], None, "pass"),
        ("get", &json[..], Some("{}"), "body_undeclared"),
        ("get", &json[..], Some(""), "pass"),
    ] {
        assert_eq!(step(operation, headers, body), expected, "{operation} {headers:?} {body:?}");
    }
}

#[test]
fn a_media_type_that_is_not_text_is_not_well_formed() {
    let check: MediaType = table().prepare("post");
    let mut exchange = sent(&[], Some("{}"));
    let value = HeaderValue::from_bytes(b"application/json\xff").unwrap();
    exchange.head.headers.insert(HeaderName::from_static("content-type"), value);
    let said = said(check.step(&exchange, &Answers::default()));
    assert_eq!(said, "media_type_unsupported: `Content-Type` is not well-formed");
    assert_eq!(Code::MediaTypeUnsupported.status(), 415);
}

#[test]
fn what_no_operation_describes_has_no_media_types() {
    assert!(
        MediaType::build(&crate::check::Preparation {
            settings: &table().settings,
            api: &table().settings.apis[0],
            operation: None,
            shared: &table().shared,
            service: None,
        })
        .unwrap()
        .is_none()
    );
}
