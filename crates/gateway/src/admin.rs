//! The administration port, which changes nothing: health, readiness, metrics and decisions (AuthZEN) over HTTP, for
//! machines on this machine.
//!
//! A web page cannot use it: the Host must be a name of the loopback or one that was configured (DNS rebinding), and a
//! request that carries an Origin is refused.

mod authzen;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use model::Secret;
use net::{Connection, HeadFault, RequestBody, ResponseBody};

use crate::gateway::Gateway;
use crate::route::without_port;

/// Serves `/healthz`, `/readyz` and, with the token, `/metrics` and what AuthZEN names.
pub struct Admin {
    gateway: Arc<Gateway>,
    token: Secret<Vec<u8>>,
    /// Names besides those of the loopback under which it may be asked, lower case, without port.
    hosts: Vec<String>,
}

impl Admin {
    /// `token`: the content of the token file, less surrounding white space. An empty token opens nothing.
    pub fn new(gateway: Arc<Gateway>, token: Secret<Vec<u8>>, hosts: Vec<String>) -> Arc<Self> {
        Arc::new(Self { gateway, token, hosts })
    }

    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response<Bytes> {
        if let Some(refusal) = self.stranger(headers) {
            return refusal;
        }
        if method != Method::GET && method != Method::HEAD {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "this port is read-only\n");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        match path {
            "/healthz" => text(StatusCode::OK, "ok\n"),
            "/readyz" if self.gateway.is_ready() => text(StatusCode::OK, "ready\n"),
            "/readyz" => text(StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
            "/metrics" if self.is_authorized(headers) => {
                let mut response = Response::new(Bytes::from(self.gateway.metrics()));
                let version = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, version);
                guard(response)
            }
            "/metrics" => unauthorized(),
            _ => text(StatusCode::NOT_FOUND, "nothing here\n"),
        }
    }

    fn stranger(&self, headers: &HeaderMap) -> Option<Response<Bytes>> {
        let here = self.knows_host(headers) && !headers.contains_key(ORIGIN);
        (!here).then(|| text(StatusCode::FORBIDDEN, "not from here\n"))
    }

    /// Decisions, for whoever holds the token.
    async fn decide(&self, request: Request<RequestBody>) -> Response<Bytes> {
        if let Some(refusal) = self.stranger(request.headers()) {
            return refusal;
        }
        if !self.is_authorized(request.headers()) {
            return unauthorized();
        }
        let allowed = authzen::method(request.uri().path());
        if request.method() != allowed {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "another method is asked for here\n");
            let allow = if allowed == Method::GET { "GET" } else { "POST" };
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
            return response;
        }
        authzen::answer(&self.gateway, request).await
    }

    fn knows_host(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let host = without_port(host).to_ascii_lowercase();
        matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") || self.hosts.contains(&host)
    }

    fn is_authorized(&self, headers: &HeaderMap) -> bool {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (all.next(), all.next()) else { return false };
        let Some((scheme, token)) = value.as_bytes().split_at_checked(7) else { return false };
        let expected = self.token.expose();
        scheme.eq_ignore_ascii_case(b"bearer ")
            && !expected.is_empty()
            && aws_lc_rs::constant_time::verify_slices_are_equal(token, expected).is_ok()
    }
}

impl net::Handler for Admin {
    fn handle(self: Arc<Self>, _: &Connection, request: Request<RequestBody>) -> net::Handling {
        Box::pin(async move {
            if authzen::is_here(request.uri().path()) {
                return self.decide(request).await.map(ResponseBody::whole);
            }
            let head = request.method() == Method::HEAD;
            let response = self.answer(request.method(), request.uri().path(), request.headers());
            response.map(|bytes| if head { ResponseBody::empty() } else { ResponseBody::whole(bytes) })
        })
    }

    fn refuse_head(&self, _: &Connection, fault: HeadFault) -> Response<Bytes> {
        let status = StatusCode::from_u16(fault.code().status()).unwrap_or(StatusCode::BAD_REQUEST);
        text(status, "not understood\n")
    }
}

fn unauthorized() -> Response<Bytes> {
    let mut response = text(StatusCode::UNAUTHORIZED, "the token is missing or wrong\n");
    let challenge = HeaderValue::from_static("Bearer realm=\"bartizan admin\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

fn text(status: StatusCode, body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    guard(response)
}

fn guard(mut response: Response<Bytes>) -> Response<Bytes> {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
