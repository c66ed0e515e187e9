//! What unit tests of this room build exchanges, settings and checks from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use model::{Mode, Owasp, Phase};
use openapi::NormalPath;

use crate::check::{About, BodyNeed, Check, Step};
use crate::exchange::{Exchange, Head, Peer, Route, TraceContext};
use crate::question::Answers;
use crate::settings::{Api, Settings};

pub(crate) const ORDERS: &str = r"
openapi: 3.1.0
info: {title: Orders, version: '1'}
paths:
  /orders:
    get: {operationId: listOrders, security: [], responses: {'200': {description: ok}}}
    post:
      operationId: createOrder
      security: []
      requestBody: {content: {application/json: {schema: {type: object}}, text/plain: {}}}
      responses: {'201': {description: made}}
    put:
      operationId: replaceOrders
      security: []
      x-bartizan: {body_bytes_max: 10}
      requestBody: {content: {text/plain: {}}}
      responses: {'200': {description: ok}}
  /orders/{id}:
    get:
      operationId: getOrder
      security: []
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
    head:
      operationId: headOrder
      security: []
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
";

struct One(&'static str);

impl openapi::Files for One {
    fn read(&self, _: &str) -> Result<Bytes, String> {
        Ok(Bytes::from_static(self.0.as_bytes()))
    }
}

pub(crate) fn description(text: &'static str) -> Arc<openapi::Description> {
    let (description, findings) = openapi::load("api.yaml", &[], &One(text));
    Arc::new(description.unwrap_or_else(|| panic!("{findings:?}")))
}

pub(crate) fn api(name: &str, port: u16) -> Api {
    Api::plain(name, description(ORDERS), port)
}

pub(crate) fn settings(apis: Vec<Api>) -> Settings {
    Settings::plain(apis)
}

pub(crate) fn exchange(method: &str, target: &str) -> Exchange {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    Exchange {
        request_id: "0000000001000000000000000A".into(),
        trace: TraceContext { trace_id: 1, span_id: 2, parent_id: None, sampled: false },
        received_unix_ms: 1_000_000,
        received_ns: 0,
        peer: Peer { address: IpAddr::from([192, 0, 2, 7]), from: None, tls: false, protocol: "http/1.1" },
        head: Head {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            host: "api.example:8080".into(),
            headers: HeaderMap::new(),
            has_body: false,
        },
        route: Route {
            api: "orders".into(),
            operation: None,
            path: NormalPath::new(path).unwrap(),
            path_values: vec![],
            query,
        },
        caller: None,
        subject: None,
        objects: Vec::new(),
        opened: Vec::new(),
        awaits_answer: false,
        authorization: None,
        inspection: None,
        body: None,
        response: None,
    }
}

pub(crate) const fn about(name: &'static str, phase: Phase, may_watch: bool, body: BodyNeed) -> About {
    let owasp: &[Owasp] = &[Owasp::Api8];
    About { name, phase, owasp, summary: "Refuses for a test.", default_mode: Mode::Enforce, may_watch, body }
}

/// A check that says what its function says.
pub(crate) struct Says(pub(crate) fn(&Exchange, &Answers) -> Step);

impl Check for Says {
    fn step(&self, exchange: &Exchange, answers: &Answers) -> Step {
        (self.0)(exchange, answers)
    }
}
