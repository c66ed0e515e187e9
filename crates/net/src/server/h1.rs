//! One connection of HTTP/1: head, handler, response, and again. Everything happens in the connection's own task;
//! the body is read from the socket by whoever polls it.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use http::{Method, Response, Version};
use tokio::io::AsyncWrite;

use super::gone::unless_gone;
use super::reading::{Next, Reading};
use super::respond::{self, Sending, Terms};
use super::{Connection, Ended, Handler, Handling, House};
use crate::body::{Channel, Pace, lock};
use crate::chunked::Decoder;
use crate::head::{self, Head};
use crate::stream::Stream;
use crate::{HeadFault, RequestBody, ResponseBody};

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// What HTTP/2 with prior knowledge begins with, as far as it looks like a head (RFC 9113 section 3.4).
const PREFACE_HEAD: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";
/// An unread rest of a body up to this size is read, so that the connection can go on.
const DRAIN_BYTES_MAX: u64 = 64 << 10;
/// How long a closing connection listens on, so that a reset does not overtake the answer (RFC 9112 section 9.6).
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES_MAX: usize = 1 << 20;

/// Serves until the connection ends. `Some` when the client turned out to speak HTTP/2: the stream, and what was read.
pub(super) async fn run<H: Handler + ?Sized>(
    stream: Stream,
    connection: Connection,
    house: &House<H>,
) -> Option<(Stream, BytesMut)> {
    let channel = Arc::new(Mutex::new(Channel {
        stream,
        buffer: BytesMut::new(),
        body: Decoder::Done,
        interim: b"",
        has_failed: false,
        held: house.memory.hold(),
    }));
    let http2 = !connection.tls && connection.local.ip().is_loopback();
    let begun = std::pin::pin!(house.shutdown.idle_over());
    let mut reading = Reading::new(
        &channel,
        &house.limits,
        &house.places,
        &house.memory,
        &house.tally,
        &house.shutdown,
        begun,
    );
    let mut is_first = true;
    loop {
        let read = match reading.next_head().await {
            Ok(Next::Closed) => return None,
            Ok(Next::Head { raw, .. }) if http2 && is_first && raw == PREFACE_HEAD => {
                drop(reading);
                let channel = Arc::into_inner(channel)?.into_inner().ok()?;
                let mut received = BytesMut::from(raw.as_ref());
                received.extend_from_slice(&channel.buffer);
                return Some((channel.stream, received));
            }
            Ok(Next::Head { raw, lines }) => head::parse(&raw, lines, &house.limits),
            Err(fault) => Err(fault),
        };
        is_first = false;
        let fault = match read {
            Ok(head) if house.is_asked_for(head.scheme, &connection) => {
                let has_body = !head.body.is_done();
                let (handling, terms) = hand_over(&channel, head, &connection, house);
                let answering = std::pin::pin!(answer(&channel, handling, terms, has_body, house));
                if !reading.attend(answering).await {
                    return None;
                }
                continue;
            }
            Ok(_) => HeadFault::SchemeMismatch,
            Err(fault) => fault,
        };
        if fault == HeadFault::NoRoom {
            house.tally.add(Ended::MemoryFull);
        }
        reading.attend(Box::pin(refuse(&channel, fault, &connection, house)).as_mut()).await;
        return None;
    }
}

/// Gives a request to the handler, and says what its answer is to be like.
fn hand_over<H: Handler + ?Sized>(
    channel: &Arc<Mutex<Channel>>,
    head: Head,
    connection: &Connection,
    house: &House<H>,
) -> (Handling, Terms) {
    let body = if head.body.is_done() {
        RequestBody::empty()
    } else {
        let mut shared = lock(channel);
        shared.body = head.body;
        shared.interim = if head.expects_continue { CONTINUE } else { b"" };
        RequestBody::wire(channel, house.limits.body, house.limits.body_rate_min)
    };
    let terms = Terms {
        to_head: *head.request.method() == Method::HEAD,
        http_10: head.request.version() == Version::HTTP_10,
        keep_alive: head.keep_alive,
        stall: house.limits.idle,
        rate_min: house.limits.answer_rate_min,
    };
    (Arc::clone(&house.handler).handle(connection, head.request.map(|()| body)), terms)
}

