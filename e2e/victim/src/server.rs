//! The application on a socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use demo::stage;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use net::{Connection, Handler, Handling, HeadFault, RequestBody, ResponseBody};

use crate::answer::Reply;
use crate::app::{App, Call, Seen};

/// Serves the application on loopback for as long as the runtime lives. `pause_us_max`: every call waits before and
/// after its work for up to so many microseconds, each differently, so that calls overtake each other.
///
/// # Errors
/// A sentence when no port can be had.
pub async fn serve(app: Arc<App>, pause_us_max: u64) -> Result<SocketAddr, String> {
    stage::serve(Arc::new(Served { app, pause_us_max, count: AtomicU64::new(1) })).await
}

struct Served {
    app: Arc<App>,
    pause_us_max: u64,
    count: AtomicU64,
}

impl Served {
    async fn pause(&self) {
        if self.pause_us_max > 0 {
            // A Weyl sequence: the same pauses in every run, spread evenly.
            let turn = self.count.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            tokio::time::sleep(Duration::from_micros((turn >> 20) % self.pause_us_max)).await;
        }
    }
}

impl Handler for Served {
    fn handle(self: Arc<Self>, _: &Connection, request: Request<RequestBody>) -> Handling {
        Box::pin(async move {
            self.pause().await;
            let (head, body) = request.into_parts();
            self.app.see(Seen {
                method: head.method.to_string(),
                target: head.uri.to_string(),
                headers: head.headers.keys().map(ToString::to_string).collect(),
            });
            let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            let reply = self.app.answer(&read(&head, &body));
            self.pause().await;
            write(reply)
        })
    }

    fn refuse_head(&self, _: &Connection, _: HeadFault) -> Response<Bytes> {
        stage::bad_request()
    }
}

fn read(head: &http::request::Parts, body: &[u8]) -> Call {
    let segments = head.uri.path().split('/').filter(|segment| !segment.is_empty());
    let query = head.uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let query: Vec<(String, String)> = query.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let field = |headers: &HeaderMap, name: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let bearer = field(&head.headers, "authorization")
        .and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned));
    let cookie =
        field(&head.headers, "cookie").and_then(|value| value.strip_prefix("token=").map(str::to_owned));
    let in_query = query.iter().find(|(key, _)| key == "token").map(|(_, value)| value.clone());
    let assertion = field(&head.headers, "bartizan-assertion");
    Call {
        method: head.method.as_str().to_owned(),
        segments: segments.map(str::to_owned).collect(),
        query,
        tokens: [in_query, cookie, assertion, bearer.clone()].into_iter().flatten().collect(),
        bearer,
        body: serde_json::from_slice(body).unwrap_or_default(),
    }
}

fn write(reply: Reply) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::whole(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
