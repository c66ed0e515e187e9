//! What a show needs around the gateway: servers on loopback, an issuer's documents, and the program as a process.

mod process;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use net::{Connection, Handler, Handling, HeadFault, Limits, Listener, RequestBody, ResponseBody, Shutdown};
use serde_json::{Value, json};
use token::Signer;

pub use process::Process;

/// Serves a handler on a loopback port of the system's choice for as long as the runtime lives.
///
/// # Errors
/// A sentence when no port can be had.
pub async fn serve(handler: Arc<impl Handler>) -> Result<SocketAddr, String> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let fail = |error: std::io::Error| format!("127.0.0.1: {error}");
    let listener = Listener::bind(any, None, Limits::default()).map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    // These servers end with their runtime: nobody holds the end that says stop.
    let (_, shutdown) = Shutdown::channel();
    tokio::spawn(net::serve(listener, handler, shutdown));
    Ok(address)
}

/// A JSON answer.
#[must_use]
pub fn answer(status: StatusCode, value: &Value) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::whole(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The answer to a head that is not one.
#[must_use]
pub fn bad_request() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

/// The keys that a signer's tokens are verified with (RFC 7517 section 5).
#[must_use]
pub fn keys(signer: &Signer) -> Value {
    json!({ "keys": [signer.public_jwk()] })
}

/// An issuer's documents: discovery (OpenID Connect Discovery 1.0 section 4) and keys. The issuer is where they are asked.
pub struct Documents {
    keys: Value,
}

impl Documents {
    #[must_use]
    pub fn of(signer: &Signer) -> Self {
        Self { keys: keys(signer) }
    }
}

impl Handler for Documents {
    fn handle(self: Arc<Self>, _: &Connection, request: Request<RequestBody>) -> Handling {
        Box::pin(async move {
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
            let own = format!("http://{}/", host.unwrap_or_default());
            match request.uri().path() {
                "/.well-known/openid-configuration" => {
                    answer(StatusCode::OK, &json!({ "issuer": own, "jwks_uri": format!("{own}keys") }))
                }
                "/keys" => answer(StatusCode::OK, &self.keys),
                _ => answer(StatusCode::NOT_FOUND, &json!({})),
            }
        })
    }

    fn refuse_head(&self, _: &Connection, _: HeadFault) -> Response<Bytes> {
        bad_request()
    }
}
