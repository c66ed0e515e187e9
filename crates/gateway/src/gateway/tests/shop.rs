//! A service that checks nothing: it lists what is the caller's own, and shows, changes and deletes anybody's.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use net::{Connection, HeadFault, Limits, Listener, RequestBody, ResponseBody, Shutdown, Stop};
use serde_json::{Value, json};

pub(super) const DESCRIPTION: &str = include_str!("shop.yaml");

/// What becomes of calls of a path, in place of what the shop would do.
#[derive(Clone)]
pub(super) enum Odd {
    Status(u16),
    Answer(&'static str, Vec<u8>),
    Slow(Duration),
    /// 200 with these header fields besides.
    With(Vec<(&'static str, &'static str)>),
    /// 201 without a body, at this location.
    Made(&'static str),
    /// Does what was asked, and breaks the connection.
    Breaks,
}

#[derive(Default)]
pub(super) struct Shop {
    pub(super) orders: Mutex<BTreeMap<u64, Value>>,
    /// Method, target and headers of every request.
    pub(super) seen: Mutex<Vec<(String, HeaderMap)>>,
    pub(super) odd: Mutex<HashMap<String, Odd>>,
}

impl Shop {
    /// Ten orders of `ada`, ten of `ben`, both of `acme`; ten of `cem` of `umbra`.
    pub(super) fn begin() -> (Arc<Self>, u16, Stop) {
        let shop = Arc::new(Self::default());
        for (owner, org, first) in [("ada", "acme", 1), ("ben", "acme", 101), ("cem", "umbra", 201)] {
            for id in first..first + 10 {
                let order = json!({ "id": id, "owner": owner, "org": org, "status": "open", "note": "" });
                shop.orders.lock().unwrap().insert(id, order);
            }
        }
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), None, Limits::default()).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, shutdown) = Shutdown::channel();
        tokio::spawn(net::serve(listener, Arc::clone(&shop), shutdown));
        (shop, port, stop)
    }

    pub(super) fn order(&self, id: u64) -> Option<Value> {
        self.orders.lock().unwrap().get(&id).cloned()
    }

    /// Since the last look.
    pub(super) fn calls(&self) -> Vec<String> {
        self.seen.lock().unwrap().drain(..).map(|(line, _)| line).collect()
    }

    pub(super) fn be_odd(&self, path: &str, odd: Odd) {
        self.odd.lock().unwrap().insert(path.to_owned(), odd);
    }

    fn answer(
        &self,
        method: &str,
        path: &str,
        query: &str,
        caller: &str,
        body: &[u8],
    ) -> Response<ResponseBody> {
        let mut orders = self.orders.lock().unwrap();
        let sent: Value = serde_json::from_slice(body).unwrap_or_default();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        let parameter = |name: &str| {
            let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            pair.map(number)
        };
        match (method, parts.as_slice()) {
            ("GET", ["me"]) => {
                json(200, &json!({ "id": caller, "org": org_of(caller), "admin": caller == "root" }))
            }
            ("GET", ["orders"]) => {
                let own: Vec<&Value> = orders.values().filter(|order| order["owner"] == caller).collect();
                let (offset, limit) = (parameter("offset").unwrap_or(0), parameter("limit").unwrap_or(1_000));
                let page: Vec<&Value> =
                    own.into_iter().skip(offset as usize).take(limit.min(4) as usize).collect();
                let items: Vec<Value> = page.iter().map(|order| json!({ "id": order["id"] })).collect();
                json(200, &json!({ "items": items }))
            }
            // Everybody's, one of each in turn.
            ("GET", ["all"]) => {
                let (offset, limit) = (parameter("offset").unwrap_or(0), parameter("limit").unwrap_or(20));
                let mut all: Vec<&Value> = orders.values().collect();
                all.sort_by_key(|order| order["id"].as_u64().unwrap_or(0) % 100);
                let page: Vec<&Value> =
                    all.iter().skip(offset as usize).take(limit as usize).copied().collect();
                json(200, &json!({ "items": page, "total": all.len() }))
            }
            ("POST", ["orders"]) => {
                let id = orders.keys().last().copied().unwrap_or(0) + 1;
                let order = json!({ "id": id, "owner": caller, "org": org_of(caller), "status": "open" });
                orders.insert(id, order.clone());
                json(201, &order)
            }
            ("POST", ["orders", "cancel"]) => {
                for id in sent["ids"].as_array().cloned().unwrap_or_default() {
                    if let Some(order) = orders.get_mut(&id.as_u64().unwrap_or(0)) {
                        order["status"] = json!("cancelled");
                    }
                }
                json(200, &json!({ "done": true }))
            }
            ("GET", ["orders", id] | ["plain", id] | ["listed", id]) => match orders.get(&number(id)) {
                Some(order) => {
                    let mut response = json(200, order);
                    response.headers_mut().insert("etag", "\"v1\"".parse().unwrap());
                    response
                }
                None => json(404, &json!({ "error": "no order", "id": *id })),
            },
            ("PUT", ["orders", id]) => match orders.get_mut(&number(id)) {
                Some(order) => {
                    order["note"] = sent["note"].clone();
                    json(200, order)
                }
                None => json(404, &json!({ "error": "no order" })),
            },
            ("DELETE", ["orders", id]) => match orders.remove(&number(id)) {
                Some(_) => json(200, &json!({ "done": true })),
                None => json(404, &json!({ "error": "no order" })),
            },
            // Everybody's, three at a time, each page with where the next one begins.
            ("GET", ["turns"]) => {
                let mut all: Vec<&Value> = orders.values().collect();
                all.sort_by_key(|order| order["id"].as_u64().unwrap_or(0) % 100);
                let begin = parameter("after").unwrap_or(0) as usize;
                let end = (begin + 3).min(all.len());
                let next = if end < all.len() { json!(end.to_string()) } else { Value::Null };
                json(200, &json!({ "items": all[begin.min(end)..end], "next": next }))
            }
            ("GET", ["picked" | "chosen"]) => json(200, &json!({ "done": true })),
            ("GET", ["people", name]) => json(200, &json!({ "name": name, "org": org_of(name) })),
            // Every order has a bill of the same number, which knows nothing but its order.
            ("GET", ["bills", id]) => {
                json(200, &json!({ "id": number(id), "order_id": number(id), "sum": 7 }))
            }
            ("GET", ["orders", order, "notes"]) => {
                let author = |n: u64| if n == 0 { "ada" } else { "ben" };
                let note =
                    |n: u64| json!({ "id": number(order) * 10 + n, "author": author(n), "org": "acme" });
                json(200, &json!({ "notes": [note(0), note(1)] }))
            }
            ("DELETE", ["orders", _, "notes", _]) => json(200, &json!({ "done": true })),
            ("POST", ["admin", "purge"]) => json(200, &json!({ "purged": true })),
            _ => json(404, &json!({ "error": "nothing here" })),
        }
    }
}

