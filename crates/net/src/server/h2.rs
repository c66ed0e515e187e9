//! One connection of HTTP/2: hyper's, hardened by its settings, with the heads held to the same rules as HTTP/1.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::uri::Uri;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::Notify;

use super::{Connection, Handler, House};
use crate::stream::{Rewound, Stream};
use crate::{BodyError, HeadFault, Limits, RequestBody, ResponseBody, head, hop};

/// Requests of a connection at a time.
const STREAMS_MAX: u32 = 128;
/// Bytes that a client may send ahead, by stream and by connection.
const STREAM_WINDOW_BYTES: u32 = 64 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;
/// Bytes of a response that wait for the client's window.
const SEND_BYTES_MAX: usize = 64 << 10;
const FRAME_BYTES_MAX: u32 = 16 << 10;
/// Streams that a client may reset, or make us reset, before the connection is ended ("rapid reset").
const RESETS_MAX: usize = 32;
/// Requests that a client may cancel after they reached the handler, beyond one for every two that were answered.
const CANCELLED_MAX: u64 = 100;

pub(super) async fn run<H: Handler + ?Sized>(
    stream: Stream,
    received: BytesMut,
    connection: Connection,
    house: Arc<House<H>>,
) {
    let pulse = Arc::new(Pulse::default());
    let (limits, shutdown) = (house.limits, house.shutdown.clone());
    let service = {
        let pulse = Arc::clone(&pulse);
        service_fn(move |request| {
            let beat = Beat::new(&pulse);
            answer(request, connection, Arc::clone(&house), beat)
        })
    };
    let io = TokioIo::new(Rewound::new(received.freeze(), stream));
    let mut serving = std::pin::pin!(builder(&limits).serve_connection(io, service));
    let mut begun = std::pin::pin!(shutdown.begun());
    let mut is_leaving = false;
    let mut seen = pulse.beats();
    loop {
        tokio::select! {
            _ended = &mut serving => return,
            () = pulse.flooded.notified() => return,
            () = &mut begun, if !is_leaving => {
                is_leaving = true;
                serving.as_mut().graceful_shutdown();
            }
            () = tokio::time::sleep(limits.idle) => {
                let beats = pulse.beats();
                match () {
                    () if beats != seen => seen = beats,
                    // A GOAWAY that led to nothing, or requests that nobody takes the answers of.
                    () if is_leaving || pulse.active.load(Ordering::Relaxed) > 0 => return,
                    () => {
                        is_leaving = true;
                        serving.as_mut().graceful_shutdown();
                    }
                }
            }
        }
    }
}

fn builder(limits: &Limits) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(limits.head_bytes_max).unwrap_or(u32::MAX))
        .max_local_error_reset_streams(RESETS_MAX)
        .max_pending_accept_reset_streams(RESETS_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_frame_size(FRAME_BYTES_MAX)
        .max_send_buf_size(SEND_BYTES_MAX)
        .keep_alive_interval(limits.idle)
        .keep_alive_timeout(limits.head);
    builder
}

async fn answer<H: Handler + ?Sized>(
    mut request: Request<Incoming>,
    connection: Connection,
    house: Arc<House<H>>,
    beat: Beat,
) -> Result<Response<Beating>, Infallible> {
    let to_head = *request.method() == Method::HEAD;
    let mut response = match normalise(&mut request, &house.limits) {
        Ok(()) => {
            let (between, rate_min) = (house.limits.body, house.limits.body_rate_min);
            let request = request.map(|incoming| RequestBody::http2(incoming, between, rate_min));
            Arc::clone(&house.handler).handle(&connection, request).await
        }
        Err(fault) => house.handler.refuse_head(&connection, fault).map(ResponseBody::whole),
    };
    reframe(&mut response, to_head);
    Ok(response.map(|body| Beating::new(body, beat)))
}

/// Brings a head into the form that HTTP/1 has: origin form and exactly one `Host`.
fn normalise(request: &mut Request<Incoming>, limits: &Limits) -> Result<(), HeadFault> {
    if *request.method() == Method::CONNECT {
        return Err(HeadFault::Connect);
    }
    if request.headers().len() > limits.headers_max {
        return Err(HeadFault::HeadersTooMany);
    }
    let host = host(request)?;
    head::length_of(request.headers())?;
    let target = match request.uri().path_and_query() {
        Some(target) if target.as_str() == "*" && *request.method() != Method::OPTIONS => {
            return Err(HeadFault::Target);
        }
        Some(target) if target.as_str().is_ascii() => target.clone(),
        _ => return Err(HeadFault::Target),
    };
    if target.as_str().len() > limits.target_bytes_max {
        return Err(HeadFault::TargetTooLong);
    }
    *request.uri_mut() = Uri::from(target);
    request.headers_mut().insert(header::HOST, host);
    join_cookies(request);
    Ok(())
}

