use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use super::{Nobody, OneFile};
use crate::bindings;
use crate::compile::compile;
use crate::decide::Decider;

const DESCRIPTION: &str = r##"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: getOrder, responses: { "200": { description: ok } } }
  /orders/{id}/news:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: news, responses: { "200": { description: ok, content: { text/event-stream: { schema: { type: string } } } } } }
  /orders/{id}/talk:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: talk, x-bartizan: { websocket: true }, responses: { "101": { description: begun } } }
  /lines: { get: { operationId: lines, responses: { "200": { description: ok, content: { application/x-ndjson: { schema: { type: object } } } } } } }
"##;

/// The errors of a binding, and what is left of the evidence where there is none.
fn told(resolver: &str, binding: &str) -> (Vec<String>, usize) {
    let text = format!(
        "version: 1\ntenants: single\nresources:\n  Order: {{ owner: {{ property: $.user }}{resolver} }}\noperations:\n  {binding}\n"
    );
    let description = openapi::load("shop.yaml", &[], &OneFile(DESCRIPTION)).0.unwrap();
    let (read, findings) = bindings::read("bindings.yaml", Bytes::from(text));
    assert!(findings.is_empty(), "{findings:#?}");
    let nobody = Arc::new(Nobody(BTreeSet::new())) as Arc<dyn Decider>;
    let (authorization, findings) = compile(read.unwrap(), &description, nobody);
    let sources = authorization.iter().flat_map(|one| one.plans()).flat_map(|plan| &plan.objects);
    let sources = sources.map(|bound| bound.sources.len()).sum();
    let errors = findings.into_iter().filter(|finding| finding.code == "B4025");
    (errors.map(|finding| finding.sentence).collect(), sources)
}

#[test]
fn what_has_to_be_read_whole_cannot_stream() {
    let resolver = ", resolver: { operation: getOrder }";
    for (resolver, binding, sentence) in [
        (
            "",
            "news: { object: { type: Order, id: path.id } }",
            "news answers with a stream, and its answer would say whose the object is",
        ),
        (
            "",
            "talk: { object: { type: Order, id: path.id } }",
            "talk begins a WebSocket, and its answer would say whose the object is",
        ),
        (
            resolver,
            "talk: { object: { type: Order, id: path.id }, evidence: [resolver, response] }",
            "talk begins a WebSocket, and its answer would say whose the object is",
        ),
        (
            resolver,
            "news: { object: { type: Order, id: path.id }, shows: Order }",
            "news answers with a stream, and what it shows would be held against rules",
        ),
        (
            "",
            r#"lines: { action: list, list: { type: Order, items: "$[*]", filter: true } }"#,
            "lines answers with a stream, and its list would be filtered",
        ),
    ] {
        assert_eq!(told(resolver, binding).0, [sentence], "{binding}");
    }
}

#[test]
fn a_stream_whose_object_is_known_beforehand_is_decided_on_by_that_alone() {
    let resolver = ", resolver: { operation: getOrder }";
    for binding in
        ["news: { object: { type: Order, id: path.id } }", "talk: { object: { type: Order, id: path.id } }"]
    {
        assert_eq!(told(resolver, binding), (Vec::new(), 1), "{binding}");
    }
    assert_eq!(told("", "news: { deny: true }").0, [""; 0]);
    assert_eq!(told("", "lines: { action: read }").0, [""; 0]);
}
