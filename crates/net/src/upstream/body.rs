//! The body of an answer, read when it is asked for; its connection goes back to the shelf with the last piece.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::endpoint::Lease;
use super::http1::{Home, Shelf, Wire};
use super::upload::{Upload, UploadFault};
use crate::body::{BodyError, Patience};
use crate::chunked::{Decoder, Step};

/// Pieces as they come. Dropped before its end, it closes its connection (HTTP/1) or resets its stream (HTTP/2).
pub struct UpstreamBody {
    source: Source,
    /// The endpoint's place, until the last byte.
    lease: Option<Lease>,
}

enum Source {
    Empty,
    /// It came together with its head.
    Whole(Bytes),
    Http1(Box<Reading>),
    Http2(Box<(Incoming, Patience)>),
    /// No body: the service has switched to the protocol that was offered.
    Switched(Box<Wire>),
}

/// A connection whose service has agreed to a handshake; see [`crate::tunnel`].
pub struct Switched {
    pub(crate) wire: Box<Wire>,
    /// The endpoint's place, for as long as it lasts.
    _lease: Option<Lease>,
}

impl UpstreamBody {
    pub(super) fn switched(wire: Box<Wire>) -> Self {
        Self { source: Source::Switched(wire), lease: None }
    }

    /// The connection behind a 101 that was offered; `None` for every other answer.
    pub fn into_switched(mut self) -> Option<Switched> {
        match std::mem::replace(&mut self.source, Source::Empty) {
            Source::Switched(wire) => Some(Switched { wire, _lease: self.lease.take() }),
            _ => None,
        }
    }

    /// `home` is where the connection goes when the body is read; `None`: nowhere. `upload` is the rest of a request that
    /// the service answered early.
    pub(super) fn http1(
        mut wire: Box<Wire>,
        mut body: Decoder,
        between_pieces: Duration,
        upload: Option<Upload>,
        home: Option<Home<'_>>,
    ) -> Self {
        let whole = if upload.is_none() { body.take_whole(&mut wire.buffer) } else { None };
        if body.is_done() {
            let is_reusable = upload.is_none() && wire.buffer.is_empty();
            if let Some(Home { shelf, now, is_watched }) = home.filter(|_| is_reusable) {
                shelf.put(wire, now, is_watched);
            }
            return Self::whole(whole.unwrap_or_default());
        }
        wire.patience.within(between_pieces);
        let home = home.map(|home| home.shelf.clone());
        let reading = Reading { wire: Some(wire), body, upload, home, client_failed: false };
        Self { source: Source::Http1(Box::new(reading)), lease: None }
    }

    /// A body that is there already.
    pub fn whole(bytes: Bytes) -> Self {
        let source = if bytes.is_empty() { Source::Empty } else { Source::Whole(bytes) };
        Self { source, lease: None }
    }

    /// Takes the body when it is there whole.
    pub fn take_whole(&mut self) -> Option<Bytes> {
        match std::mem::replace(&mut self.source, Source::Empty) {
            Source::Empty => Some(Bytes::new()),
            Source::Whole(whole) => {
                self.lease = None;
                Some(whole)
            }
            source => {
                self.source = source;
                None
            }
        }
    }

    pub(super) fn http2(incoming: Incoming, between_pieces: Duration) -> Self {
        Self { source: Source::Http2(Box::new((incoming, Patience::new(between_pieces)))), lease: None }
    }

    /// The place at the endpoint is held until the body has ended or is dropped.
    pub(super) fn holding(mut self, lease: Lease) -> Self {
        // Where there is nothing to read the endpoint has done its part.
        let is_held = !self.is_end_stream() || matches!(self.source, Source::Switched(_));
        self.lease = is_held.then_some(lease);
        self
    }