/// `:authority`, or `Host` where there is none; where there are both they must agree (RFC 9113 section 8.3.1).
fn host(request: &Request<Incoming>) -> Result<HeaderValue, HeadFault> {
    let mut values = request.headers().get_all(header::HOST).into_iter();
    let host = values.next();
    if values.next().is_some() {
        return Err(HeadFault::HostRepeated);
    }
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let (text, value) = match (authority, host) {
        (None, None) => return Err(HeadFault::HostMissing),
        (Some(authority), None) => {
            (authority, HeaderValue::from_str(authority).map_err(|_| HeadFault::HostInvalid)?)
        }
        (authority, Some(host)) => {
            let text = host.to_str().map_err(|_| HeadFault::HostInvalid)?;
            if authority.is_some_and(|authority| !head::agrees(authority, text)) {
                return Err(HeadFault::HostMismatch);
            }
            (text, host.clone())
        }
    };
    if head::is_well_formed(text) { Ok(value) } else { Err(HeadFault::HostInvalid) }
}

/// HTTP/2 may cut a Cookie field into crumbs; beyond here there is one field (RFC 9113 section 8.2.3).
fn join_cookies(request: &mut Request<Incoming>) {
    let crumbs: Vec<&[u8]> =
        request.headers().get_all(header::COOKIE).into_iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() > 1
        && let Ok(cookie) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        request.headers_mut().insert(header::COOKIE, cookie);
    }
}

/// Says the length anew, and sends no body where none may be.
fn reframe(response: &mut Response<ResponseBody>, to_head: bool) {
    hop::strip_hop_by_hop(response.headers_mut());
    if response.status().is_informational() {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        *response.body_mut() = ResponseBody::empty();
    }
    let status = response.status();
    let exact = response.body().size_hint().exact();
    let told = head::length_of(response.headers()).ok().flatten();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    let length = match exact {
        _ if status == StatusCode::NO_CONTENT => None,
        _ if status == StatusCode::NOT_MODIFIED => told,
        Some(exact) if to_head => told.or(Some(exact).filter(|length| *length > 0)),
        None if to_head => told,
        exact => exact,
    };
    if to_head || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        *response.body_mut() = ResponseBody::empty();
    }
    if let Some(length) = length {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// Whether anything moves on a connection, and how it ends.
#[derive(Default)]
struct Pulse {
    active: AtomicUsize,
    beats: AtomicU64,
    answered: AtomicU64,
    cancelled: AtomicU64,
    /// Rung when the client cancels more than it takes answers.
    flooded: Notify,
}

impl Pulse {
    fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }
}

/// One request's part in the pulse, from its head to the end of its answer.
struct Beat {
    pulse: Arc<Pulse>,
    is_answered: bool,
}

impl Beat {
    fn new(pulse: &Arc<Pulse>) -> Self {
        pulse.active.fetch_add(1, Ordering::Relaxed);
        pulse.beats.fetch_add(1, Ordering::Relaxed);
        Self { pulse: Arc::clone(pulse), is_answered: false }
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        self.pulse.active.fetch_sub(1, Ordering::Relaxed);
        self.pulse.beats.fetch_add(1, Ordering::Relaxed);
        if self.is_answered {
            self.pulse.answered.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let cancelled = self.pulse.cancelled.fetch_add(1, Ordering::Relaxed) + 1;
        if cancelled > CANCELLED_MAX + self.pulse.answered.load(Ordering::Relaxed) / 2 {
            self.pulse.flooded.notify_one();
        }
    }
}

struct Beating {
    body: ResponseBody,
    beat: Beat,
}

impl Beating {
    fn new(body: ResponseBody, mut beat: Beat) -> Self {
        beat.is_answered = body.is_end_stream();
        Self { body, beat }
    }
}

impl Body for Beating {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.beat.pulse.beats.fetch_add(1, Ordering::Relaxed);
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        // A failure is not of the client's making either.
        self.beat.is_answered = !matches!(frame, Some(Ok(_))) || self.body.is_end_stream();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
