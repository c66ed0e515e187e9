//! Connections of HTTP/1.1: one request at a time, driven by whoever waits for the answer; no task of their own.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response, StatusCode, Version};
use http_body::Body;

use super::answer::{Afterwards, Answer, Head};
use super::body::UpstreamBody;
use super::request::RequestHead;
use super::upload::{Load, Upload, UploadFault};
use super::{Dialer, Failure, Pool, Trial, UpstreamError, UpstreamErrorKind};
use crate::Fields;
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
    /// Watched until then.
    until: Option<Instant>,
}

/// How long a connection is watched: a packet behind another may wait for its acknowledgement, which may be delayed
/// by 40 ms.
const WATCH: Duration = Duration::from_millis(100);

/// Where a connection goes when its answer is read.
pub(super) struct Home<'s> {
    pub shelf: &'s Shelf,
    pub now: Instant,
    /// See [`Afterwards::Watched`].
    pub is_watched: bool,
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
    pub status: StatusCode,
    pub version: Version,
    pub fields: Fields,
    pub body: UpstreamBody,
    pub address: SocketAddr,
    pub reused: bool,
    /// When its head was there.
    pub at: Instant,
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
    fn take(&self, now: Instant) -> Option<Box<Wire>> {
        loop {
            let mut resting = {
                let mut idle = self.own();
                let at = idle.iter().rposition(|resting| resting.until.is_none_or(|until| until <= now))?;
                idle.remove(at)
            };
            if now.saturating_duration_since(resting.since) < self.idle_for && is_quiet(&mut resting.wire) {
                return Some(resting.wire);
            }
        }
    }

    pub(super) fn put(&self, mut wire: Box<Wire>, now: Instant, is_watched: bool) {
        Stream::shrink(&mut wire.buffer);
        let mut idle = self.own();
        let is_stale = |resting: &Resting| now.saturating_duration_since(resting.since) >= self.idle_for;
        let has_room = idle.len() < self.idle_max && !idle.first().is_some_and(is_stale);
        let gone = if has_room { Vec::new() } else { self.leaving(&mut idle, is_stale) };
        if self.idle_max > 0 {
            idle.push(Resting { wire, since: now, until: is_watched.then(|| now + WATCH) });
        }
        drop(idle);
        // Closed outside the lock.
        drop(gone);
    }

    /// Those that make room for another: the ones that have waited too long, and the oldest of too many.
    #[cold]
    fn leaving(&self, idle: &mut Vec<Resting>, is_stale: impl Fn(&Resting) -> bool) -> Vec<Resting> {
        let stale = idle.iter().take_while(|resting| is_stale(resting)).count();
        let surplus = (idle.len() + 1).saturating_sub(self.idle_max);
        let leaving = stale.max(surplus).min(idle.len());
        idle.drain(..leaving).collect()
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
    wire.buffer.is_empty() && wire.stream.is_quiet()
}

pub(super) async fn send(
    pool: &Pool,
    shelf: &Shelf,
    request: &RequestHead,
    load: &mut Option<Load>,
    trial: Trial,
) -> Result<Answered, Failure> {
    let mut attempt = match Attempt::begin(pool, shelf, request, load, trial) {
        Some(attempt) => attempt,
        None => {
            // What dialling took is not the service's time to answer.
            let mut wire = Box::new(Wire::new(pool.dialer.dial().await.map_err(Failure::unsent)?));
            wire.patience.within(trial.patience);
            Attempt::new(pool, request, load, wire, false)
        }
    };
    let outcome = poll_fn(|context| attempt.poll(context)).await;
    attempt.end(pool, load, outcome)
}

/// One request on one connection, until the head of the answer.
pub(super) struct Attempt<'m> {
    wire: Box<Wire>,
    trying: Trying<'m>,
    offered: Option<&'m Handshake>,
    reused: bool,
}

impl<'m> Attempt<'m> {
    /// On a connection that waits for its next request; `None` where there is none, and then `load` is as it was.
    pub(super) fn begin(
        pool: &Pool,
        shelf: &Shelf,
        request: &'m RequestHead,
        load: &mut Option<Load>,
        trial: Trial,
    ) -> Option<Self> {
        let mut wire = if trial.may_reuse { shelf.take(trial.begun)? } else { return None };
        wire.patience.within_from(trial.patience, trial.begun);
        Some(Self::new(pool, request, load, wire, true))
    }

