//! The sample business API: it answers everything and checks nothing, as many real ones do.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use net::{Connection, Handler, Handling, HeadFault, RequestBody, ResponseBody};
use serde_json::json;

use crate::stage::{answer, bad_request, serve};

/// The running API.
pub(crate) struct Backend {
    pub address: SocketAddr,
}

/// Starts it on a port of the system's choice.
pub(crate) async fn start() -> Result<Backend, String> {
    let address = serve(Arc::new(Orders)).await?;
    Ok(Backend { address })
}

struct Orders;

impl Handler for Orders {
    fn handle(self: Arc<Self>, _: &Connection, request: Request<RequestBody>) -> Handling {
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            match (request.method(), path.as_str()) {
                (&Method::GET, "/status") => answer(StatusCode::OK, &json!({ "status": "fine" })),
                (&Method::GET, "/orders") => {
                    answer(StatusCode::OK, &json!({ "orders": [order(1001), order(1002)] }))
                }
                (&Method::POST, "/orders") => {
                    // Whatever is sent is stored: what may be sent is the description's to say.
                    let _ = http_body_util::BodyExt::collect(request.into_body()).await;
                    answer(StatusCode::CREATED, &order(1003))
                }
                (&Method::DELETE, _) => {
                    let mut response = Response::new(ResponseBody::empty());
                    *response.status_mut() = StatusCode::NO_CONTENT;
                    response
                }
                (&Method::GET, "/quotes") => answer(StatusCode::OK, &json!({ "quote": 42 })),
                (&Method::GET, "/partners/stock") => answer(StatusCode::OK, &json!({ "stock": [] })),
                (&Method::GET, "/internal/users") => {
                    answer(StatusCode::OK, &json!({ "users": ["this was never meant to be seen"] }))
                }
                (&Method::GET, other) if other.starts_with("/orders/") => {
                    answer(StatusCode::OK, &order(1001))
                }
                _ => answer(StatusCode::NOT_FOUND, &json!({})),
            }
        })
    }

    fn refuse_head(&self, _: &Connection, _: HeadFault) -> Response<Bytes> {
        bad_request()
    }
}

fn order(id: u32) -> serde_json::Value {
    json!({ "id": id, "customer": "Ada", "state": "open", "items": [{ "sku": "ABC-0001", "quantity": 2 }] })
}
