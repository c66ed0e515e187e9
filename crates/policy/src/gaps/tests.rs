#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;
use model::{Finding, Severity};

use super::gaps;
use crate::bindings;

const DESCRIPTION: &str = r##"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders/export: { get: { operationId: exportOrders, responses: { "200": { description: ok } } } }
  /orders/{order_id}:
    parameters: [{ name: order_id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: getOrder, responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } } }
    put:
      operationId: putOrder
      parameters:
        - { name: accountId, in: query, schema: { type: string } }
        - { name: X-Client-Id, in: header, schema: { type: string } }
        - { name: X-Request-Id, in: header, schema: { type: string } }
        - { name: limit, in: query, schema: { type: integer } }
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
      responses: { "200": { description: ok } }
    delete: { operationId: deleteOrder, responses: { "204": { description: ok } } }
  /state/{state}: { get: { operationId: byState, parameters: [{ name: state, in: path, required: true, schema: { enum: [new, done] } }], responses: { "200": { description: ok } } } }
components:
  schemas:
    Order:
      type: object
      properties:
        id: { type: integer, readOnly: true }
        user_id: { type: integer }
        note: { type: string }
        card: { type: object, properties: { cvc: { type: string }, has_pin: { type: boolean } } }
        lines: { type: array, items: { type: object, properties: { productId: { type: string }, self: { $ref: "#/components/schemas/Order" } } } }
        tags: { type: array, items: { type: string, format: uuid } }
"##;

const HEAD: &str = "version: 1\ntenants: single\nresources:\n  Order: { owner: { property: $.user_id }, resolver: { operation: getOrder } }\n  Bare: {}\noperations:\n";
const DENIED: &str = "  exportOrders: { deny: true }\n  byState: { action: read }\n";

fn found(rest: &str) -> Vec<Finding> {
    let description =
        openapi::load("shop.yaml", &[], &crate::compile::tests::OneFile(DESCRIPTION)).0.unwrap();
    let text = format!("{HEAD}{rest}");
    let (read, findings) = bindings::read("bindings.yaml", Bytes::copy_from_slice(text.as_bytes()));
    assert!(findings.is_empty(), "{findings:#?}");
    gaps(&read.unwrap(), &description)
}

fn of(findings: &[Finding], code: &str) -> Vec<String> {
    findings.iter().filter(|finding| finding.code == code).map(|finding| finding.sentence.clone()).collect()
}