    fn poll_source(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.source {
            Source::Empty | Source::Switched(_) => Poll::Ready(None),
            Source::Whole(_) => Poll::Ready(self.take_whole().map(|whole| Ok(Frame::data(whole)))),
            Source::Http1(reading) => {
                let piece = ready!(reading.poll_piece(context));
                if !matches!(piece, Ok(Some(_))) {
                    if reading.client_failed {
                        // Nothing that speaks against the endpoint.
                        self.lease = None;
                    }
                    self.source = Source::Empty;
                }
                Poll::Ready(piece.transpose().map(|piece| piece.map(Frame::data)))
            }
            Source::Http2(stream) => {
                let (incoming, patience) = &mut **stream;
                let Poll::Ready(frame) = Pin::new(&mut *incoming).poll_frame(context) else {
                    ready!(patience.poll(context));
                    self.source = Source::Empty;
                    return Poll::Ready(Some(Err(BodyError::TimedOut)));
                };
                patience.rest();
                match frame {
                    Some(frame) => Poll::Ready(Some(frame.map_err(|_| BodyError::Truncated))),
                    // hyper takes a stream that is reset with NO_ERROR for one that has ended, and proxies reset like
                    // that what broke off behind them. It has ended when the service said so, or when all that it
                    // announced is there: after that it may reset a request that it does not want to hear out (RFC 9113
                    // section 8.1).
                    None if incoming.is_end_stream() || incoming.size_hint().exact() == Some(0) => {
                        Poll::Ready(None)
                    }
                    None => Poll::Ready(Some(Err(BodyError::Truncated))),
                }
            }
        }
    }
}

impl std::fmt::Debug for UpstreamBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("UpstreamBody")
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(self.poll_source(context));
        match &frame {
            None => self.lease = None,
            Some(Err(fault)) => {
                if let Some(lease) = self.lease.take() {
                    match fault {
                        BodyError::TimedOut => lease.broke_off("the answer's body stopped"),
                        _ => lease.broke_off("the answer's body broke off"),
                    }
                }
            }
            Some(Ok(_)) => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Empty | Source::Switched(_) => true,
            Source::Whole(_) => false,
            Source::Http1(reading) => reading.body.is_done(),
            Source::Http2(stream) => stream.0.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Empty | Source::Switched(_) => SizeHint::with_exact(0),
            Source::Whole(whole) => SizeHint::with_exact(whole.len() as u64),
            Source::Http1(reading) => {
                reading.body.remaining().map_or_else(SizeHint::new, SizeHint::with_exact)
            }
            Source::Http2(stream) => stream.0.size_hint(),
        }
    }
}

/// An answer of HTTP/1 that is not read to its end.
pub(super) struct Reading {
    /// `None` after the end.
    wire: Option<Box<Wire>>,
    body: Decoder,
    /// The rest of a request that the service answered early; it goes on while the answer is read.
    upload: Option<Upload>,
    /// Where the connection goes afterwards; `None`: nowhere.
    home: Option<Shelf>,
    /// The client's own body broke off, and so the exchange.
    client_failed: bool,
}

impl Reading {
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, BodyError>> {
        loop {
            let Some(wire) = &mut self.wire else { return Poll::Ready(Ok(None)) };
            if let Some(upload) = &mut self.upload {
                match upload.poll(context, &mut wire.stream) {
                    Poll::Pending => {}
                    Poll::Ready(Ok(())) => self.upload = None,
                    Poll::Ready(Err(UploadFault::Body(fault))) => {
                        self.client_failed = true;
                        return Poll::Ready(Err(fault));
                    }
                    Poll::Ready(Err(UploadFault::Wire)) => (self.upload, self.home) = (None, None),
                }
            }
            match self.body.decode(&mut wire.buffer)? {
                Step::Data(data) => {
                    wire.patience.rest();
                    self.body.settle(&mut wire.buffer);
                    if self.body.is_done() {
                        self.finish();
                    }
                    return Poll::Ready(Ok(Some(data)));
                }
                Step::Done => {
                    self.finish();
                    return Poll::Ready(Ok(None));
                }
                Step::More => {}
            }
            match wire.stream.poll_fill(context, &mut wire.buffer) {
                Poll::Ready(Ok(0)) if self.body == Decoder::Close => self.body = Decoder::Done,
                Poll::Ready(Ok(0)) | Poll::Ready(Err(_)) => return Poll::Ready(Err(BodyError::Truncated)),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => {
                    ready!(wire.patience.poll(context));
                    return Poll::Ready(Err(BodyError::TimedOut));
                }
            }
        }
    }

    /// Keeps the connection for another request where that is safe: both messages whole, nothing unasked behind.
    fn finish(&mut self) {
        let (Some(wire), Some(home)) = (self.wire.take(), self.home.take()) else { return };
        if self.upload.is_none() && wire.buffer.is_empty() {
            // An answer with a body is never one to be watched.
            home.put(wire, Instant::now(), false);
        }
    }
}
