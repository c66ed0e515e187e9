//! Connections of HTTP/2: a few, each with many requests, each driven by one task of its own.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use http::uri::{Authority, Parts, PathAndQuery, Uri};
use http::{HeaderValue, Request, header};
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use super::body::UpstreamBody;
use super::http1::Answered;
use super::request::RequestHead;
use super::upload::Load;
use super::{Failure, Pool, Scheme, Trial, UpstreamError};
use crate::{Fields, head};

/// Connections to one service: one may be slowed by a single lost packet, and by the service's limit on streams.
pub(super) const LINES: usize = 4;
const STREAM_WINDOW_BYTES: u32 = 256 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 2 << 20;
const HEAD_BYTES_MAX: u32 = 64 << 10;
const RESETS_MAX: usize = 64;

pub(super) struct Lines {
    lines: Vec<Line>,
    next: AtomicUsize,
}

impl Lines {
    /// At least one, at most [`LINES`].
    pub(super) fn new(lines_max: usize) -> Self {
        let lines = std::iter::repeat_with(Line::default).take(lines_max.clamp(1, LINES)).collect();
        Self { lines, next: AtomicUsize::new(0) }
    }
}

#[derive(Default)]
struct Line {
    open: Mutex<Option<(SendRequest<Load>, SocketAddr)>>,
    /// Held while one connection is opened, so that a crowd opens one and not many.
    opening: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Lines")
    }
}

pub(super) async fn send(
    pool: &Pool,
    lines: &Lines,
    request: &RequestHead,
    load: &mut Option<Load>,
    trial: Trial,
) -> Result<Answered, Failure> {
    let turn = lines.next.fetch_add(1, Ordering::Relaxed) % lines.lines.len().max(1);
    let Some(line) = lines.lines.get(turn) else {
        return Err(Failure::unsent(UpstreamError::unreachable("no connection")));
    };
    // Who waits for another's dialling to fail, and then dials, is not to wait once for each that came before.
    let (mut sender, address, reused) = tokio::time::timeout(trial.patience, line.get(pool))
        .await
        .unwrap_or(Err(UpstreamError::timeout("connecting took too long")))
        .map_err(Failure::unsent)?;
    tokio::time::timeout(trial.patience, sender.ready())
        .await
        .map_err(|_| Failure::unsent(UpstreamError::timeout("the service takes no further request")))?
        .map_err(|_| stale(reused, true))?;
    let mut body = load.take().unwrap_or_else(|| Load::whole(bytes::Bytes::new()));
    let taken = body.count_pieces();
    let request = compose(pool, request, body)?;
    let mut answering = std::pin::pin!(sender.try_send_request(request));
    let mut seen = taken.load(Ordering::Relaxed);
    let answered = loop {
        match tokio::time::timeout(trial.patience, &mut answering).await {
            Ok(answered) => break answered,
            Err(_) if taken.load(Ordering::Relaxed) != seen => seen = taken.load(Ordering::Relaxed),
            Err(_) => {
                let error = UpstreamError::timeout("the service did not answer in time");
                return Err(Failure { error, was_stale: false, is_unsent: false, heard: false });
            }
        }
    };
    let response = answered.map_err(|mut fault| {
        let unsent = fault.take_message();
        let is_unsent = unsent.is_some();
        *load = unsent.map(Request::into_body);
        stale(reused, is_unsent)
    })?;
    head::length_of(response.headers())
        .map_err(|_| UpstreamError::invalid("the answer's length is not stated once and in one way"))?;
    let (head, incoming) = response.into_parts();
    let body = UpstreamBody::http2(incoming, pool.body);
    let (status, version, fields) = (head.status, head.version, Fields::from(head.headers));
    Ok(Answered { status, version, fields, body, address, reused, at: Instant::now() })
}

fn stale(reused: bool, is_unsent: bool) -> Failure {
    let error = UpstreamError::unreachable("the connection ended before an answer");
    Failure { error, was_stale: reused, is_unsent, heard: false }
}

impl Line {
    async fn get(&self, pool: &Pool) -> Result<(SendRequest<Load>, SocketAddr, bool), UpstreamError> {
        if let Some((sender, address)) = self.current() {
            return Ok((sender, address, true));
        }
        let _opening = self.opening.lock().await;
        if let Some((sender, address)) = self.current() {
            return Ok((sender, address, true));
        }
        let (stream, address) = pool.dialer.dial().await?;
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_header_list_size(HEAD_BYTES_MAX)
            .max_concurrent_reset_streams(RESETS_MAX)
            .keep_alive_interval(pool.head)
            .keep_alive_timeout(pool.head);
        let (sender, connection) = tokio::time::timeout(pool.head, builder.handshake(TokioIo::new(stream)))
            .await
            .map_err(|_| UpstreamError::timeout("the HTTP/2 handshake took too long"))?
            .map_err(|_| UpstreamError::unreachable("the HTTP/2 handshake failed"))?;
        // Ends by itself with the last sender or with the connection.
        tokio::spawn(connection);
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some((sender.clone(), address));
        Ok((sender, address, false))
    }

    fn current(&self) -> Option<(SendRequest<Load>, SocketAddr)> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_some_and(|(sender, _)| sender.is_closed()) {
            *open = None;
        }
        open.clone()
    }
}

fn compose(pool: &Pool, head: &RequestHead, load: Load) -> Result<Request<Load>, UpstreamError> {
    let invalid = |_| UpstreamError::unreachable("the request cannot be told in HTTP/2");
    let mut headers = head.fields();
    let host = headers.remove(header::HOST);
    let host = host.as_ref().map(HeaderValue::as_bytes);
    let mut uri = Parts::default();
    uri.scheme = Some(match pool.dialer.scheme {
        Scheme::Http => http::uri::Scheme::HTTP,
        Scheme::Https => http::uri::Scheme::HTTPS,
    });
    uri.authority =
        Some(Authority::try_from(host.unwrap_or(pool.dialer.authority.as_bytes())).map_err(invalid)?);
    let untold = |_| UpstreamError::unreachable("the target cannot be told");
    uri.path_and_query = Some(PathAndQuery::try_from(head.target()).map_err(untold)?);
    let mut request = Request::new(load);
    *request.method_mut() = head.method().clone();
    *request.uri_mut() =
        Uri::from_parts(uri).map_err(|_| UpstreamError::unreachable("the target cannot be told"))?;
    *request.headers_mut() = headers;
    Ok(request)
}
