//! Connections of HTTP/1.1: one request at a time, driven by whoever waits for the answer; no task of their own.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use http::{Method, Request, Response, StatusCode, header, request};
use http_body::Body;

use super::answer::{Answer, Head};
use super::body::UpstreamBody;
use super::upload::{Load, Upload, UploadFault};
use super::{Dialer, Failure, Pool, Trial, UpstreamError, UpstreamErrorKind};
use crate::body::{BodyError, Patience};
use crate::encode::{self, Framing, Outgoing};
use crate::stream::Stream;
use crate::tunnel::Handshake;
use crate::workers;

/// A connection and what was read ahead on it.
pub(crate) struct Wire {
    pub stream: Stream,
    pub buffer: BytesMut,
    pub address: SocketAddr,
    /// Used by one wait after the other.
    pub patience: Patience,
}

/// Connections that wait for their next request, the latest used on top.
///
/// Each worker has its own: a connection is woken by the thread that opened it, so it stays with that thread.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    idle: Arc<[Mutex<Vec<Resting>>]>,
    idle_for: Duration,
    /// Of each worker.
    idle_max: usize,
}

#[derive(Debug)]
struct Resting {
    wire: Box<Wire>,
    since: Instant,
}

impl Wire {
    fn new((stream, address): (Stream, SocketAddr)) -> Self {
        Self { stream, buffer: BytesMut::new(), address, patience: Patience::new(Duration::ZERO) }
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Wire({})", self.address)
    }
}

pub(super) struct Answered {
    pub response: Response<UpstreamBody>,
    pub address: SocketAddr,
    pub reused: bool,
}

impl Shelf {
    pub(super) fn new(idle_for: Duration, idle_max: usize) -> Self {
        let cores = workers::cores();
        let idle = (0..cores).map(|_| Mutex::default()).collect();
        Self { idle, idle_for, idle_max: idle_max.div_ceil(cores) }
    }

    fn own(&self) -> MutexGuard<'_, Vec<Resting>> {
        let number = workers::number() % self.idle.len();
        #[allow(clippy::indexing_slicing, reason = "a remainder, and there is at least one core")]
        self.idle[number].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that is still open, as far as can be seen.
    fn take(&self) -> Option<Box<Wire>> {
        loop {
            let mut resting = self.own().pop()?;
            if resting.since.elapsed() < self.idle_for && is_quiet(&mut resting.wire) {
                return Some(resting.wire);
            }
        }
    }

    pub(super) fn put(&self, mut wire: Box<Wire>) {
        Stream::shrink(&mut wire.buffer);
        let now = Instant::now();
        let mut idle = self.own();
        let stale =
            idle.iter().take_while(|resting| now.duration_since(resting.since) >= self.idle_for).count();
        let surplus = (idle.len() + 1).saturating_sub(self.idle_max);
        let leaving = stale.max(surplus).min(idle.len());
        let gone: Vec<Resting> = idle.drain(..leaving).collect();
        if self.idle_max > 0 {
            idle.push(Resting { wire, since: now });
        }
        drop(idle);
        // Closed outside the lock.
        drop(gone);
    }

    /// Closes what has waited too long.
    pub(super) fn sweep(&self) {
        for idle in &*self.idle {
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            let stale = idle.iter().take_while(|resting| resting.since.elapsed() >= self.idle_for).count();
            let gone: Vec<Resting> = idle.drain(..stale).collect();
            drop(idle);
            drop(gone);
        }
    }
}

/// A service that says something unasked, or nothing more, is not spoken to again on this connection.
fn is_quiet(wire: &mut Wire) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    wire.buffer.is_empty() && wire.stream.poll_fill(&mut context, &mut wire.buffer).is_pending()
}

pub(super) async fn send(
    pool: &Pool,
    shelf: &Shelf,
    parts: &request::Parts,
    load: &mut Option<Load>,
    trial: Trial,
) -> Result<Answered, Failure> {
    let resting = if trial.may_reuse { shelf.take() } else { None };
    let reused = resting.is_some();
    let mut wire = match resting {
        Some(wire) => wire,
        None => Box::new(Wire::new(pool.dialer.dial().await.map_err(Failure::unsent)?)),
    };
    let address = wire.address;
    wire.patience.within(trial.patience);
    let load = load.take().unwrap_or_else(|| Load::whole(Bytes::new()));
    let mut trying = Trying::new(&pool.dialer.authority, parts, load);
    let offered = parts.extensions.get::<Handshake>();
    trying.answer.may_switch = offered.is_some();
    match poll_fn(|context| trying.poll(context, &mut wire)).await {
        Ok(head) if head.response.status() == StatusCode::SWITCHING_PROTOCOLS => {
            if trying.upload.is_some()
                || !offered.is_some_and(|offered| offered.is_agreed(head.response.headers()))
            {
                let error =
                    UpstreamError::invalid("the service did not agree to the handshake that it was offered");
                return Err(error.into());
            }
            Ok(Answered { response: head.response.map(|()| UpstreamBody::switched(wire)), address, reused })
        }
        Ok(head) => {
            let home = (head.keep_alive && !trying.is_stuck).then(|| shelf.clone());
            let body = UpstreamBody::http1(wire, head.body, pool.body, trying.upload, home);
            Ok(Answered { response: head.response.map(|()| body), address, reused })
        }
        Err(error) => {
            let was_stale = reused && !trying.heard && error.kind == UpstreamErrorKind::Unreachable;
            Err(Failure { error, was_stale, is_unsent: false, heard: trying.heard })
        }
    }
}