#[test]
fn every_id_of_a_request_is_bound_or_free_or_told() {
    let put = "  putOrder: { object: { type: Order, id: path.order_id } }\n";
    let told = of(&found(put), "B4201");
    for place in [
        "query.accountId",
        "header.x-client-id",
        "body.$.user_id",
        "body.$.lines[*].productId",
        "body.$.tags[*]",
    ] {
        assert!(told.iter().any(|one| one.contains(&format!("`{place}`"))), "{place}: {told:#?}");
    }
    // What a request may not hold, what names requests, what is bound, and what counts.
    for quiet in ["body.$.id`", "request-id", "order_id", "limit"] {
        assert!(!told.iter().any(|one| one.contains(quiet)), "{quiet}: {told:#?}");
    }
    let free = put.replace(
        " } }",
        " }, takes: Order, free: [query.accountId, header.X-Client-Id, \"body.lines[*].productId\", body.tags] }",
    );
    let left = of(&found(&free), "B4201");
    // The owner is a fact of the type that is taken; a schema within itself is looked through once.
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_property_that_no_rule_lets_through_is_no_gap() {
    let put = "  putOrder: { object: { type: Order, id: path.order_id }, takes: Order, free: [query.accountId, header.X-Client-Id] }\n";
    let open = of(&found(put), "B4201");
    assert_eq!(open.len(), 2, "{open:#?}");
    let listed = format!("{put}properties: {{ Order: {{ write: {{ default: [note] }} }} }}\n");
    assert_eq!(of(&found(&listed), "B4201"), Vec::<String>::new());
    let everything = format!("{put}properties: {{ Order: {{ write: {{ default: [\"*\"] }} }} }}\n");
    assert_eq!(of(&found(&everything), "B4201").len(), 2);
}

#[test]
fn an_effect_on_an_object_needs_evidence_unless_it_is_for_those_who_may_touch_all() {
    for (operation, gap) in [
        ("  deleteOrder: { object: { type: Order, id: path.order_id } }\n", false),
        ("  deleteOrder: { object: { type: Order, id: path.order_id }, evidence: [] }\n", true),
        ("  deleteOrder: { object: { type: Bare, id: path.order_id } }\n", true),
        (
            "  deleteOrder: { class: admin, roles: [admin], object: { type: Bare, id: path.order_id } }\n",
            false,
        ),
        ("  deleteOrder: { class: admin, object: { type: Bare, id: path.order_id } }\n", true),
        ("  deleteOrder: { free: [path.order_id] }\n", true),
        ("  deleteOrder: { deny: true }\n", false),
        ("  getOrder: { object: { type: Bare, id: path.order_id } }\n", false),
        ("  getOrder: { safe: false, object: { type: Bare, id: path.order_id } }\n", true),
    ] {
        assert_eq!(!of(&found(operation), "B4202").is_empty(), gap, "{operation}");
    }
}

#[test]
fn an_operation_that_nobody_bound_is_told_with_a_line_that_binds_it() {
    let findings = found("  getOrder: { object: { type: Order, id: path.order_id } }\n");
    let told: Vec<_> = findings.iter().filter(|finding| finding.code == "B4203").collect();
    assert_eq!(told.len(), 4, "{told:#?}");
    let delete = told.iter().find(|finding| finding.sentence.contains("deleteOrder")).unwrap();
    assert_eq!(&*delete.place.as_ref().unwrap().file, "shop.yaml");
    let advice = delete.advice.as_ref().unwrap();
    assert!(advice.contains("deleteOrder: { object: { type: Order, id: path.order_id }"), "{advice}");
}

#[test]
fn what_does_nothing_is_told() {
    let get = "  getOrder: { object: { type: Order, id: path.order_id }, shows: Order }\n";
    for (rest, said) in [
        ("  exportOrders: { action: read }\n".to_owned(), "`/orders/{order_id}` would match too"),
        ("properties: { Order: { read: { default: [id, note], admin: [id] } } }\n".to_owned(), "`admin` of Order adds nothing"),
        ("properties: { Order: { read: { default: [\"*\"], self: [note] } } }\n".to_owned(), "`self` of Order adds nothing"),
        ("properties: { Bare: { read: { default: [id] } } }\n".to_owned(), "no operation takes or shows Bare"),
        ("  byState: { action: read, evidence: [resolver] }\n".to_owned(), "no object that it is about"),
        ("  deleteOrder: { deny: true, object: { type: Order, id: path.order_id } }\n".to_owned(), "is denied, and more"),
        (
            "  deleteOrder: { object: { type: Order, id: path.order_id }, evidence: [resolver, learned, resolver] }\n".to_owned(),
            "`resolver` twice",
        ),
    ] {
        let told = of(&found(&format!("{get}{rest}")), "B4204");
        assert!(told.iter().any(|one| one.contains(said)), "{said}: {told:#?}");
    }
    assert_eq!(of(&found(&format!("{get}{DENIED}")), "B4204"), Vec::<String>::new());
}

#[test]
fn names_in_rules_are_those_of_the_schemas() {
    let rest = "  getOrder: { object: { type: Order, id: path.order_id }, shows: Order }\nproperties: { Order: { read: { default: [id, nte, card.cvc, card.cvv, lines.productId, \"*\"] }, scopes: { nowhere: a } } }\n";
    let findings = found(rest);
    let told: Vec<_> = findings.iter().filter(|finding| finding.code == "B4205").collect();
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told.iter().any(|finding| finding.label == "did you mean `note`?"));
    assert!(told.iter().any(|finding| finding.sentence.contains("card.cvv")));
}

#[test]
fn what_looks_sensitive_is_shown_by_rule_only() {
    let shown = "  getOrder: { object: { type: Order, id: path.order_id }, shows: Order }\n";
    let told = of(&found(shown), "B4206");
    assert_eq!(told, ["Order shows `card.cvc`, and no rule says to whom"]);
    let ruled = format!("{shown}properties: {{ Order: {{ read: {{ default: [id] }} }} }}\n");
    assert_eq!(of(&found(&ruled), "B4206"), Vec::<String>::new());
    let unsaid = of(&found("  getOrder: { object: { type: Order, id: path.order_id } }\n"), "B4206");
    assert_eq!(unsaid.len(), 1, "{unsaid:?}");
    for (name, is) in [
        ("password", true),
        ("cardCvc", true),
        ("api_key", true),
        ("tokenizer", false),
        ("pinned", false),
        ("note", false),
    ] {
        assert_eq!(super::is_sensitive(name), is, "{name}");
    }
}

#[test]
fn ids_that_can_be_guessed_are_noted_and_nothing_here_is_an_error() {
    let findings =
        found(&format!("  getOrder: {{ object: {{ type: Order, id: path.order_id }} }}\n{DENIED}"));
    let told: Vec<_> = findings.iter().filter(|finding| finding.code == "B4207").collect();
    assert_eq!((told.len(), told[0].severity), (1, Severity::Note));
    assert!(findings.iter().all(|finding| !finding.is_error()));
    // In a body, and in what is shown, they are the same ids; of a sealed type callers see none.
    let noted = |rest: &str| of(&found(&format!("{rest}{DENIED}")), "B4207");
    let in_body =
        "  putOrder: { object: { type: Bare, id: body.user_id }, evidence: [], free: [path.order_id] }\n";
    assert_eq!(noted(in_body).len(), 1);
    assert_eq!(noted("  getOrder: { free: [path.order_id], shows: Order }\n").len(), 1);
    assert_eq!(noted("  putOrder: { object: { type: Bare, id: body.note }, evidence: [] }\n").len(), 0);
}

