#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;

use crate::bindings;
use crate::gaps::gaps;

const DESCRIPTION: &str = r##"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: integer } }
      - { name: orderId, in: query, schema: { type: integer } }
    put:
      operationId: putOrder
      requestBody: { content: { application/json: { schema: { type: object, properties: {
        order_id: { type: integer, readOnly: true }, after: { type: object, properties: { orderIds: { type: array, items: { type: integer } } } } } } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object, properties: {
        id: { type: integer }, next: { type: object, properties: { order_id: { type: integer } } } } } } } } }
"##;

/// What is said of ids that would be shown, or taken, as the service has them.
fn told(seal: &str, binding: &str) -> Vec<String> {
    let text = format!(
        "version: 1\ntenants: single\nresources:\n  Order: {{ owner: {{ property: $.user }}{seal} }}\noperations:\n  putOrder: {{ object: {{ type: Order, id: path.id }}, evidence: []{binding} }}\n"
    );
    let description =
        openapi::load("shop.yaml", &[], &crate::compile::tests::OneFile(DESCRIPTION)).0.unwrap();
    let (read, findings) = bindings::read("bindings.yaml", Bytes::from(text));
    assert!(findings.is_empty(), "{findings:#?}");
    let found = gaps(&read.unwrap(), &description);
    found.into_iter().filter(|one| one.code == "B4212").map(|one| one.sentence).collect()
}

#[test]
fn ids_of_a_sealed_type_that_nobody_declared_are_told_and_no_others() {
    let all = told(", seal: ord", "");
    for place in ["`$.next.order_id`", "looks like Order", "`query.orderId`", "`$.after.orderIds`"] {
        assert_eq!(all.iter().filter(|sentence| sentence.contains(place)).count(), 1, "{place} in {all:#?}");
    }
    assert_eq!(all.len(), 4, "what is read only is not taken: {all:#?}");
    let declared = ", shows: Order, shows_ids: [{ at: $.next.order_id, type: Order }], ids: [{ at: query.orderId, type: Order }, { at: \"body.$.after.orderIds[*]\", type: Order }]";
    assert_eq!(told(", seal: ord", declared), Vec::<String>::new());
    assert_eq!(told("", ""), Vec::<String>::new(), "nothing is sealed");
}