/// One request on a connection of its own, to one of exactly these addresses.
pub(crate) async fn send_once<B>(
    dialer: &Dialer,
    addresses: &[SocketAddr],
    request: Request<B>,
    patience: Duration,
) -> Result<Response<UpstreamBody>, UpstreamError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BodyError>,
{
    let mut wire = Box::new(Wire::new(dialer.dial_one_of(addresses).await?));
    let (parts, body) = request.into_parts();
    let load = Load::whole(super::gather(body).await?);
    wire.patience.within(patience);
    let mut trying = Trying::new(&dialer.authority, &parts, load);
    let head = poll_fn(|context| trying.poll(context, &mut wire)).await?;
    let body = UpstreamBody::http1(wire, head.body, patience, trying.upload, None);
    Ok(head.response.map(|()| body))
}

fn write_head(authority: &str, parts: &request::Parts, load: &Load) -> Outgoing {
    let framing = match load.size_hint().exact() {
        Some(0) if !matches!(parts.method, Method::POST | Method::PUT | Method::PATCH) => Framing::None,
        Some(length) => Framing::Length(length),
        None => Framing::Chunked,
    };
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut front = encode::front_for(load.size_hint().exact());
    front.put_slice(parts.method.as_str().as_bytes());
    front.put_slice(b" ");
    front.put_slice(target.as_bytes());
    front.put_slice(b" HTTP/1.1\r\n");
    if !parts.headers.contains_key(header::HOST) {
        front.put_slice(b"host: ");
        front.put_slice(authority.as_bytes());
        front.put_slice(b"\r\n");
    }
    encode::put_headers(&mut front, &parts.headers);
    encode::put_framing(&mut front, framing);
    if parts.extensions.get::<Handshake>().is_some() {
        front.put_slice(b"connection: Upgrade\r\nupgrade: websocket\r\n");
    }
    front.put_slice(b"\r\n");
    Outgoing::new(front, framing)
}

struct Trying<'m> {
    method: &'m Method,
    /// `None` when the request is written whole.
    upload: Option<Upload>,
    answer: Answer,
    /// The service took no more of the request: an answer may still come, another request may not.
    is_stuck: bool,
    /// A byte of an answer came.
    heard: bool,
}

impl<'m> Trying<'m> {
    fn new(authority: &str, parts: &'m request::Parts, mut load: Load) -> Self {
        let mut outgoing = write_head(authority, parts, &load);
        if !outgoing.is_ended
            && let Some(whole) = load.take_whole()
        {
            outgoing.put_whole(whole);
        }
        Self {
            method: &parts.method,
            upload: Some(Upload { outgoing, load }),
            answer: Answer::default(),
            is_stuck: false,
            heard: false,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, wire: &mut Wire) -> Poll<Result<Head, UpstreamError>> {
        self.poll_upload(context, wire)?;
        loop {
            match wire.stream.poll_fill(context, &mut wire.buffer) {
                Poll::Ready(Ok(read)) if read > 0 => {
                    self.heard = true;
                    if let Some(head) = self.answer.advance(&mut wire.buffer, self.method)? {
                        return Poll::Ready(Ok(head));
                    }
                }
                Poll::Ready(_) if self.heard => {
                    return Poll::Ready(Err(UpstreamError::invalid(
                        "the connection ended within the answer's head",
                    )));
                }
                Poll::Ready(_) => {
                    return Poll::Ready(Err(UpstreamError::unreachable(
                        "the connection ended before an answer",
                    )));
                }
                Poll::Pending => {
                    std::task::ready!(wire.patience.poll(context));
                    return Poll::Ready(Err(UpstreamError::timeout("the service did not answer in time")));
                }
            }
        }
    }

    fn poll_upload(&mut self, context: &mut Context<'_>, wire: &mut Wire) -> Result<(), UpstreamError> {
        let Some(upload) = &mut self.upload else { return Ok(()) };
        if self.is_stuck {
            return Ok(());
        }
        let before = upload.progress();
        match upload.poll(context, &mut wire.stream) {
            Poll::Ready(Ok(())) => {
                self.upload = None;
                wire.patience.rest();
            }
            Poll::Ready(Err(UploadFault::Body(fault))) => return Err(UpstreamError::request_body(fault)),
            Poll::Ready(Err(UploadFault::Wire)) => self.is_stuck = true,
            Poll::Pending if upload.progress() != before => wire.patience.rest(),
            Poll::Pending => {}
        }
        Ok(())
    }
}
