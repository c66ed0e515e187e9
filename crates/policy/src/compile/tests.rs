#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod sealed;
mod streams;

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use model::Finding;

use super::{Authorization, compile};
use crate::bindings::{self, IdPlace};
use crate::decide::{Decider, Decision, Query};
use crate::plan::Source;

const DESCRIPTION: &str = r##"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /me: { get: { operationId: getMe, responses: { "200": { description: ok, content: { application/json: { schema: { type: object, properties: { id: { type: integer } } } } } } } } }
  /orders:
    get:
      operationId: listOrders
      parameters:
        - { name: skip, in: query, schema: { type: integer } }
        - { name: limit, in: query, schema: { type: integer } }
      responses: { "200": { description: ok, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Order" } } } } } }
    post: { operationId: createOrder, requestBody: { $ref: "#/components/requestBodies/Order" }, responses: { "201": { description: ok } } }
  /orders/{order_id}:
    parameters: [{ name: order_id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: getOrder, responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } } }
    put: { operationId: putOrder, requestBody: { $ref: "#/components/requestBodies/Order" }, responses: { "200": { description: ok } } }
    delete: { operationId: deleteOrder, responses: { "204": { description: ok } } }
  /orders/{order_id}/items:
    parameters: [{ name: order_id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: listItems, responses: { "200": { description: ok } } }
  /orders/{order_id}/items/{item_id}:
    parameters: [{ name: order_id, in: path, required: true, schema: { type: integer } }, { name: item_id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: getItem, responses: { "200": { description: ok } } }
    delete: { operationId: deleteItem, responses: { "204": { description: ok } } }
  /bulk: { post: { operationId: bulk, requestBody: { content: { application/json: { schema: { type: object } } } }, responses: { "200": { description: ok } } } }
components:
  requestBodies:
    Order: { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
  schemas:
    Order: { type: object, properties: { id: { type: integer }, user_id: { type: integer }, lines: { type: array, items: { type: object, properties: { sku: { type: string } } } } } }
"##;

const RESOURCES: &str = r#"version: 1
tenants: single
resources:
  Order:
    owner: { property: $.user_id }
    producers: [{ operation: listOrders, page: { offset: skip, limit: limit } }]
    resolver: { operation: getOrder }
  Item:
    owner: { related: { type: Order, id: $.order_id } }
    parent: { type: Order, property: $.order_id }
    resolver: { operation: getItem, id: path.item_id }
  Other: { id: id }
operations:
"#;

pub(crate) struct OneFile(pub(crate) &'static str);

impl openapi::Files for OneFile {
    fn read(&self, _path: &str) -> Result<Bytes, String> {
        Ok(Bytes::from_static(self.0.as_bytes()))
    }
}

#[derive(Debug)]
struct Nobody(BTreeSet<Arc<str>>);

impl Decider for Nobody {
    fn decide(&self, _query: &Query<'_>) -> Decision {
        Decision::fault("nobody decides")
    }

    fn asks_for(&self, _operation: &str) -> &BTreeSet<Arc<str>> {
        &self.0
    }
}

fn compiled(operations: &str) -> (Option<Authorization>, Vec<Finding>) {
    with(&format!("{RESOURCES}{operations}"))
}

fn with(text: &str) -> (Option<Authorization>, Vec<Finding>) {
    let description = openapi::load("shop.yaml", &[], &OneFile(DESCRIPTION)).0.unwrap();
    let (read, findings) = bindings::read("bindings.yaml", Bytes::copy_from_slice(text.as_bytes()));
    assert!(findings.is_empty(), "{findings:#?}");
    compile(read.unwrap(), &description, Arc::new(Nobody(BTreeSet::new())) as Arc<dyn Decider>)
}

fn good(operations: &str) -> Authorization {
    let (authorization, findings) = compiled(operations);
    authorization.unwrap_or_else(|| panic!("{findings:#?}"))
}

fn sources(authorization: &Authorization, operation: &str) -> Vec<&'static str> {
    let plan = authorization.plan(operation).unwrap();
    plan.objects[0].sources.iter().map(Source::word).collect()
}

#[test]
fn sources_stand_in_the_order_of_their_cost_whatever_the_file_says() {
    let authorization = good(
        "  putOrder: { object: { type: Order, id: path.order_id }, evidence: [external, resolver, producer, learned, { claim: order }] }\n",
    );
    assert_eq!(sources(&authorization, "putOrder"), ["claim", "learned", "producer", "resolver", "external"]);
}

#[test]
fn what_is_not_said_is_what_the_type_has_and_the_answer_only_where_nothing_happens() {
    let authorization = good(
        "  getOrder: { object: { type: Order, id: path.order_id } }\n  putOrder: { object: { type: Order, id: path.order_id } }\n",
    );
    // The resolver of Order is getOrder itself, which is its own answer.
    assert_eq!(sources(&authorization, "getOrder"), ["producer", "response"]);
    assert_eq!(sources(&authorization, "putOrder"), ["producer", "resolver"]);
    let plan = authorization.plan("putOrder").unwrap();
    assert_eq!((plan.action, plan.safe), (bindings::Action::Write, false));
    assert!(authorization.plan("getOrder").unwrap().safe);
    assert!(authorization.plan("createOrder").is_none());
}

#[test]
fn a_get_that_acts_is_not_safe_and_neither_resolves_nor_answers_for_itself() {
    let object = "object: { type: Order, id: path.order_id }";
    let (authorization, findings) =
        compiled(&format!("  getOrder: {{ safe: false, {object}, evidence: [response] }}\n"));
    assert!(authorization.is_none());
    let codes: Vec<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
    // The type's resolver is this operation, and the answer comes too late.
    assert_eq!(codes, ["B4015", "B4016"], "{findings:#?}");
    let authorization = good("  listItems: { safe: false, object: { type: Order, id: path.order_id } }\n");
    assert_eq!(sources(&authorization, "listItems"), ["producer", "resolver"]);
}

#[test]
fn calls_take_their_parameters_from_the_request_at_hand() {
    let authorization = good(
        "  deleteItem: { object: { type: Item, id: path.item_id, parent: { type: Order, id: path.order_id } }, evidence: [resolver, { list: { operation: listItems, owner: $.user } }] }\n",
    );
    let plan = authorization.plan("deleteItem").unwrap();
    let order = IdPlace::Path("order_id".into());
    for source in &plan.objects[0].sources {
        let call = match source {
            Source::Resolver(resolving) => &resolving.call,
            Source::List(listing) => &listing.call,
            other => panic!("{other:?}"),
        };
        assert_eq!(call.parameters, [(order.clone(), order.clone())]);
    }
    let parent = plan.objects[0].parent.as_ref().unwrap();
    assert_eq!((parent.resource.name.as_ref(), parent.sources.len()), ("Order", 2));
    // Without a request at hand an item cannot be resolved, an order can.
    assert_eq!(authorization.typed("Item").unwrap().sources.len(), 0);
    assert_eq!(authorization.typed("Order").unwrap().sources.len(), 2);
}

#[test]
fn operations_are_named_by_id_or_by_method_and_path() {
    let authorization = good("  \"GET /orders\": { action: list }\n");
    assert!(authorization.plan("listOrders").is_some());
    let (_, findings) = compiled("  \"GET /orders\": { action: list }\n  listOrders: { action: list }\n");
    assert!(findings.iter().any(|finding| finding.code == "B4007"), "{findings:#?}");
}

#[test]
fn whoami_is_asked_of_a_get_without_parameters() {
    let of = |operation: &str| {
        with(&format!(
            "version: 1\ntenants: single\nprincipals:\n  whoami: {{ operation: {operation}, subject: $.id }}\noperations: {{}}\n"
        ))
    };
    assert!(of("getMe").0.unwrap().whoami.is_some());
    for (operation, code) in [("createOrder", "B4015"), ("getOrder", "B4015"), ("getMee", "B4010")] {
        let (authorization, findings) = of(operation);
        assert!(authorization.is_none(), "{operation}");
        let one =
            findings.iter().find(|finding| finding.code == code).unwrap_or_else(|| panic!("{findings:#?}"));
        assert_eq!(one.place.as_ref().unwrap().line, 4);
    }
}

/// Operations, code, and a part of what is said.
const FAULTS: &[(&str, &str, &str)] = &[
    ("  listOrder: {}", "B4010", "did you mean `listOrders`?"),
    ("  \"GET /ordrs\": {}", "B4010", "did you mean `GET /orders`?"),
    ("  getOrder: { object: { type: Ordr, id: path.order_id } }", "B4014", "did you mean `Order`?"),
    ("  getOrder: { object: { type: Order, id: path.orderid } }", "B4011", "did you mean `order_id`?"),
    ("  getOrder: { object: { type: Order, id: query.order_id } }", "B4011", "has no query parameter"),
    ("  getOrder: { free: [header.x-id] }", "B4011", "has no header parameter"),
    ("  getOrder: { object: { type: Order, id: body.id } }", "B4012", "takes no body"),
    ("  putOrder: { object: { type: Order, id: body.user_i } }", "B4012", "did you mean `user_id`?"),
    ("  putOrder: { object: { type: Order, id: \"body.lines[*].skuu\" } }", "B4012", "did you mean `sku`?"),
    ("  bulk: { action: act, object: { type: Order, id: body.id } }", "B4013", "cannot be known"),
    (
        "  deleteItem: { object: { type: Item, id: path.item_id }, evidence: [producer] }",
        "B4016",
        "Item has no producer",
    ),
    (
        "  deleteOrder: { object: { type: Other, id: path.order_id }, evidence: [resolver] }",
        "B4016",
        "has no resolver",
    ),
    (
        "  deleteOrder: { object: { type: Order, id: path.order_id }, evidence: [response] }",
        "B4016",
        "too late",
    ),
    (
        "  deleteOrder: { object: { type: Order, id: path.order_id }, evidence: [{ list: { operation: bulk } }] }",
        "B4015",
        "its method is POST",
    ),
    (
        "  createOrder: { object: { type: Order, id: body.id }, evidence: [{ list: { operation: listItems } }] }",
        "B4015",
        "needs `path.order_id`, which nothing supplies",
    ),
    (
        "  getItem: { deny: true }\n  deleteItem: { object: { type: Item, id: path.item_id } }",
        "B4015",
        "it is denied",
    ),
    (
        "  getItem: { safe: false }\n  deleteItem: { object: { type: Item, id: path.item_id } }",
        "B4015",
        "declared to have an effect",
    ),
    (
        "  deleteItem: { object: { type: Item, id: path.item_id, parent: { type: Other, id: path.order_id } } }",
        "B4018",
        "belongs to Order, not to Other",
    ),
    (
        "  deleteItem: { object: { type: Item, id: path.item_id }, evidence: [{ related: { type: Order, id: path.order_id } }] }",
        "B4023",
        "parent: { type: Order, id: path.order_id }",
    ),
    ("  getItem: { free: [principal] }", "B4011", "only objects are named so"),
    ("  putOrder: { safe: true }", "B4019", "its action is `write`"),
    ("  getOrder: { takes: Order }", "B4012", "takes no body"),
    ("  putOrder: { takes: { type: Order, at: $.ordr } }", "B4012", "has no `ordr`"),
    ("  putOrder: { takes: Oder }", "B4014", "did you mean `Order`?"),
    ("  getOrder: { shows: [Order, Itm] }", "B4014", "did you mean `Item`?"),
    ("  getOrder: { shows: { type: Order, at: $.data } }", "B4017", "has no `data`"),
    ("  putOrder: { object: { type: Order, id: path.id }, renames: true }", "B4007", "`takes` is missing"),
    ("  createOrder: { preset: { user_id: { principal: subject } } }", "B4007", "`takes` is missing"),
    (
        "  listOrders: { list: { type: Order, overfetch: { page: { offset: skipp } } } }",
        "B4011",
        "did you mean `skip`?",
    ),
    (
        "  listOrders: { list: { type: Order, overfetch: { page: { link: true } } } }",
        "B4007",
        "goes on by a header field",
    ),
    (
        "  listOrders: { list: { type: Order, total: $.n, overfetch: { page: { cursor: skip, next: $.next } } } }",
        "B4007",
        "the count of a list",
    ),
];

#[test]
fn every_name_is_looked_up_in_the_description() {
    for (operations, code, said) in FAULTS {
        let (authorization, findings) = compiled(&format!("{operations}\n"));
        let one = findings.iter().find(|finding| finding.code == *code);
        let one = one.unwrap_or_else(|| panic!("no {code}: {operations}\n{findings:#?}"));
        assert_eq!(authorization.is_none(), findings.iter().any(Finding::is_error), "{operations}");
        let place = one.place.as_ref().unwrap();
        assert_eq!(&*place.file, "bindings.yaml", "{operations}");
        let told = format!("{} {} {}", one.sentence, one.label, one.advice.as_deref().unwrap_or_default());
        assert!(told.contains(said), "{operations}\n{told}");
    }
}

#[test]
fn types_that_are_related_have_to_be_there() {
    let (_, findings) = with(
        "version: 1\ntenants: single\nresources:\n  A: { owner: { related: { type: B, id: $.b } } }\n  C: { parent: { type: D, property: $.d } }\n  E: { owner: { related: { type: E, id: $.e } } }\noperations: {}\n",
    );
    let told: Vec<_> = findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.place.as_ref().unwrap().line))
        .collect();
    // Nothing resolves what only other objects of its own type know.
    assert_eq!(told, [("B4014", 4), ("B4014", 5), ("B4007", 6), ("B4016", 6)]);
}

#[test]
fn a_list_of_whoever_is_named_in_the_request_is_no_list_of_the_callers_own() {
    let of = |owner: &str| {
        with(&format!(
            "version: 1\ntenants: single\nresources:\n  Row: {{ owner: {owner}, producers: [{{ operation: listItems }}] }}\noperations:\n  deleteItem: {{ object: {{ type: Row, id: path.item_id }}, evidence: [producer] }}\n"
        ))
    };
    let (authorization, findings) = of("{ from: producer }");
    assert!(authorization.is_none());
    assert!(findings.iter().any(|finding| finding.sentence.contains("items show no owner")), "{findings:#?}");
    // Where each item says whose it is, it does not matter whose list it is.
    assert!(of("{ property: $.user_id }").0.is_some());
}

#[test]
fn another_objects_owner_counts_where_the_object_has_to_belong_to_it() {
    let related = "evidence: [resolver, { related: { type: Order, id: path.order_id } }]";
    let parent = "parent: { type: Order, id: path.order_id }";
    let item = |object: &str| compiled(&format!("  deleteItem: {{ object: {{ {object} }}, {related} }}\n")).1;
    let codes =
        |findings: &[Finding]| findings.iter().map(|finding| finding.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes(&item(&format!("type: Item, id: path.item_id, {parent}"))), [""; 0]);
    assert_eq!(codes(&item("type: Item, id: path.item_id")), ["B4023"]);
    // It is the other object by another name: one record for each order.
    assert_eq!(codes(&item("type: Item, id: path.order_id")), [""; 0]);
}

#[test]
fn not_every_object_is_its_callers() {
    let of = |resource: &str| {
        let text =
            format!("version: 1\ntenants: single\nresources:\n  Cart: {{ {resource} }}\noperations: {{}}\n");
        with(&text).1.iter().map(|finding| (finding.code.clone(), finding.is_error())).collect::<Vec<_>>()
    };
    assert_eq!(of("owner: { from: principal }"), [("B4024".to_owned(), true)]);
    assert_eq!(of("owner: { from: principal }, per_caller: true"), []);
    assert_eq!(of("per_caller: true"), []);
    assert_eq!(of("owner: { property: $.user }, per_caller: true"), [("B4007".to_owned(), true)]);
    assert_eq!(of("me: me, seal: { prefix: crt }"), [("B4007".to_owned(), true)]);
}
