//! Heads and chunks as they are written. Framing is always our own; nothing of the other side's is copied.

use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName};
use http_body::Body;

use crate::body::BodyError;
use crate::hop;
use crate::stream::Outbox;

/// Small pieces are gathered up to here before they are written.
const GATHER_BYTES: usize = 8 << 10;

/// Pieces up to this size are copied next to what precedes them rather than named in a vector.
const COPY_BYTES_MAX: usize = 4 << 10;

/// Messages up to this size wait for each other to be written together.
const SHORT_BYTES_MAX: usize = 16 << 10;

/// Room for a usual head.
const HEAD_BYTES: usize = 1 << 10;

/// Buffers for heads that a thread keeps: a request's own is in use until its answer begins.
const FRONTS_MAX: usize = 32;

thread_local! {
    static FRONTS: RefCell<Vec<BytesMut>> = const { RefCell::new(Vec::new()) };
    static GIVES_WAY: Cell<bool> = const { Cell::new(false) };
}

/// Whether a task of this thread has given way since the last question: it is woken already, and whoever polls it need
/// not arrange for being woken by anything else.
pub(crate) fn has_given_way() -> bool {
    GIVES_WAY.replace(false)
}

/// An empty buffer with room for a head, and for the body behind it where that is to be copied.
pub(crate) fn front_for(body_bytes: Option<u64>) -> BytesMut {
    let mut front = FRONTS.with_borrow_mut(Vec::pop).unwrap_or_default();
    let body =
        body_bytes.and_then(|bytes| usize::try_from(bytes).ok()).filter(|bytes| *bytes <= COPY_BYTES_MAX);
    front.reserve(HEAD_BYTES + body.unwrap_or(0));
    front
}

/// Takes a buffer back whose bytes are written.
pub(crate) fn give_back(mut front: BytesMut) {
    // A larger one would be held for nothing, and one of which a part is elsewhere cannot be used again.
    if (HEAD_BYTES..=HEAD_BYTES + COPY_BYTES_MAX).contains(&front.capacity()) {
        front.clear();
        FRONTS.with_borrow_mut(|fronts| {
            if fronts.len() < FRONTS_MAX {
                fronts.push(front);
            }
        });
    }
}

/// How the receiver learns where the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// No body and no statement.
    None,
    Length(u64),
    Chunked,
    /// By closing; only towards a client of HTTP/1.0.
    Close,
}

/// A message on its way out: what waits to be written, and how much of the body that is.
pub(crate) struct Outgoing {
    pub out: Outbox,
    pub framing: Framing,
    sent: u64,
    /// The last piece is in the outbox.
    pub is_ended: bool,
    has_given_way: bool,
}

impl Outgoing {
    /// `front` holds the head.
    pub(crate) fn new(front: BytesMut, framing: Framing) -> Self {
        let out = Outbox { front, ..Outbox::default() };
        Self { out, framing, sent: 0, is_ended: framing == Framing::None, has_given_way: false }
    }

