//! The service behind the gateway: connections kept and chosen, requests sent with our own framing, answers held to
//! the same strictness as requests.

mod answer;
mod body;
mod budget;
mod choose;
mod cluster;
mod dial;
mod endpoint;
mod error;
mod health;
mod http1;
mod http2;
mod names;
mod request;
mod upload;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode, Version};
use http_body::Body;

use crate::tls::{ClientTls, Securing, TlsError};
use crate::{BodyError, Fields};
use upload::Load;

pub use body::{Switched, UpstreamBody};
pub use cluster::{
    Cluster, ClusterConfig, ClusterCounts, Delivery, EndpointState, FailedTry, NameState, Retries, Target,
    Terms, Undelivered,
};
pub(crate) use dial::{Dialer, resolve};
pub use endpoint::Endpoints;
pub use error::{UpstreamError, UpstreamErrorKind};
pub use health::{Eject, Health};
pub(crate) use http1::send_once;
pub use names::Dns;
pub use request::{Piece, RequestHead, TargetFault, ValueFault};

/// `http` or `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    Http,
    Https,
}

/// Where a service is, and how long it is waited for.
#[derive(Debug, Clone, PartialEq)]
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
    /// How often it was sent, to whatever endpoint.
    pub attempts: u32,
    /// From the call to the response's head.
    pub took: Duration,
    /// Tries at other endpoints that came before.
    pub failed: Vec<FailedTry>,
}

/// Like [`Sent`], with the fields of the answer's head as they were read.
#[derive(Debug)]
pub struct Delivered {
    pub status: StatusCode,
    pub version: Version,
    pub fields: Fields,
    pub body: UpstreamBody,
    pub address: SocketAddr,
    pub reused: bool,
    pub attempts: u32,
    pub took: Duration,
    pub failed: Vec<FailedTry>,
}

impl From<Delivered> for Sent {
    fn from(delivered: Delivered) -> Self {
        let Delivered { status, version, fields, body, address, reused, attempts, took, failed } = delivered;
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.version_mut() = version;
        *response.headers_mut() = fields.into_table();
        Self { response, address, reused, attempts, took, failed }
    }
}

/// How one endpoint is asked.
#[derive(Debug, Clone, Copy)]
struct Trial {
    /// The request may reach the service twice.
    may_repeat: bool,
    /// A connection that has served before will do.
    may_reuse: bool,
    /// From the last piece of the request to the end of the response's head.
    patience: Duration,
    /// When it begins.
    begun: Instant,
}

impl Pool {
    /// Errors: the roots or the client certificate cannot be read, or there are none.
    pub fn new(config: UpstreamConfig) -> Result<Self, TlsError> {
        let securing = config.securing()?;
        Ok(Self::build(&config, None, securing, http2::LINES))
    }

    /// To exactly this address, whatever the host's name leads to. `lines_max`: connections of HTTP/2.
    fn at(
        config: &UpstreamConfig,
        address: SocketAddr,
        securing: Option<Securing>,
        lines_max: usize,
    ) -> Self {
        Self::build(config, Some(address), securing, lines_max)
    }

    fn build(
        config: &UpstreamConfig,
        address: Option<SocketAddr>,
        securing: Option<Securing>,
        lines_max: usize,
    ) -> Self {
        let protocol = match config.http2 {
            false => Protocol::Http1(http1::Shelf::new(config.idle, config.idle_max)),
            true => Protocol::Http2(Box::new(http2::Lines::new(lines_max))),
        };
        let dialer =
            Dialer::new(config.scheme, &config.host, config.port, securing, config.connect).at(address);
        Self { dialer, head: config.head, body: config.body, protocol }
    }

