#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod built_in;
mod conditions;
mod explained;
mod sets;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use model::Finding;
use openapi::{Description, Files};

use super::{Policies, policies};
use crate::bindings::{self, Bindings};
use crate::decide::{Circumstances, Decider, Decision, Query, Subject, SubjectKind, Target};
use crate::facts::{Facts, Origin};

pub(crate) const GUARD: &str = r#"
@id("guard-user") forbid (principal is User, action, resource) unless { resource.tenant == principal.tenant };
@id("guard-client") forbid (principal is Client, action, resource) unless { principal.tenant == resource.tenant };
"#;

const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: { title: orders, version: "1" }
components:
  schemas:
    Order:
      type: object
      properties:
        id: { type: string }
        tenant_id: { type: string }
        user_id: { type: string }
        status: { type: string }
        created_by: { type: string }
    User: { type: object, properties: { id: { type: string }, tenant_id: { type: string } } }
  responses:
    Order: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
    User: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/User" } } } }
    Orders:
      description: ok
      content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Order" } } } }
  requestBodies:
    Order: { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
paths:
  /orders:
    get: { operationId: listOrders, responses: { "200": { $ref: "#/components/responses/Orders" } } }
    post:
      operationId: createOrder
      requestBody: { $ref: "#/components/requestBodies/Order" }
      responses: { "201": { $ref: "#/components/responses/Order" } }
  /orders/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getOrder, responses: { "200": { $ref: "#/components/responses/Order" } } }
    put:
      operationId: putOrder
      requestBody: { $ref: "#/components/requestBodies/Order" }
      responses: { "200": { $ref: "#/components/responses/Order" } }
    delete: { operationId: delete, responses: { "204": { description: ok } } }
  /users/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getUser, responses: { "200": { $ref: "#/components/responses/User" } } }
  /health:
    get: { operationId: health, responses: { "200": { description: ok } } }
  /unbound:
    get: { operationId: unbound, responses: { "200": { description: ok } } }
"##;

const BINDINGS: &str = r#"
version: 1
principals: { roles: roles, attributes: { department: dept } }
resources:
  Order:
    id: $.id
    tenant: { property: $.tenant_id }
    owner: { property: $.user_id }
    attributes: { status: $.status, created_by: $.created_by }
    resolver: { operation: getOrder, id: path.id, object: $ }
  User: { id: $.id, tenant: { property: $.tenant_id }, owner: { property: $.id } }
operations:
  health: { class: public }
  listOrders: { action: list, list: { type: Order, items: "$[*]", filter: true } }
  createOrder: { action: create, takes: Order }
  getOrder: { object: { type: Order, id: path.id }, evidence: [response] }
  putOrder: { object: { type: Order, id: path.id }, evidence: [resolver] }
  delete: { class: admin, roles: [admin], object: { type: Order, id: path.id }, evidence: [resolver] }
  "getUser": { object: { type: User, id: path.id }, evidence: [response] }
"#;

struct One(&'static str);

impl Files for One {
    fn read(&self, _: &str) -> Result<Bytes, String> {
        Ok(Bytes::from_static(self.0.as_bytes()))
    }
}

pub(crate) fn description() -> Description {
    openapi::load("orders.yaml", &[], &One(DESCRIPTION)).0.unwrap()
}

pub(crate) fn bound() -> Bindings {
    let (bindings, findings) = bindings::read("bindings.yaml", Bytes::from_static(BINDINGS.as_bytes()));
    bindings.unwrap_or_else(|| panic!("{findings:#?}"))
}

pub(crate) fn read(text: &str) -> (Option<Policies>, Vec<Finding>) {
    let sources = [(Arc::from("orders.cedar"), Bytes::copy_from_slice(text.as_bytes()))];
    policies(&bound(), &description(), &sources)
}

/// As [`read`], also where the guard is missing.
pub(crate) fn unguarded(text: &str) -> (Option<Policies>, Vec<Finding>) {
    let sources = [(Arc::from("orders.cedar"), Bytes::copy_from_slice(text.as_bytes()))];
    super::unguarded(&bound(), &description(), &sources)
}

/// The guard and these policies; they must be without any finding.
pub(crate) fn guarded(text: &str) -> Policies {
    let (policies, findings) = read(&format!("{GUARD}{text}"));
    let serious: Vec<_> =
        findings.iter().filter(|finding| finding.code != crate::codes::POLICY_NOTHING_PERMITS).collect();
    assert!(serious.is_empty(), "{serious:#?}");
    policies.unwrap()
}

pub(crate) fn built_in() -> Policies {
    let (policies, findings) = policies(&bound(), &description(), &[]);
    policies.unwrap_or_else(|| panic!("{findings:#?}"))
}

pub(crate) fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}

pub(crate) fn user(subject: &str, tenant: &str) -> Subject {
    Subject::new(SubjectKind::User, subject, tenant)
}

pub(crate) fn facts(named: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (name, value) in named {
        facts.set(*name, *value, Origin::Resolver);
    }
    facts
}

/// Sunday, the 22nd of November 2026, 03:00 UTC.
pub(crate) const NOW_S: u64 = 1_795_316_400;

pub(crate) fn at(now_unix_s: u64) -> Circumstances<'static> {
    Circumstances { method: "GET", now_unix_s, address: IpAddr::V4(Ipv4Addr::LOCALHOST), written: &[] }
}

pub(crate) fn ask(policies: &Policies, subject: &Subject, operation: &str, order: &Facts) -> Decision {
    let target = Target::Object { kind: "Order", id: "7", facts: order };
    policies.decide(&Query { subject, operation, target, circumstances: at(NOW_S) })
}

pub(crate) fn ask_api(policies: &Policies, subject: &Subject, operation: &str) -> Decision {
    policies.decide(&Query { subject, operation, target: Target::Api, circumstances: at(NOW_S) })
}
