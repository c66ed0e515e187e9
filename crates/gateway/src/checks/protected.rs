//! For tests of checks that authorize: an API with orders and people, what binds them, and who may see what.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use policy::decide::{Subject, SubjectKind};

use super::media_type::tests::sent;
use super::table::Table;
use crate::check::{Edit, Step};
use crate::edits::splice;
use crate::exchange::{Body, Exchange, Response};

const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: Orders, version: "1" }
security: []
components:
  schemas:
    Order:
      type: object
      properties:
        id: { type: integer }
        user_id: { type: integer }
        org: { type: string }
        note: { type: string }
        label: { type: string }
        margin: { type: number }
        "@id": { type: string }
        userId: { type: integer }
        card: { type: object, properties: { last4: { type: string }, cvc: { type: string, writeOnly: true } } }
    Orders:
      type: object
      properties:
        data: { type: array, items: { $ref: "#/components/schemas/Order" } }
        total: { type: integer }
        next: { type: string }
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Orders" } } } }
    post:
      operationId: createOrder
      requestBody:
        content:
          application/json: { schema: { $ref: "#/components/schemas/Order" } }
          application/x-www-form-urlencoded: { schema: { type: object } }
      responses: { "201": { description: ok } }
  /orders/imports:
    post:
      operationId: importOrder
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
      responses: { "201": { description: ok } }
  /orders/all:
    get:
      operationId: allOrders
      responses:
        "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Orders" } } } }
  /orders/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get:
      operationId: getOrder
      responses:
        "200":
          description: ok
          headers: { X-Order-State: { schema: { type: string } } }
          content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } }
        "410": { description: gone, content: { application/json: { schema: { type: string } } } }
        "409":
          description: conflict
          content:
            application/json:
              schema:
                type: object
                properties: { holds: { type: string }, password: { type: string, format: password } }
    put:
      operationId: putOrder
      requestBody:
        content:
          application/json: { schema: { $ref: "#/components/schemas/Order" } }
          application/json-patch+json: { schema: { type: array } }
          application/x-www-form-urlencoded: { schema: { type: object } }
          text/plain: { schema: { type: string } }
      responses: { "200": { description: ok } }
"##;

pub(super) const BINDINGS: &str = r##"
version: 1
tenants: claim
resources:
  Order:
    id: id
    tenant: { property: $.org }
    owner: { property: $.user_id }
    resolver: { operation: getOrder, id: path.id }
    immutable: [id]
operations:
  listOrders: { action: list, list: { type: Order, items: "$.data[*]", filter: true, total: $.total, drop: [$.next] } }
  allOrders: { action: list, list: { type: Order, items: "$.data[*]", filter: false } }
  importOrder: { action: create, takes: Order }
  createOrder: { action: create, takes: Order, preset: { user_id: { principal: subject }, org: { principal: tenant } } }
  getOrder: { action: read, object: { type: Order, id: path.id }, shows: Order }
  putOrder: { action: write, object: { type: Order, id: path.id }, takes: Order }
properties:
  Order:
    read: { default: [id, note, card], self: [user_id, org], admin: ["*"] }
    write: { default: [note, card.last4, "@id", userId], self: [label], admin: [note, margin] }
    scopes: { note: notes }
"##;

/// The table over the API, authorized by its bindings and the built-in policies.
pub(super) fn table() -> Table {
    let mut table = Table::new();
    let description = crate::pipeline::testing::description(DESCRIPTION);
    let authorization = crate::fixtures::stage::authorize(BINDINGS, &description).unwrap();
    let api = table.api();
    api.description = description;
    api.authorization = Some(authorization);
    table
}

/// Of the tenant `acme`.
pub(super) fn subject(name: &str, roles: &[&str], scopes: &[&str]) -> Arc<Subject> {
    Arc::new(Subject::new(SubjectKind::User, name, "acme").holding(roles, scopes))
}

pub(super) const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// A request of a subject that was answered so.
pub(super) fn answered(
    subject: Arc<Subject>,
    status: u16,
    headers: &[(&'static str, &str)],
    body: &str,
) -> Exchange {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_str(value).unwrap());
    }
    let body = Body::new(Bytes::copy_from_slice(body.as_bytes()), tape::Limits::default());
    let mut exchange = sent(&[], None);
    exchange.subject = Some(subject);
    exchange.response =
        Some(Response { status: StatusCode::from_u16(status).unwrap(), headers: map, body: Some(body) });
    exchange
}

/// A request of a subject with a body.
pub(super) fn writing(subject: Arc<Subject>, content_type: &str, body: &str) -> Exchange {
    let mut exchange = sent(&[("content-type", content_type)], Some(body));
    exchange.subject = Some(subject);
    exchange
}

/// The response's body as the step leaves it, else what the step says instead.
pub(super) fn left(step: Step, before: &str) -> String {
    match step {
        Step::Continue(edits) => {
            let mut body = Bytes::copy_from_slice(before.as_bytes());
            for edit in edits {
                if let Edit::SpliceResponse(spans) | Edit::SpliceBody(spans) = edit {
                    body = splice(&body, spans).unwrap();
                }
            }
            String::from_utf8(body.to_vec()).unwrap()
        }
        other => super::media_type::tests::said(other),
    }
}