/// Sends the answer to a request when it is there; `true` when another request may follow.
async fn answer<H: Handler + ?Sized>(
    channel: &Arc<Mutex<Channel>>,
    handling: Handling,
    mut terms: Terms,
    has_body: bool,
    house: &House<H>,
) -> bool {
    let Some(mut response) = unless_gone(channel, handling).await else {
        house.tally.add(Ended::Gone);
        lock(channel).stream.reset_on_close();
        return false;
    };
    if let Some(tunnel) = response.body_mut().take_tunnel() {
        Box::pin(crate::tunnel::run(channel, response.map(|_| ()), tunnel)).await;
        return false;
    }
    terms.keep_alive &= !house.shutdown.is_begun() && (!has_body || may_go_on(channel));
    let mut sending = Sending::new(response, terms);
    let sent = poll_fn(|context| sending.poll(context, channel)).await;
    // What is left of it may hold a connection that another request can use.
    drop(sending);
    match sent {
        Ok(true) if !has_body || drain(channel).await => true,
        Ok(_) => {
            close(channel).await;
            false
        }
        Err(error) => {
            if error.kind() == std::io::ErrorKind::TimedOut {
                house.tally.add(Ended::SlowReader);
            }
            lock(channel).stream.reset_on_close();
            false
        }
    }
}

async fn refuse<H: Handler + ?Sized>(
    channel: &Arc<Mutex<Channel>>,
    fault: HeadFault,
    connection: &Connection,
    house: &House<H>,
) {
    let response: Response<ResponseBody> =
        house.handler.refuse_head(connection, fault).map(ResponseBody::whole);
    let terms =
        Terms { to_head: false, http_10: false, keep_alive: false, stall: house.limits.head, rate_min: 0 };
    if respond::send(channel, response, terms).await.is_ok() {
        close(channel).await;
    }
}

/// Whether the connection can outlive the answer, as far as the request's body is concerned.
fn may_go_on(channel: &Arc<Mutex<Channel>>) -> bool {
    // Counted before the lock: who points here is a body that is still being read.
    let is_read_on = Arc::weak_count(channel) > 0;
    let mut shared = lock(channel);
    if shared.body.is_done() {
        return true;
    }
    // After this answer the client may send the body or not: only closing is unambiguous (RFC 9110 section 10.1.1).
    let not_continued = shared.interim.len() == CONTINUE.len();
    if not_continued {
        shared.interim = b"";
    }
    !not_continued
        && !shared.has_failed
        && (is_read_on || shared.body.remaining().is_some_and(|left| left <= DRAIN_BYTES_MAX))
}

/// Reads what is left of the body, within bounds; `true` when there is nothing left.
async fn drain(channel: &Arc<Mutex<Channel>>) -> bool {
    if lock(channel).body.is_done() {
        return true;
    }
    if Arc::weak_count(channel) > 0
        || lock(channel).body.remaining().is_none_or(|left| left > DRAIN_BYTES_MAX)
    {
        return false;
    }
    let mut pace = Pace::new(LINGER, 0);
    let drained = poll_fn(|context| {
        loop {
            match ready!(lock(channel).poll_piece(context, &mut pace, 0)) {
                Ok(Some(_)) => {}
                Ok(None) => return Poll::Ready(true),
                Err(_) => return Poll::Ready(false),
            }
        }
    });
    tokio::time::timeout(LINGER, drained).await.unwrap_or(false)
}

/// Says that no more will be sent, and listens a little longer.
async fn close(channel: &Arc<Mutex<Channel>>) {
    // What is heard from here on is thrown away: of a body that somebody still reads it would be missing.
    lock(channel).has_failed = true;
    let mut heard = 0;
    let closing = poll_fn(|context| ready_shutdown(channel, context));
    let listening = async {
        let _ = closing.await;
        poll_fn(|context| {
            loop {
                let shared = &mut *lock(channel);
                shared.buffer.clear();
                match ready!(shared.stream.poll_fill(context, &mut shared.buffer)) {
                    Ok(read) if read > 0 && heard < LINGER_BYTES_MAX => heard += read,
                    _ => return Poll::Ready(()),
                }
            }
        })
        .await;
    };
    let _ = tokio::time::timeout(LINGER, listening).await;
}

fn ready_shutdown(
    channel: &Mutex<Channel>,
    context: &mut std::task::Context<'_>,
) -> Poll<std::io::Result<()>> {
    Pin::new(&mut lock(channel).stream).poll_shutdown(context)
}
