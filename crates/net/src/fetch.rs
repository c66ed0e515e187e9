//! Small requests of our own to others: key sets, discovery, introspection, telemetry. Only to public addresses unless
//! the configuration names more, never redirected, never more than asked for.

mod guard;
mod url;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body::Body;
use http_body_util::Full;

use crate::tls::{Roots, Securing, TlsError};
use crate::upstream::{self, Dialer, Scheme, UpstreamError, UpstreamErrorKind};
use url::Url;

pub use guard::Guard;
pub(crate) use guard::smuggles_v4;

/// Fetches. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Fetcher {
    guard: Arc<Guard>,
    tls: Securing,
}

/// An answer, whatever its status. A redirection is an answer like any other: nothing follows it.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The text is fixed: it holds neither the address nor anything that was sent or received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("the URL is not an absolute http or https URL without userinfo")]
    Url,
    #[error(
        "the host has no address that may be reached; networks beyond the public ones are named in `egress.allow`"
    )]
    AddressRefused,
    #[error("cleartext is for addresses that are allowed by name; use https")]
    Cleartext,
    #[error("the answer did not arrive in time")]
    TimedOut,
    #[error("the answer is larger than is accepted")]
    TooLarge,
    #[error("{0}")]
    Failed(UpstreamError),
}

impl Fetcher {
    /// `roots`: the authorities that servers' certificates may descend from.
    pub fn new(guard: Guard, roots: &Roots) -> Result<Self, TlsError> {
        Ok(Self { guard: Arc::new(guard), tls: Securing { config: roots.client(b"http/1.1")?, name: None } })
    }

    /// GET, at most `bytes_max` of body, all within `timeout`.
    pub async fn get(&self, url: &str, bytes_max: usize, timeout: Duration) -> Result<Fetched, FetchError> {
        let request =
            Request::builder().method(Method::GET).header(header::ACCEPT, "application/json, */*;q=0.1");
        self.fetch(url, request.body(Full::default()).map_err(|_| FetchError::Url)?, bytes_max, timeout).await
    }

    /// POST of `application/x-www-form-urlencoded`; `authorization` is the whole value of that field and is treated as
    /// secret.
    pub async fn post_form(
        &self,
        url: &str,
        authorization: Option<&str>,
        form: Bytes,
        bytes_max: usize,
        timeout: Duration,
    ) -> Result<Fetched, FetchError> {
        let mut request = post("application/x-www-form-urlencoded", form)?;
        if let Some(authorization) = authorization {
            let mut value = HeaderValue::from_str(authorization).map_err(|_| FetchError::Url)?;
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        self.fetch(url, request, bytes_max, timeout).await
    }

    /// POST of anything.
    pub async fn post(
        &self,
        url: &str,
        content_type: &str,
        body: Bytes,
        bytes_max: usize,
        timeout: Duration,
    ) -> Result<Fetched, FetchError> {
        self.fetch(url, post(content_type, body)?, bytes_max, timeout).await
    }

    /// Anything; the URL is the request's URI.
    pub async fn send(
        &self,
        request: Request<Bytes>,
        bytes_max: usize,
        timeout: Duration,
    ) -> Result<Fetched, FetchError> {
        let url = request.uri().to_string();
        self.fetch(&url, request.map(Full::new), bytes_max, timeout).await
    }

    async fn fetch(
        &self,
        url: &str,
        request: Request<Full<Bytes>>,
        bytes_max: usize,
        timeout: Duration,
    ) -> Result<Fetched, FetchError> {
        let url = Url::parse(url).ok_or(FetchError::Url)?;
        tokio::time::timeout(timeout, self.fetch_patiently(url, request, bytes_max, timeout))
            .await
            .unwrap_or(Err(FetchError::TimedOut))
    }

    async fn fetch_patiently(
        &self,
        url: Url,
        mut request: Request<Full<Bytes>>,
        bytes_max: usize,
        timeout: Duration,
    ) -> Result<Fetched, FetchError> {
        // Resolved once: what is checked here is what is connected to, whatever the name says a moment later.
        let found = upstream::resolve(&url.host, url.port).await.map_err(failed)?;
        let addresses = self.permitted(&url, &found)?;
        *request.uri_mut() = url.target;
        let tls = (url.scheme == Scheme::Https).then(|| self.tls.clone());
        let dialer = Dialer::new(url.scheme, &url.host, url.port, tls, timeout);
        let response = upstream::send_once(&dialer, &addresses, request, timeout).await.map_err(failed)?;
        let (parts, mut body) = response.into_parts();
        let mut bytes = BytesMut::new();
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            let frame =
                frame.map_err(|_| failed(UpstreamError::invalid("the answer's body is not whole")))?;
            let Ok(piece) = frame.into_data() else { continue };
            if bytes.len() + piece.len() > bytes_max {
                return Err(FetchError::TooLarge);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Fetched { status: parts.status, headers: parts.headers, body: bytes.freeze() })
    }

    fn permitted(&self, url: &Url, found: &[SocketAddr]) -> Result<Vec<SocketAddr>, FetchError> {
        let reachable: Vec<SocketAddr> =
            found.iter().copied().filter(|address| self.guard.permits(address.ip())).collect();
        if reachable.is_empty() {
            return Err(FetchError::AddressRefused);
        }
        if url.scheme == Scheme::Https {
            return Ok(reachable);
        }
        let named: Vec<SocketAddr> =
            reachable.into_iter().filter(|address| self.guard.is_allowed_by_name(address.ip())).collect();
        if named.is_empty() { Err(FetchError::Cleartext) } else { Ok(named) }
    }
}

fn post(content_type: &str, body: Bytes) -> Result<Request<Full<Bytes>>, FetchError> {
    Request::builder()
        .method(Method::POST)
        .header(header::CONTENT_TYPE, content_type)
        .body(Full::new(body))
        .map_err(|_| FetchError::Url)
}

fn failed(error: UpstreamError) -> FetchError {
    match error.kind {
        UpstreamErrorKind::Timeout => FetchError::TimedOut,
        _ => FetchError::Failed(error),
    }
}

#[cfg(test)]
mod tests;
