//! The service behind the gateway: connections kept and chosen, requests sent with our own framing, answers held to
//! the same strictness as requests.

mod answer;
mod body;
mod dial;
mod error;
mod http1;
mod http2;
mod upload;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response};
use http_body::Body;

use crate::BodyError;
use crate::tls::{ClientTls, TlsError};
use upload::Load;

pub use body::UpstreamBody;
pub(crate) use dial::{Dialer, resolve};
pub use error::{UpstreamError, UpstreamErrorKind};
pub(crate) use http1::send_once;

/// `http` or `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    Http,
    Https,
}

/// Where a service is, and how long it is waited for.
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    pub scheme: Scheme,
    /// A name, an IPv4 address, or an IPv6 address with or without brackets.
    pub host: String,
    pub port: u16,
    /// HTTP/2: with ALPN under TLS, with prior knowledge in cleartext.
    pub http2: bool,
    /// Under `https`: how the service is recognised, and what it is shown.
    pub tls: ClientTls,
    /// Name resolution, TCP and TLS together.
    pub connect: Duration,
    /// From the last piece of the request to the end of the response's head.
    pub head: Duration,
    /// Between two pieces of the response's body.
    pub body: Duration,
    /// How long an unused connection is kept. Must be below the service's own patience.
    pub idle: Duration,
    /// Unused connections kept.
    pub idle_max: usize,
}

impl UpstreamConfig {
    /// With the defaults: connect 5 s, head 30 s, body 30 s, idle 4 s (Node.js closes after 5), 256 kept.
    pub fn new(scheme: Scheme, host: impl Into<String>, port: u16) -> Self {
        Self {
            scheme,
            host: host.into(),
            port,
            http2: false,
            tls: ClientTls::default(),
            connect: Duration::from_secs(5),
            head: Duration::from_secs(30),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(4),
            idle_max: 256,
        }
    }
}

/// Connections to one service. Opens nothing before the first request.
#[derive(Debug)]
pub struct Pool {
    dialer: Dialer,
    head: Duration,
    body: Duration,
    protocol: Protocol,
}

#[derive(Debug)]
enum Protocol {
    Http1(http1::Shelf),
    Http2(Box<http2::Lines>),
}

/// What came back, and how.
#[derive(Debug)]
pub struct Sent {
    pub response: Response<UpstreamBody>,
    /// The address that answered.
    pub address: SocketAddr,
    /// The connection had served another request before.
    pub reused: bool,
    /// 1, or 2 after a retry.
    pub attempts: u32,
    /// From the call to the response's head, in microseconds.
    pub head_us: u64,
}

impl Pool {
    /// Errors: the roots or the client certificate cannot be read, or there are none.
    pub fn new(config: UpstreamConfig) -> Result<Self, TlsError> {
        let protocol = match config.http2 {
            false => Protocol::Http1(http1::Shelf::new(config.idle, config.idle_max)),
            true => Protocol::Http2(Box::default()),
        };
        let alpn: &[u8] = if config.http2 { b"h2" } else { b"http/1.1" };
        let tls = match config.scheme {
            Scheme::Http => None,
            Scheme::Https => Some(config.tls.securing(alpn)?),
        };
        let dialer = Dialer::new(config.scheme, &config.host, config.port, tls, config.connect);
        Ok(Self { dialer, head: config.head, body: config.body, protocol })
    }

    /// Sends `request` and waits for the head of the answer.
    ///
    /// The target is the path and query of the URI. `Host` is the request's, or the configured one where it has none.
    /// Framing and hop-by-hop fields of the request are not copied, nor is `Expect`.
    ///
    /// `replayable`: the body is there whole (it is gathered first), so that the request may be sent a second time when a
    /// reused connection turns out to be closed before a byte of an answer came. Even then a method that is not
    /// idempotent is repeated only when the request had not been written whole (RFC 9110 section 9.2.2).
    pub async fn send<B>(&self, request: Request<B>, replayable: bool) -> Result<Sent, UpstreamError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let is_replayable = replayable || body.is_end_stream();
        let mut load = if is_replayable { Load::whole(gather(body).await?) } else { Load::stream(body) };
        let mut attempts = 1;
        loop {
            let copy = load.replay();
            let attempt = match &self.protocol {
                Protocol::Http1(shelf) => http1::send(self, shelf, &parts, load, attempts == 1).await,
                Protocol::Http2(lines) => http2::send(self, lines, &parts, load).await,
            };
            match (attempt, copy) {
                (Ok(answered), _) => {
                    let head_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
                    let http1::Answered { response, address, reused } = answered;
                    return Ok(Sent { response, address, reused, attempts, head_us });
                }
                (Err(failure), Some(copy)) if failure.may_be_repeated(&parts.method) && attempts == 1 => {
                    load = copy;
                    attempts = 2;
                }
                (Err(failure), _) => return Err(failure.error),
            }
        }
    }
}

/// An attempt that failed, and what is known of how far it came.
#[derive(Debug)]
struct Failure {
    error: UpstreamError,
    /// On a connection that had served before, without a byte of an answer.
    was_stale: bool,
    /// The service may have the whole request.
    was_written: bool,
}

impl Failure {
    fn may_be_repeated(&self, method: &Method) -> bool {
        self.was_stale && (method.is_idempotent() || !self.was_written)
    }
}

impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        Self { error, was_stale: false, was_written: true }
    }
}

async fn gather<B>(body: B) -> Result<Bytes, UpstreamError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BodyError>,
{
    let mut body = std::pin::pin!(body);
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    while let Some(frame) = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|fault| UpstreamError::request_body(fault.into()))?;
        let Ok(piece) = frame.into_data() else { continue };
        match first.take() {
            None if rest.is_empty() => first = Some(piece),
            None => rest.extend_from_slice(&piece),
            Some(before) => {
                rest.extend_from_slice(&before);
                rest.extend_from_slice(&piece);
            }
        }
    }
    Ok(first.unwrap_or_else(|| rest.freeze()))
}

#[cfg(test)]
mod tests;
