//! The sample business API: it answers everything and checks nothing, as many real ones do.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use net::{Connection, Handler, Handling, HeadFault, Limits, Listener, RequestBody, ResponseBody, Shutdown};
use serde_json::json;

/// The running API.
pub(crate) struct Backend {
    pub address: SocketAddr,
}

/// Starts it on a port of the system's choice.
pub(crate) async fn start() -> Result<Backend, String> {
    let address = serve(Arc::new(Orders)).await?;
    Ok(Backend { address })
}

/// Serves a handler on loopback for as long as the runtime lives.
pub(crate) async fn serve(handler: Arc<impl Handler>) -> Result<SocketAddr, String> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener =
        Listener::bind(any, None, Limits::default()).map_err(|error| format!("127.0.0.1: {error}"))?;
    let address = listener.local_addr().map_err(|error| format!("127.0.0.1: {error}"))?;
    // The demo's servers end with their runtime: nobody holds the end that says stop.
    let (_, shutdown) = Shutdown::channel();
    tokio::spawn(net::serve(listener, handler, shutdown));
    Ok(address)
}

/// A JSON answer.
pub(crate) fn answer(status: StatusCode, value: &serde_json::Value) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::whole(value.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
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
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response
    }
}

fn order(id: u32) -> serde_json::Value {
    json!({ "id": id, "customer": "Ada", "state": "open", "items": [{ "sku": "ABC-0001", "quantity": 2 }] })
}