    /// Sends `request` and waits for the head of the answer.
    ///
    /// The target is the path and query of the URI. `Host` is the request's, or the configured one where it has none.
    /// Framing and hop-by-hop fields of the request are not copied, nor is `Expect`.
    ///
    /// `replayable`: the body is there whole (it is gathered first), so that a request whose method is idempotent
    /// (RFC 9110 section 9.2.2) may be sent a second time when a reused connection turns out to be closed before a byte
    /// of an answer came.
    pub async fn send<B>(&self, request: Request<B>, replayable: bool) -> Result<Sent, UpstreamError>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let is_replayable = replayable || body.is_end_stream();
        let mut load =
            Some(if is_replayable { Load::whole(gather(body).await?) } else { Load::stream(body) });
        let head = RequestHead::of(&parts)?;
        let may_repeat = parts.method.is_idempotent();
        let trial = Trial { may_repeat, may_reuse: true, patience: self.head, begun: started };
        let exchanged = self.exchange(&head, &mut load, trial, None).await;
        let (answered, attempts) = exchanged.map_err(|(failure, _)| failure.error)?;
        let http1::Answered { status, version, fields, body, address, reused, at } = answered;
        let took = at.saturating_duration_since(started);
        let failed = Vec::new();
        Ok(Delivered { status, version, fields, body, address, reused, attempts, took, failed }.into())
    }

    /// One try, or two when the first met a stale connection. The load is still there afterwards when nothing of it was
    /// sent, or when it may be sent again. With the answer or the failure comes how often the request was sent. `first` is
    /// a first try that has failed already, and its load once more.
    async fn exchange(
        &self,
        head: &RequestHead,
        load: &mut Option<Load>,
        mut trial: Trial,
        mut first: Option<(Failure, Option<Load>)>,
    ) -> Result<(http1::Answered, u32), (Failure, u32)> {
        let mut attempts = 1;
        loop {
            let (copy, attempt) = match first.take() {
                Some((failure, copy)) => (copy, Err(failure)),
                None => (load.as_ref().and_then(Load::replay), self.attempt(head, load, trial).await),
            };
            let failure = match attempt {
                Ok(answered) => return Ok((answered, attempts)),
                Err(failure) => failure,
            };
            if load.is_none() && (failure.is_unsent || trial.may_repeat) {
                *load = copy;
            }
            if attempts > 1 || !failure.was_stale || load.is_none() {
                return Err((failure, attempts));
            }
            attempts = 2;
            trial.may_reuse = false;
        }
    }

    async fn attempt(
        &self,
        head: &RequestHead,
        load: &mut Option<Load>,
        trial: Trial,
    ) -> Result<http1::Answered, Failure> {
        match &self.protocol {
            Protocol::Http1(shelf) => http1::send(self, shelf, head, load, trial).await,
            Protocol::Http2(lines) => Box::pin(http2::send(self, lines, head, load, trial)).await,
        }
    }

    /// A first try on a connection of HTTP/1 that is at hand; `None` where there is none, and then `load` is as it was.
    fn begin<'m>(
        &self,
        head: &'m RequestHead,
        load: &mut Option<Load>,
        trial: Trial,
    ) -> Option<http1::Attempt<'m>> {
        http1::Attempt::begin(self, self.shelf()?, head, load, trial)
    }

    fn shelf(&self) -> Option<&http1::Shelf> {
        match &self.protocol {
            Protocol::Http1(shelf) => Some(shelf),
            Protocol::Http2(_) => None,
        }
    }

    /// Closes connections that have waited too long for another request.
    fn sweep(&self) {
        if let Some(shelf) = self.shelf() {
            shelf.sweep();
        }
    }
}

impl UpstreamConfig {
    fn securing(&self) -> Result<Option<Securing>, TlsError> {
        let alpn: &[u8] = if self.http2 { b"h2" } else { b"http/1.1" };
        match self.scheme {
            Scheme::Http => Ok(None),
            Scheme::Https => self.tls.securing(alpn).map(Some),
        }
    }
}

/// An attempt that failed, and what is known of how far it came.
#[derive(Debug)]
struct Failure {
    error: UpstreamError,
    /// On a connection that had served before, without a byte of an answer.
    was_stale: bool,
    /// Nothing of the request can have reached the service.
    is_unsent: bool,
    /// A byte of an answer came.
    heard: bool,
}

impl Failure {
    fn unsent(error: UpstreamError) -> Self {
        Self { error, was_stale: false, is_unsent: true, heard: false }
    }

    /// A second try could go better, at another endpoint.
    fn is_of_the_endpoint(&self) -> bool {
        matches!(self.error.kind, UpstreamErrorKind::Unreachable | UpstreamErrorKind::Timeout) && !self.heard
    }
}

impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        Self { error, was_stale: false, is_unsent: false, heard: true }
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
