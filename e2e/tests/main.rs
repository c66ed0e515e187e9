//! Stories of the whole product, told over real sockets with the real binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a story that cannot go on ends"
)]

#[path = "story/application.rs"]
mod application;
#[path = "attack/answers.rs"]
mod attack_answers;
#[path = "attack/corpus.rs"]
mod attack_corpus;
#[path = "attack/crowd.rs"]
mod attack_crowd;
#[path = "attack/faults.rs"]
mod attack_faults;
#[path = "attack/floods.rs"]
mod attack_floods;
#[path = "attack/h2spec.rs"]
mod attack_h2spec;
#[path = "attack/http2.rs"]
mod attack_http2;
#[path = "attack/paths.rs"]
mod attack_paths;
#[path = "attack/proxied.rs"]
mod attack_proxied;
#[path = "attack/websocket.rs"]
mod attack_websocket;
#[path = "attack/wire.rs"]
mod attack_wire;
#[path = "story/authorization_switches.rs"]
mod authorization_switches;
#[path = "story/authzen.rs"]
mod authzen;
#[path = "story/block.rs"]
mod block;
#[path = "story/clients.rs"]
mod clients;
#[path = "story/connections.rs"]
mod connections;
#[path = "story/demo.rs"]
mod demo;
#[path = "story/examples.rs"]
mod examples;
#[path = "story/explain.rs"]
mod explain;
#[path = "story/fuzz.rs"]
mod fuzz;
#[path = "story/guide.rs"]
mod guide;
#[path = "story/keys.rs"]
mod keys;
#[path = "story/ledger.rs"]
mod ledger;
#[path = "story/lifecycle.rs"]
mod lifecycle;
#[path = "story/limits_flood.rs"]
mod limits_flood;
#[path = "story/limits_whole.rs"]
mod limits_whole;
#[path = "story/matrix.rs"]
mod matrix;
#[path = "story/observe.rs"]
mod observe;
#[path = "story/pebble.rs"]
mod pebble;
#[path = "story/policy_verbs.rs"]
mod policy_verbs;
#[path = "story/proxy.rs"]
mod proxy;
#[path = "story/reloads.rs"]
mod reloads;
#[path = "story/renames.rs"]
mod renames;
#[path = "story/restart.rs"]
mod restart;
#[path = "story/restaurant.rs"]
mod restaurant;
#[path = "story/sealed.rs"]
mod sealed;
#[path = "story/sealed_texts.rs"]
mod sealed_texts;
#[path = "story/service_tokens.rs"]
mod service_tokens;
#[path = "story/shapes.rs"]
mod shapes;
#[path = "story/switches.rs"]
mod switches;
#[path = "story/tls.rs"]
mod tls;
#[path = "story/tokens.rs"]
mod tokens;
#[path = "story/traps.rs"]
mod traps;
#[path = "story/traps_answers.rs"]
mod traps_answers;
#[path = "story/upstreams.rs"]
mod upstreams;
#[path = "story/vampi.rs"]
mod vampi;
#[path = "story/waf.rs"]
mod waf;
#[path = "story/waf_hostile.rs"]
mod waf_hostile;
#[path = "story/websocket.rs"]
mod websocket;

use e2e::{Gateway, Issuer, Reply, Server};

/// The description most stories use.
pub const ORDERS: &str = r#"openapi: 3.1.0
info: { title: Orders, version: "1" }
security: [{ bearerAuth: [orders.read] }]
paths:
  /status:
    get: { operationId: getStatus, security: [], responses: { "200": { description: Fine } } }
  /orders/{order_id}:
    parameters:
      - { name: order_id, in: path, required: true, schema: { type: integer, minimum: 1 } }
    get: { operationId: getOrder, responses: { "200": { description: The order } } }
    put:
      operationId: putOrder
      security: [{ bearerAuth: [orders.write] }]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [quantity]
              additionalProperties: false
              properties: { quantity: { type: integer, minimum: 1 } }
      responses: { "200": { description: The order } }
  /upload:
    post:
      operationId: upload
      security: []
      requestBody:
        content: { application/octet-stream: { schema: { type: string, format: binary } } }
      responses: { "200": { description: Stored } }
components:
  securitySchemes:
    bearerAuth: { type: http, scheme: bearer }
"#;

/// A gateway with its upstream and issuer.
pub struct Stage {
    pub gateway: Gateway,
    pub upstream: Server,
    pub issuer: Issuer,
    pub folder: std::path::PathBuf,
}

impl Stage {
    /// `extra` is added to the gateway file.
    pub fn set(story: &str, extra: &str) -> Self {
        Self::of(story, extra, Issuer::start())
    }

    /// The same with an issuer that is there already.
    pub fn of(story: &str, extra: &str, issuer: Issuer) -> Self {
        let folder = e2e::folder(story);
        let upstream = Server::start(|_| Reply::json(200, r#"{"ok":true}"#));
        std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
        let gateway = Gateway::start(&folder, &Self::file(&upstream, &issuer, extra));
        Self { gateway, upstream, issuer, folder }
    }

    pub fn file(upstream: &Server, issuer: &Issuer, extra: &str) -> String {
        format!(
            "apis:\n  orders:\n    spec: orders.yaml\n    upstream: http://{}\nauth:\n  bearerAuth:\n    issuer: {}\n    \
             audience: orders-api\n{extra}",
            upstream.address, issuer.url
        )
    }

    pub fn token(&self) -> String {
        self.issuer.token("alice", "orders-api", "orders.read orders.write")
    }
}
