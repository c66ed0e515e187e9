//! Writes a response: head and first piece in one system call where they are there together, then piece by piece, and
//! never more than one piece ahead of the client.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use http::{Response, StatusCode, header};
use http_body::Body;

use crate::ResponseBody;
use crate::body::{Channel, Pace, Turn, lock};
use crate::encode::{self, Framing, Outgoing};
use crate::fields::Kind;
use crate::head;
use crate::stream::Outbox;

/// What the request asks of the answer's form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub to_head: bool,
    pub http_10: bool,
    pub keep_alive: bool,
    /// How long the client may take nothing.
    pub stall: Duration,
    /// Bytes a second that it takes.
    pub rate_min: u64,
}

/// An answer on its way out.
pub(super) struct Sending {
    outgoing: Outgoing,
    body: ResponseBody,
    pace: Pace,
    keep_alive: bool,
}

/// `true` when the connection may be used again. An error means that the client has not got the whole answer.
pub(super) async fn send(
    channel: &Mutex<Channel>,
    response: Response<ResponseBody>,
    terms: Terms,
) -> io::Result<bool> {
    let mut sending = Sending::new(response, terms);
    poll_fn(|context| sending.poll(context, channel)).await
}

impl Sending {
    /// Writes the head, and the body behind it where that is there whole.
    pub(super) fn new(response: Response<ResponseBody>, terms: Terms) -> Self {
        let (mut parts, mut body) = response.into_parts();
        let fields = body.take_fields();
        if parts.status.is_informational() {
            // Nothing to say for good: not an answer.
            parts.status = StatusCode::INTERNAL_SERVER_ERROR;
            body = ResponseBody::empty();
        }
        let bodiless =
            terms.to_head || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let exact = body.size_hint().exact();
        let framing = match exact {
            _ if bodiless => Framing::None,
            Some(length) => Framing::Length(length),
            None if terms.http_10 => Framing::Close,
            None => Framing::Chunked,
        };
        let keep_alive = terms.keep_alive && framing != Framing::Close;

        let mut front = encode::front_for(exact.filter(|_| !bodiless));
        put_status(&mut front, parts.status);
        fields.write(&mut front, &parts.headers);
        encode::put_headers(&mut front, &parts.headers);
        encode::put_framing(&mut front, framing);
        if bodiless && parts.status != StatusCode::NO_CONTENT {
            // What a GET would have been told (RFC 9110 section 8.6).
            let told =
                head::length_of(&parts.headers).ok().flatten().or_else(|| fields.length().ok().flatten());
            let own = exact.filter(|length| terms.to_head && *length > 0);
            if let Some(length) = told.or(own) {
                encode::put_length(&mut front, length);
            }
        }
        if !parts.headers.contains_key(header::DATE) && fields.values(Kind::Date).next().is_none() {
            encode::put_line(&mut front, b"date", &crate::date::now());
        }
        match (keep_alive, terms.http_10) {
            (false, _) => front.put_slice(b"connection: close\r\n"),
            (true, true) => front.put_slice(b"connection: keep-alive\r\n"),
            (true, false) => {}
        }
        front.put_slice(b"\r\n");

        let mut outgoing = Outgoing::new(front, framing);
        if bodiless {
            // What was to be sent may hold a connection that another request can use.
            body = ResponseBody::empty();
        } else if let Some(whole) = body.take_whole() {
            outgoing.put_whole(whole);
        }
        Self { outgoing, body, pace: Pace::new(terms.stall, terms.rate_min), keep_alive }
    }

    /// As [`send`].
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        channel: &Mutex<Channel>,
    ) -> Poll<io::Result<bool>> {
        let Self { outgoing, body, pace, keep_alive } = self;
        poll_all(context, channel, outgoing, body, pace).map_ok(|()| *keep_alive)
    }
}

fn poll_all(
    context: &mut Context<'_>,
    channel: &Mutex<Channel>,
    outgoing: &mut Outgoing,
    body: &mut ResponseBody,
    pace: &mut Pace,
) -> Poll<io::Result<()>> {
    ready!(outgoing.poll_turn(context));
    let mut turn = Turn::default();
    loop {
        let waits = match outgoing.gather(context, Pin::new(&mut *body)) {
            Poll::Ready(gathered) => {
                gathered.map_err(|_| io::ErrorKind::UnexpectedEof)?;
                false
            }
            Poll::Pending => true,
        };
        let moved = outgoing.out.len();
        ready!(poll_flush(context, channel, &mut outgoing.out, pace))?;
        match () {
            () if outgoing.is_ended => return Poll::Ready(Ok(())),
            () if waits => return Poll::Pending,
            () if turn.is_over(moved, context) => return Poll::Pending,
            () => {}
        }
    }
}

fn poll_flush(
    context: &mut Context<'_>,
    channel: &Mutex<Channel>,
    out: &mut Outbox,
    pace: &mut Pace,
) -> Poll<io::Result<()>> {
    let shared = &mut *lock(channel);
    // Half of a `100 Continue` must not be torn by the answer.
    ready!(shared.poll_interim(context))?;
    let before = out.len();
    let sent = shared.stream.poll_send(context, out);
    let written = before - out.len();
    if written > 0 && !pace.moved(written) {
        return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
    }
    if sent.is_pending() {
        ready!(pace.poll_wait(context));
        return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
    }
    sent
}

fn put_status(front: &mut BytesMut, status: StatusCode) {
    if status == StatusCode::OK {
        return front.put_slice(b"HTTP/1.1 200 OK\r\n");
    }
    let reason = status.canonical_reason().unwrap_or_default();
    encode::put_all(front, [b"HTTP/1.1 ", status.as_str().as_bytes(), b" ", reason.as_bytes(), b"\r\n"]);
}