    fn new(
        pool: &Pool,
        request: &'m RequestHead,
        load: &mut Option<Load>,
        wire: Box<Wire>,
        reused: bool,
    ) -> Self {
        let load = load.take().unwrap_or_else(|| Load::whole(Bytes::new()));
        let mut trying = Trying::new(&pool.dialer.authority, request, load);
        trying.is_to_be_quiet = reused;
        let offered = request.handshake();
        trying.answer.may_switch = offered.is_some();
        Self { wire, trying, offered, reused }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Head, UpstreamError>> {
        self.trying.poll(context, &mut self.wire)
    }

    /// `outcome` is what [`Self::poll`] gave. What can be sent elsewhere is in `load` again.
    pub(super) fn end(
        self,
        pool: &Pool,
        load: &mut Option<Load>,
        outcome: Result<Head, UpstreamError>,
    ) -> Result<Answered, Failure> {
        let Self { wire, trying, offered, reused } = self;
        match outcome {
            Ok(head) if head.status == StatusCode::SWITCHING_PROTOCOLS => {
                let is_whole = trying.upload.is_none();
                switched(wire, head, offered.filter(|_| is_whole), reused)
            }
            Ok(head) => {
                let at = Instant::now();
                let address = wire.address;
                let is_watched = head.afterwards == Afterwards::Watched;
                let is_kept = head.afterwards != Afterwards::Closed && !trying.is_stuck;
                let home = pool.shelf().filter(|_| is_kept).map(|shelf| Home { shelf, now: at, is_watched });
                let body = UpstreamBody::http1(wire, head.body, pool.body, trying.upload, home);
                let Head { status, version, fields, .. } = head;
                Ok(Answered { status, version, fields, body, address, reused, at })
            }
            Err(error) => Err(trying.failed(error, reused, load)),
        }
    }
}

/// An answer that ends HTTP on its connection: good when the whole request was read, and the handshake is the one that was
/// offered.
#[cold]
fn switched(
    wire: Box<Wire>,
    head: Head,
    offered: Option<&Handshake>,
    reused: bool,
) -> Result<Answered, Failure> {
    let table = head.fields.clone().into_table();
    if !offered.is_some_and(|offered| offered.is_agreed(&table)) {
        let error = UpstreamError::invalid("the service did not agree to the handshake that it was offered");
        return Err(error.into());
    }
    let Head { status, version, fields, .. } = head;
    let address = wire.address;
    let body = UpstreamBody::switched(wire);
    Ok(Answered { status, version, fields, body, address, reused, at: Instant::now() })
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
    let head = RequestHead::of(&parts)?;
    wire.patience.within(patience);
    let mut trying = Trying::new(&dialer.authority, &head, load);
    let head = poll_fn(|context| trying.poll(context, &mut wire)).await?;
    let body = UpstreamBody::http1(wire, head.body, patience, trying.upload, None);
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    *response.version_mut() = head.version;
    *response.headers_mut() = head.fields.into_table();
    Ok(response)
}

fn write_head(authority: &str, head: &RequestHead, load: &Load) -> Outgoing {
    let length = load.size_hint().exact();
    let framing = match length {
        Some(0) if !matches!(*head.method(), Method::POST | Method::PUT | Method::PATCH) => Framing::None,
        Some(length) => Framing::Length(length),
        None => Framing::Chunked,
    };
    let mut front = encode::front_for(length);
    head.write(&mut front, authority, framing);
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
    /// The request was not written at once, so that its end is not where the wait began.
    is_slow: bool,
    /// Nothing is written yet, on a connection that has served before: what comes on it now answers nothing that was
    /// asked. After the first byte of the request it is an answer, however early.
    is_to_be_quiet: bool,
}

impl<'m> Trying<'m> {
    #[cold]
    fn failed(self, error: UpstreamError, reused: bool, load: &mut Option<Load>) -> Failure {
        let was_stale = reused && !self.heard && error.kind == UpstreamErrorKind::Unreachable;
        let (is_unsent, heard) = (self.is_to_be_quiet, self.heard);
        if is_unsent {
            *load = self.upload.and_then(|upload| upload.load.unread());
        }
        Failure { error, was_stale, is_unsent, heard }
    }

    fn new(authority: &str, head: &'m RequestHead, mut load: Load) -> Self {
        let mut outgoing = write_head(authority, head, &load);
        if !outgoing.is_ended
            && let Some(whole) = load.take_whole()
        {
            outgoing.put_whole(whole);
        }
        Self {
            method: head.method(),
            upload: Some(Upload { outgoing, load }),
            answer: Answer::default(),
            is_stuck: false,
            heard: false,
            is_slow: false,
            is_to_be_quiet: false,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, wire: &mut Wire) -> Poll<Result<Head, UpstreamError>> {
        if let Some(upload) = &mut self.upload {
            ready!(upload.outgoing.poll_turn(context));
        }
        if self.is_to_be_quiet {
            // While others had their turn, the service may have spoken, or closed.
            if !is_quiet(wire) {
                return Poll::Ready(Err(UpstreamError::unreachable(
                    "the connection ended before the request",
                )));
            }
            self.is_to_be_quiet = false;
        }
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
                    ready!(wire.patience.poll(context));
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
                if self.is_slow {
                    wire.patience.rest();
                }
            }
            Poll::Ready(Err(UploadFault::Body(fault))) => return Err(UpstreamError::request_body(fault)),
            Poll::Ready(Err(UploadFault::Wire)) => self.is_stuck = true,
            Poll::Pending => {
                self.is_slow = true;
                if upload.progress() != before {
                    wire.patience.rest();
                }
            }
        }
        Ok(())
    }
}