#[test]
fn a_body_that_may_write_whose_an_object_is_is_held_against_rules() {
    let put = "  putOrder: { object: { type: Order, id: path.order_id } }\n";
    let told = of(&found(put), "B4215");
    assert!(told.len() == 1 && told[0].contains("`user_id`"), "{told:?}");
    for held in [
        "  putOrder: { object: { type: Order, id: path.order_id }, takes: Order }\n",
        "  putOrder: { object: { type: Bare, id: path.order_id } }\n",
        "  putOrder: { object: { type: Order, id: path.order_id }, deny: true }\n",
        "  getOrder: { object: { type: Order, id: path.order_id } }\n",
    ] {
        assert_eq!(of(&found(held), "B4215"), Vec::<String>::new(), "{held}");
    }
}

#[test]
fn a_link_of_a_new_object_that_nobody_decides_on_is_told() {
    let description = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders/{id}: { get: { operationId: getOrder, parameters: [{ name: id, in: path, required: true, schema: { type: integer } }], responses: { "200": { description: ok } } } }
  /bills:
    post:
      operationId: createBill
      requestBody: { content: { application/json: { schema: { type: object, properties: { order: { type: object, properties: { id: { type: integer } } }, sum: { type: integer } } } } } }
      responses: { "201": { description: ok } }
"#;
    let told = |bill: &str, rules: &str| {
        let text = format!(
            "version: 1\ntenants: single\nresources:\n  Order: {{ owner: {{ property: $.user }}, resolver: {{ operation: getOrder }} }}\n  Bill: {{ owner: {{ related: {{ type: Order, id: $.order.id }} }} }}\noperations:\n  getOrder: {{ object: {{ type: Order, id: path.id }} }}\n  createBill: {{ {bill}takes: Bill }}\n{rules}"
        );
        let description =
            openapi::load("shop.yaml", &[], &crate::compile::tests::OneFile(description)).0.unwrap();
        let (read, findings) = bindings::read("bindings.yaml", Bytes::copy_from_slice(text.as_bytes()));
        assert!(findings.is_empty(), "{findings:#?}");
        of(&gaps(&read.unwrap(), &description), "B4201")
    };
    let link = "`body.$.order.id` of createBill says whose the new Bill is, and no Order is bound: requests that hold it are refused";
    assert_eq!(told("", ""), [link]);
    assert_eq!(told("object: { type: Order, id: body.order.id }, evidence: [resolver], ", ""), [""; 0]);
    // Nobody writes it, or we do.
    assert_eq!(told("", "properties: { Bill: { write: { default: [sum] } } }\n"), [""; 0]);
    assert_eq!(told("preset: { order: { claim: order } }, ", ""), [""; 0]);
}

#[test]
fn policies_that_ask_what_is_written_are_told_where_nothing_says_what_the_body_is() {
    let description = r#"openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /orders:
    get: { operationId: listOrders, responses: { "200": { description: ok } } }
    post:
      operationId: createOrder
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { "201": { description: ok } }
"#;
    let description =
        openapi::load("shop.yaml", &[], &crate::compile::tests::OneFile(description)).0.unwrap();
    let told = |takes: &str, policies: &str| {
        let text = format!(
            "version: 1\ntenants: single\nresources:\n  Order: {{ owner: {{ from: none }} }}\noperations:\n  listOrders: {{ action: list }}\n  createOrder: {{ action: create{takes} }}\n"
        );
        let (read, findings) = bindings::read("bindings.yaml", Bytes::from(text));
        assert!(findings.is_empty(), "{findings:#?}");
        let bindings = read.unwrap();
        let sources = [("own.cedar".into(), Bytes::from(format!("{}{policies}", crate::cedar::BUILT_IN)))];
        let (decider, findings) = crate::cedar::build(&bindings, &description, &sources);
        let decider = decider.unwrap_or_else(|| panic!("{findings:#?}"));
        let authorization = crate::compile(bindings, &description, decider).0.unwrap();
        of(&super::unread_writes(&authorization), "B4210")
    };
    let asks = r#"forbid (principal, action, resource) when { context.written.contains("role") };"#;
    assert_eq!(told("", asks), ["policies ask what createOrder writes, and nothing says what its body is"]);
    assert_eq!(told(", takes: Order", asks), [""; 0]);
    assert_eq!(told("", ""), [""; 0]);
}

#[test]
fn a_claim_that_is_almost_a_usual_one_is_told() {
    let rest = |claim: &str| {
        format!(
            "  getOrder: {{ object: {{ type: Order, id: path.order_id }}, evidence: [resolver, {{ claim: {claim} }}] }}\n{DENIED}"
        )
    };
    let told = |claim: &str| {
        let found = found(&rest(claim));
        found.iter().filter(|one| one.code == "B4211").map(|one| one.label.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("usernam"), ["did you mean `username`?"]);
    assert_eq!(told("$.realm_acess.roles"), ["did you mean `realm_access`?"]);
    for good in ["sub", "$.realm_access.roles", "https://example.com/rolse", "shoe_size"] {
        assert_eq!(told(good), [""; 0], "{good}");
    }
}