fn org_of(name: &str) -> &'static str {
    if name == "cem" { "umbra" } else { "acme" }
}

fn json(status: u16, value: &Value) -> Response<ResponseBody> {
    typed(status, "application/json", value.to_string().into_bytes())
}

fn typed(status: u16, media_type: &str, body: Vec<u8>) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::whole(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert("content-type", media_type.parse().unwrap());
    response
}

/// Whoever the token says, verified or not.
fn caller_of(headers: &HeaderMap) -> String {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Value = payload.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    claims["sub"].as_str().unwrap_or_default().to_owned()
}

impl net::Handler for Shop {
    fn handle(self: Arc<Self>, _: &Connection, request: Request<RequestBody>) -> net::Handling {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            let (method, path) = (parts.method.as_str(), parts.uri.path());
            self.seen.lock().unwrap().push((format!("{method} {}", parts.uri), parts.headers.clone()));
            let odd = self.odd.lock().unwrap().get(&format!("{method} {path}")).cloned();
            let query = parts.uri.query().unwrap_or_default();
            let answer = || self.answer(method, path, query, &caller_of(&parts.headers), &body);
            match odd {
                Some(Odd::Status(status)) => json(status, &json!({})),
                Some(Odd::Answer(media_type, body)) => typed(200, media_type, body),
                Some(Odd::With(fields)) => {
                    let mut response = answer();
                    for (name, value) in fields {
                        response.headers_mut().insert(name, value.parse().unwrap());
                    }
                    response
                }
                Some(Odd::Made(location)) => {
                    let mut response = Response::new(ResponseBody::empty());
                    *response.status_mut() = StatusCode::CREATED;
                    response.headers_mut().insert("location", location.parse().unwrap());
                    response
                }
                Some(Odd::Slow(time)) => {
                    tokio::time::sleep(time).await;
                    answer()
                }
                Some(Odd::Breaks) => {
                    answer();
                    std::future::pending().await
                }
                None => answer(),
            }
        })
    }

    fn refuse_head(&self, _: &Connection, fault: HeadFault) -> Response<Bytes> {
        Response::new(Bytes::from(fault.to_string()))
    }
}
