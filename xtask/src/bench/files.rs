//! The files of the benchmark: descriptions, keys, and the guarded load.
//!
//! The token and its key were made for the benchmark alone; the private key was thrown away.

/// Name and text of each file.
pub const ALL: &[(&str, &str)] = &[
    ("open.openapi.yaml", OPEN),
    ("guarded.openapi.yaml", GUARDED),
    ("jwks.json", JWKS),
    ("guarded.lua", GUARDED_LOAD),
];

const OPEN: &str = r#"openapi: 3.1.0
info: { title: Orders, version: "1" }
security: []
paths:
  /orders/{order_id}:
    get:
      operationId: getOrder
      parameters:
        - { name: order_id, in: path, required: true, schema: { type: integer } }
      responses: { "200": { description: The order } }
"#;

const GUARDED: &str = r#"openapi: 3.1.0
info: { title: Orders, version: "1" }
security: [{ bearerAuth: [orders.write] }]
paths:
  /orders:
    post:
      operationId: createOrder
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [customer, items]
              additionalProperties: false
              properties:
                customer: { type: string, maxLength: 80 }
                email: { type: string, format: email }
                items:
                  type: array
                  minItems: 1
                  maxItems: 50
                  items:
                    type: object
                    required: [sku, quantity]
                    additionalProperties: false
                    properties:
                      sku: { type: string, pattern: "^[A-Z]{3}-[0-9]{4}$" }
                      quantity: { type: integer, minimum: 1, maximum: 1000 }
                      note: { type: string, maxLength: 200 }
      responses: { "200": { description: The order } }
components:
  securitySchemes:
    bearerAuth: { type: http, scheme: bearer }
"#;

const JWKS: &str = r#"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "bench", "alg": "ES256", "use": "sig", "x": "_0Zuxpq8MZRpETv0lh-HkLIYNmYXUPv1Xl0cYhdX_GE", "y": "nwZNVRXsflRU7q4lsY2U8KzXEyB1WNaoejs5G2xVSk0"}]}"#;

/// 1 KiB of JSON and a token, as a wrk script.
const GUARDED_LOAD: &str = r#"wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6ImJlbmNoIiwidHlwIjoiYXQrand0In0.eyJpc3MiOiJodHRwczovL2JlbmNoLnRlc3QvIiwiYXVkIjoib3JkZXJzIiwic3ViIjoiYmVuY2giLCJjbGllbnRfaWQiOiJiZW5jaCIsInNjb3BlIjoib3JkZXJzLnJlYWQgb3JkZXJzLndyaXRlIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjQxMDI0NDQ4MDAsImp0aSI6ImJlbmNoLTEifQ.Mk1GtPOAMVfI4p-nmCgXwSymqtgnJrw_F-yg63p5NaY6ehCQ3XvB50TbqJMEFtahcbUODAf7KsyUHKN0qeGFYQ"
wrk.body = '{"customer":"Ada Lovelace","email":"ada@example.com","items":[{"sku":"ABC-0000","quantity":1,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0001","quantity":2,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0002","quantity":3,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0003","quantity":4,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0004","quantity":5,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0005","quantity":6,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0006","quantity":7,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0007","quantity":8,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0008","quantity":9,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0009","quantity":10,"note":"a line of the order, as a person would write it"},{"sku":"ABC-0010","quantity":11,"note":"a line of the order, as a person would write it"}]}'
"#;
