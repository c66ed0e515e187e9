//! The files of the benchmark: descriptions, keys, and the guarded load.
//!
//! The token and its key were made for the benchmark alone; the private key was thrown away.

/// Lines of the order whose JSON is about 64 KiB; 11 make 1 KiB.
const LINES_64_KIB: usize = 640;
const LINES_1_KIB: usize = 11;

/// Name and text of each file.
pub fn all() -> Vec<(String, String)> {
    let fixed = [
        ("open.openapi.yaml", OPEN.to_owned()),
        ("held.openapi.yaml", HELD.to_owned()),
        ("guarded.openapi.yaml", GUARDED.to_owned()),
        ("every.openapi.yaml", GUARDED.replace(RESPONSE, CHECKED_RESPONSE)),
        ("owned.openapi.yaml", OWNED.to_owned()),
        ("owned.bindings.yaml", OWNED_BINDINGS.to_owned()),
        ("jwks.json", JWKS.to_owned()),
        ("guarded_1k.lua", script("application/json", &order(LINES_1_KIB))),
        ("guarded_64k.lua", script("application/json", &order(LINES_64_KIB))),
        ("owned.lua", format!("wrk.headers[\"Authorization\"] = \"Bearer {TOKEN}\"\n")),
        ("held_64k.lua", script("text/plain", &"a note of many words ".repeat(3120))),
    ];
    fixed.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

/// A POST with a body and the token, as a wrk script.
fn script(media_type: &str, body: &str) -> String {
    format!(
        "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"{media_type}\"\n\
         wrk.headers[\"Authorization\"] = \"Bearer {TOKEN}\"\nwrk.body = '{body}'\n"
    )
}

/// An order of so many lines, as JSON.
fn order(lines: usize) -> String {
    let lines: Vec<String> = (0..lines)
        .map(|at| {
            let note = "a line of the order, as a person would write it";
            format!(r#"{{"sku":"ABC-{at:04}","quantity":{},"note":"{note}"}}"#, at + 1)
        })
        .collect();
    let items = lines.join(",");
    format!(r#"{{"customer":"Ada Lovelace","email":"ada@example.com","items":[{items}]}}"#)
}

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

/// What stands in the guarded description, and what stands there when the answer is checked too.
const RESPONSE: &str = r#"responses: { "200": { description: The order } }"#;
const CHECKED_RESPONSE: &str = r#"responses: { "200": { description: The order, content: { application/json: { schema:
        { type: object, required: [id], properties: { id: { type: integer }, note: { type: string } } } } } } }"#;

/// A schema that can only be judged when the whole body is there, and costs next to nothing itself.
const HELD: &str = r#"openapi: 3.1.0
info: { title: Orders, version: "1" }
security: []
paths:
  /notes:
    post:
      operationId: addNote
      requestBody:
        required: true
        content:
          text/plain:
            schema: { type: string, maxLength: 100000 }
      responses: { "200": { description: The note } }
"#;

const GUARDED: &str = r#"openapi: 3.1.0
info: { title: Orders, version: "1" }
security: [{ bearerAuth: [orders.write] }]
paths:
  /orders:
    post:
      operationId: createOrder
      parameters:
        - { name: channel, in: query, schema: { type: string, enum: [web, shop] } }
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
                  maxItems: 1000
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

const OWNED: &str = r##"openapi: 3.1.0
info: { title: Orders, version: "1" }
security: [{ bearerAuth: [] }]
paths:
  /owned: { get: { operationId: listOrders, responses: { "200": { $ref: "#/components/responses/any" } } } }
  /owned/{id}:
    get:
      operationId: getOrder
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { "200": { $ref: "#/components/responses/any" } }
components:
  securitySchemes: { bearerAuth: { type: http, scheme: bearer } }
  responses: { any: { description: ok, content: { application/json: { schema: {} } } } }
"##;

const OWNED_BINDINGS: &str = r"version: 1
tenants: single
resources:
  Order: { owner: { property: $.owner } }
operations:
  listOrders: { action: list, list: { type: Order } }
  getOrder: { object: { type: Order, id: path.id }, evidence: [response] }
";

pub const JWKS: &str = r#"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "bench", "alg": "ES256", "use": "sig", "x": "_0Zuxpq8MZRpETv0lh-HkLIYNmYXUPv1Xl0cYhdX_GE", "y": "nwZNVRXsflRU7q4lsY2U8KzXEyB1WNaoejs5G2xVSk0"}]}"#;

/// Claims: `iss`, `aud`, `sub`, `client_id`, `scope` (orders.read orders.write), `iat`, `exp` in 2100, `jti`.
pub const TOKEN: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImJlbmNoIiwidHlwIjoiYXQrand0In0.eyJpc3MiOiJodHRwczovL2JlbmNoLnRlc3QvIiwiYXVkIjoib3JkZXJzIiwic3ViIjoiYmVuY2giLCJjbGllbnRfaWQiOiJiZW5jaCIsInNjb3BlIjoib3JkZXJzLnJlYWQgb3JkZXJzLndyaXRlIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjQxMDI0NDQ4MDAsImp0aSI6ImJlbmNoLTEifQ.Mk1GtPOAMVfI4p-nmCgXwSymqtgnJrw_F-yg63p5NaY6ehCQ3XvB50TbqJMEFtahcbUODAf7KsyUHKN0qeGFYQ";