    /// `Pending` once, when a short message is complete: what else has arrived on this thread is read first, and then
    /// one message is written after the other.
    ///
    /// Messages that are written together find the way through the kernel in the processor's caches, and those who wait
    /// for them awake from the first on.
    pub(crate) fn poll_turn(&mut self, context: &Context<'_>) -> Poll<()> {
        let waits = !self.has_given_way && self.is_ended && self.out.len() <= SHORT_BYTES_MAX;
        self.has_given_way = true;
        if waits {
            context.waker().wake_by_ref();
            GIVES_WAY.set(true);
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Changes with every byte that is taken from the body or given to the socket.
    pub(crate) fn progress(&self) -> u64 {
        (self.sent << 1).wrapping_sub(self.out.len() as u64)
    }

    /// Puts a body that is there whole, and its end.
    pub(crate) fn put_whole(&mut self, whole: Bytes) {
        if !whole.is_empty() {
            put_piece(&mut self.out, self.framing, whole);
        }
        put_end(&mut self.out, self.framing);
        self.is_ended = true;
    }

    /// Takes pieces until there is enough to write. `Pending`: the body has nothing more for now. A body that is not as
    /// long as was said is an error, before the surplus is written.
    pub(crate) fn gather<B>(
        &mut self,
        context: &mut Context<'_>,
        mut body: Pin<&mut B>,
    ) -> Poll<Result<(), BodyError>>
    where
        B: Body<Data = Bytes, Error = BodyError> + ?Sized,
    {
        // A tail that waits stands behind everything else: nothing is put in front of what it ends.
        while !self.is_ended
            && self.out.data.is_empty()
            && self.out.tail.is_empty()
            && self.out.front.len() < GATHER_BYTES
        {
            match ready!(body.as_mut().poll_frame(context)).transpose()? {
                Some(frame) => {
                    // Trailers end here: the receiver was not told to expect them.
                    let Ok(piece) = frame.into_data() else { continue };
                    if piece.is_empty() {
                        continue;
                    }
                    self.sent += piece.len() as u64;
                    if matches!(self.framing, Framing::Length(length) if self.sent > length) {
                        return Poll::Ready(Err(BodyError::Length));
                    }
                    put_piece(&mut self.out, self.framing, piece);
                    self.is_ended = body.is_end_stream();
                }
                None => self.is_ended = true,
            }
            if self.is_ended {
                if matches!(self.framing, Framing::Length(length) if self.sent != length) {
                    return Poll::Ready(Err(BodyError::Length));
                }
                put_end(&mut self.out, self.framing);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        give_back(std::mem::take(&mut self.out.front));
    }
}

/// Writes the end-to-end fields: neither framing nor what belongs to a hop.
pub(crate) fn put_headers(front: &mut BytesMut, headers: &HeaderMap) {
    for (name, value) in headers {
        put_field(front, name, value.as_bytes());
    }
}

/// Writes one field, unless it is of the framing or of a hop.
pub(crate) fn put_field(front: &mut BytesMut, name: &HeaderName, value: &[u8]) {
    let name = name.as_str().as_bytes();
    // `Expect` was met by us; nobody sends it in an answer.
    if hop::stays(name) {
        return;
    }
    put_line(front, name, value);
}

/// Writes a field's line, whatever it is.
pub(crate) fn put_line(front: &mut BytesMut, name: &[u8], value: &[u8]) {
    put_all(front, [name, b": ", value, b"\r\n"]);
}

/// Writes one piece behind the other; looks for room once.
pub(crate) fn put_all<const N: usize>(front: &mut BytesMut, pieces: [&[u8]; N]) {
    front.reserve(pieces.iter().map(|piece| piece.len()).sum());
    for piece in pieces {
        front.extend_from_slice(piece);
    }
}

pub(crate) fn put_framing(front: &mut BytesMut, framing: Framing) {
    match framing {
        Framing::Length(length) => put_length(front, length),
        Framing::Chunked => front.put_slice(b"transfer-encoding: chunked\r\n"),
        Framing::None | Framing::Close => {}
    }
}

pub(crate) fn put_length(front: &mut BytesMut, length: u64) {
    put_line(front, b"content-length", itoa::Buffer::new().format(length).as_bytes());
}

/// Puts a piece of a body behind what already waits in the outbox, whose `data` and `tail` must be empty.
fn put_piece(out: &mut Outbox, framing: Framing, piece: Bytes) {
    let chunked = framing == Framing::Chunked;
    if chunked {
        // A `BytesMut` grows; writing to it does not fail.
        let _ = write!(out.front, "{:x}\r\n", piece.len());
    }
    if piece.len() <= COPY_BYTES_MAX {
        out.front.put_slice(&piece);
        if chunked {
            out.front.put_slice(b"\r\n");
        }
    } else {
        out.data = piece;
        out.tail = if chunked { b"\r\n" } else { b"" };
    }
}

/// Ends the body.
fn put_end(out: &mut Outbox, framing: Framing) {
    if framing == Framing::Chunked {
        match out.tail {
            b"" if out.data.is_empty() => out.front.put_slice(b"0\r\n\r\n"),
            _ => out.tail = b"\r\n0\r\n\r\n",
        }
    }
}

#[cfg(test)]
mod tests;
