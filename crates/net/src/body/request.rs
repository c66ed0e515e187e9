//! The body of a request, read from the socket when it is asked for and not before.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::RecvStream;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

use super::{BodyError, Pace};
use crate::chunked::{Decoder, Step};
use crate::memory::Held;
use crate::stream::Stream;

/// What is gathered for one piece when large ones are asked for: as much as a connection's buffer grows to anyway.
const LARGE_PIECE_BYTES: usize = 72 << 10;

/// A request's body. Trailers are dropped. Without a poll nothing is read and no `100 Continue` is sent.
pub struct RequestBody(Source);

/// What takes room is in a box: most requests have no body, and every request's is handed on and on.
enum Source {
    Empty,
    Whole(Bytes),
    Wire(Box<Wire>),
    Http2(Box<Http2>),
}

struct Wire {
    /// Whoever reads on must not keep the connection when its loop has ended: that closes it.
    channel: Weak<Mutex<Channel>>,
    pace: Pace,
    /// How much of a body of known length a piece has, unless it is the last.
    least: usize,
}

struct Http2 {
    incoming: RecvStream,
    /// Of the length that the head states.
    left: Option<u64>,
    pace: Pace,
    /// Told when the body is waited for, if somebody wants to know.
    wanted: Option<Arc<Notify>>,
}

/// A connection of HTTP/1 as its loop and the body of its current request share it.
pub(crate) struct Channel {
    pub stream: Stream,
    /// Received and not yet read.
    pub buffer: BytesMut,
    pub body: Decoder,
    /// What is left to write of `100 Continue`, which goes out when the body is first waited for.
    pub interim: &'static [u8],
    /// The body ended before its end, or is read by nobody any more: where the next request would begin is not known.
    pub has_failed: bool,
    /// What is gathered for a large piece, while the rest of it is waited for.
    pub held: Held,
}

impl RequestBody {
    pub fn empty() -> Self {
        Self(Source::Empty)
    }

    /// A body that is already there.
    pub fn whole(bytes: Bytes) -> Self {
        Self(if bytes.is_empty() { Source::Empty } else { Source::Whole(bytes) })
    }

    pub(crate) fn wire(channel: &Arc<Mutex<Channel>>, between_pieces: Duration, rate_min: u64) -> Self {
        let (channel, pace) = (Arc::downgrade(channel), Pace::new(between_pieces, rate_min));
        Self(Source::Wire(Box::new(Wire { channel, pace, least: 0 })))
    }

    /// For whoever wants the body whole: a body that is not large comes as one piece, gathered where it is read into
    /// instead of copied together.
    #[must_use]
    pub fn in_large_pieces(mut self) -> Self {
        if let Source::Wire(wire) = &mut self.0 {
            wire.least = LARGE_PIECE_BYTES;
        }
        self
    }

    /// `length`: as the head states it; h2 sees to it that it is true.
    pub(crate) fn http2(
        incoming: RecvStream,
        length: Option<u64>,
        between_pieces: Duration,
        rate_min: u64,
    ) -> Self {
        if incoming.is_end_stream() {
            return Self::empty();
        }
        let pace = Pace::new(between_pieces, rate_min);
        Self(Source::Http2(Box::new(Http2 { incoming, left: length, pace, wanted: None })))
    }

    /// Of HTTP/2: tells when the body is first waited for.
    pub(crate) fn telling(mut self, wanted_by: Option<Arc<Notify>>) -> Self {
        if let Source::Http2(stream) = &mut self.0 {
            stream.wanted = wanted_by;
        }
        self
    }
}

