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
    get:
      operationId: getOrder
      parameters:
        - { name: card, in: query, schema: { type: integer } }
        - { name: X-Card, in: header, schema: { type: integer } }
        - { name: last, in: cookie, schema: { type: integer } }
      responses: { "200": { description: ok } }
  /files/{name}.pdf:
    parameters: [{ name: name, in: path, required: true, schema: { type: integer } }]
    get: { operationId: getFile, responses: { "200": { description: ok } } }
"##;

/// Code, line and sentence of every error.
fn told(resources: &str, operations: &str) -> Vec<(String, u32, String)> {
    let text = format!(
        "version: 1\ntenants: claim\nresources:\n  Card: {{ owner: {{ property: $.user }}, tenant: {{ property: $.org }}{resources}\noperations:\n{operations}"
    );
    let description = openapi::load("shop.yaml", &[], &OneFile(DESCRIPTION)).0.unwrap();
    let (read, findings) = bindings::read("bindings.yaml", Bytes::from(text));
    assert!(findings.is_empty(), "{findings:#?}");
    let nobody = Arc::new(Nobody(BTreeSet::new())) as Arc<dyn Decider>;
    let (_, findings) = compile(read.unwrap(), &description, nobody);
    let errors = findings.into_iter().filter(model::Finding::is_error);
    errors.map(|one| (one.code, one.place.unwrap().line, one.sentence)).collect()
}

fn codes(told: &[(String, u32, String)]) -> Vec<(&str, u32)> {
    told.iter().map(|(code, line, _)| (code.as_str(), *line)).collect()
}

#[test]
fn a_prefix_is_short_plain_and_of_one_type() {
    for (prefix, good) in [
        ("card", true),
        ("c2", true),
        ("abcdefghijklmnop", true),
        ("abcdefghijklmnopq", false),
        ("2c", false),
        ("Card", false),
        ("ca_rd", false),
        ("\"é\"", false),
    ] {
        for seal in [prefix.to_owned(), format!("{{ prefix: {prefix} }}")] {
            let told = told(&format!(", seal: {seal} }}"), "  getOrder: {}\n");
            assert_eq!(codes(&told), if good { vec![] } else { vec![("B4021", 4)] }, "{seal}");
        }
    }
    let other = ", seal: card }\n  Note: { owner: { from: none }, tenant: { property: $.org }, seal: card }";
    let told = told(other, "  getOrder: {}\n");
    assert_eq!(codes(&told), [("B4021", 5)]);
    assert!(told[0].2.contains("Card and Note begin alike"), "{told:?}");
}

#[test]
fn sealed_ids_stand_where_they_can_be_opened() {
    let seal = ", seal: card }";
    for (place, good) in [
        ("path.id", true),
        ("query.card", true),
        ("header.X-Card", true),
        ("cookie.last", false),
        ("principal", true),
    ] {
        let operations = format!("  getOrder: {{ object: {{ type: Card, id: {place} }}, evidence: [] }}\n");
        let told = told(seal, &operations);
        assert_eq!(codes(&told), if good { vec![] } else { vec![("B4021", 6)] }, "{place}: {told:?}");
    }
    for ids in ["[{ at: query.card, type: Card }]", "[{ at: cookie.last, type: Card }]"] {
        let told = told(seal, &format!("  getOrder: {{ ids: {ids} }}\n"));
        assert_eq!(codes(&told).contains(&("B4021", 6)), ids.contains("cookie"), "{told:?}");
    }
    // A part of a segment could not be told from the text around it.
    let file = "  getFile: { object: { type: Card, id: path.name }, evidence: [] }\n";
    assert_eq!(codes(&told(seal, file)), [("B4021", 6)]);
    assert_eq!(codes(&told(" }", file)), []);
}

#[test]
fn what_names_a_type_names_one_that_is_there() {
    for (resources, operations) in [
        (", references: [{ at: a, type: Nothing }] }", "  getOrder: {}\n"),
        (" }", "  getOrder: { ids: [{ at: query.card, type: Nothing }] }\n"),
        (" }", "  getOrder: { shows_ids: [{ header: X-Next, type: Nothing }] }\n"),
    ] {
        let told = told(resources, operations);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].0 == "B4014" && told[0].2.contains("Nothing"), "{told:?}");
    }
}

#[test]
fn a_seal_is_evidence_where_it_is_of_one_tenant() {
    let operations = "  getOrder: { object: { type: Card, id: path.id }, evidence: [sealed, response] }\n";
    assert_eq!(codes(&told(", seal: card }", operations)), []);
    for alone in ["[sealed]", "[sealed, learned]"] {
        let told = told(", seal: card }", &operations.replace("[sealed, response]", alone));
        assert_eq!(codes(&told), [("B4016", 6)], "{told:?}");
    }
    for unsealed in [" }", ", seal: { prefix: card, shared: true } }"] {
        let told = told(unsealed, operations);
        assert!(
            told.iter().any(|(_, _, sentence)| sentence.contains("not sealed for one tenant")),
            "{told:?}"
        );
    }
}