impl std::fmt::Debug for RequestBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("RequestBody")
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let source = &mut self.get_mut().0;
        match source {
            Source::Empty => Poll::Ready(None),
            Source::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                *source = Source::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Source::Wire(wire) => {
                let Wire { channel, pace, least } = &mut **wire;
                let Some(channel) = channel.upgrade() else {
                    return Poll::Ready(Some(Err(BodyError::Truncated)));
                };
                let piece = ready!(lock(&channel).poll_piece(context, pace, *least));
                Poll::Ready(piece.transpose().map(|piece| piece.map(Frame::data)))
            }
            Source::Http2(stream) => {
                let Http2 { incoming, left, pace, wanted } = &mut **stream;
                let data = match incoming.poll_data(context) {
                    Poll::Ready(data) => data,
                    Poll::Pending => {
                        if let Some(wanted) = wanted.take() {
                            wanted.notify_one();
                        }
                        ready!(pace.poll_wait(context));
                        return Poll::Ready(Some(Err(BodyError::TimedOut)));
                    }
                };
                let Some(data) = data else { return Poll::Ready(None) };
                let Ok(data) = data else { return Poll::Ready(Some(Err(BodyError::Truncated))) };
                if !pace.moved(data.len()) {
                    return Poll::Ready(Some(Err(BodyError::TimedOut)));
                }
                // The client may send as much again.
                if incoming.flow_control().release_capacity(data.len()).is_err() {
                    return Poll::Ready(Some(Err(BodyError::Truncated)));
                }
                *left = left.map(|left| left.saturating_sub(data.len() as u64));
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Empty => true,
            Source::Whole(_) => false,
            Source::Wire(wire) => wire.channel.upgrade().is_some_and(|channel| lock(&channel).body.is_done()),
            Source::Http2(stream) => stream.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Empty => SizeHint::with_exact(0),
            Source::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Source::Wire(wire) => {
                let left = wire.channel.upgrade().and_then(|channel| lock(&channel).body.remaining());
                left.map_or_else(SizeHint::new, SizeHint::with_exact)
            }
            Source::Http2(stream) => stream.left.map_or_else(SizeHint::new, SizeHint::with_exact),
        }
    }
}

impl Channel {
    /// The next piece of the current body; `None` after the last. One of a body of known length has at least `least`
    /// bytes, or is the last.
    pub(crate) fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
        pace: &mut Pace,
        least: usize,
    ) -> Poll<Result<Option<Bytes>, BodyError>> {
        let piece = self.poll_next_piece(context, pace, least);
        self.has_failed |= matches!(piece, Poll::Ready(Err(_)));
        if piece.is_ready() {
            self.held.release();
        }
        piece
    }

    fn poll_next_piece(
        &mut self,
        context: &mut Context<'_>,
        pace: &mut Pace,
        least: usize,
    ) -> Poll<Result<Option<Bytes>, BodyError>> {
        if self.has_failed {
            return Poll::Ready(Err(BodyError::Truncated));
        }
        let wanted = self.body.coming(least);
        loop {
            if self.buffer.len() < wanted {
                Stream::make_room(&mut self.buffer, wanted);
            } else {
                match self.body.decode(&mut self.buffer)? {
                    Step::Data(data) => {
                        let is_timely = pace.moved(data.len());
                        return Poll::Ready(if is_timely {
                            Ok(Some(data))
                        } else {
                            Err(BodyError::TimedOut)
                        });
                    }
                    Step::Done => return Poll::Ready(Ok(None)),
                    Step::More => {}
                }
            }
            match self.poll_more(context) {
                Poll::Ready(Ok(0)) | Poll::Ready(Err(_)) => return Poll::Ready(Err(BodyError::Truncated)),
                Poll::Ready(Ok(_)) if wanted > 0 => {
                    if !pace.gathers(self.buffer.len()) {
                        return Poll::Ready(Err(BodyError::TimedOut));
                    }
                }
                // Bytes that complete no piece do not count as progress: a size line has as long as a piece.
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => {
                    if wanted > 0 && !self.held.grow_to(self.buffer.len()) {
                        return Poll::Ready(Err(BodyError::NoRoom));
                    }
                    ready!(pace.poll_wait(context));
                    return Poll::Ready(Err(BodyError::TimedOut));
                }
            }
        }
    }

    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<usize>> {
        ready!(self.poll_interim(context))?;
        self.stream.poll_fill(context, &mut self.buffer)
    }

    /// Writes what is left of `100 Continue`.
    pub(crate) fn poll_interim(&mut self, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        use tokio::io::AsyncWrite;
        if self.interim.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !self.interim.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, self.interim))?;
            self.interim = self.interim.get(written..).unwrap_or_default();
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }
}

pub(crate) fn lock(channel: &Mutex<Channel>) -> MutexGuard<'_, Channel> {
    channel.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
