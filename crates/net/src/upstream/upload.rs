//! A request on its way to the service: what is sent, and how far it has come.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::BodyError;
use crate::body::Turn;
use crate::encode::Outgoing;
use crate::stream::Stream;

/// A request's body in one of two shapes; one type, so that a connection of HTTP/2 can carry both.
pub(super) struct Load {
    source: Source,
    /// Pieces taken so far, for whoever watches for progress.
    taken: Option<Arc<AtomicU64>>,
}

enum Source {
    Whole(Option<Bytes>),
    Stream(Pin<Box<dyn Body<Data = Bytes, Error = BodyError> + Send>>),
}

impl Load {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self { source: Source::Whole(Some(bytes).filter(|bytes| !bytes.is_empty())), taken: None }
    }

    pub(super) fn stream<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        Self { source: Source::Stream(Box::pin(Converted(Box::pin(body)))), taken: None }
    }

    /// The same body once more, where that is possible.
    pub(super) fn replay(&self) -> Option<Self> {
        match &self.source {
            Source::Whole(bytes) => Some(Self { source: Source::Whole(bytes.clone()), taken: None }),
            Source::Stream(_) => None,
        }
    }

    /// The body once more, when it is to be read as it comes and nothing was read of it.
    pub(super) fn unread(self) -> Option<Self> {
        matches!(self.source, Source::Stream(_)).then_some(self)
    }

    pub(super) fn take_whole(&mut self) -> Option<Bytes> {
        match &mut self.source {
            Source::Whole(bytes) => Some(bytes.take().unwrap_or_default()),
            Source::Stream(_) => None,
        }
    }

    pub(super) fn count_pieces(&mut self) -> Arc<AtomicU64> {
        Arc::clone(self.taken.get_or_insert_default())
    }
}

impl Body for Load {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = match &mut self.source {
            Source::Whole(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
            Source::Stream(body) => ready!(body.as_mut().poll_frame(context)),
        };
        if let Some(taken) = &self.taken {
            taken.fetch_add(1, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Whole(bytes) => bytes.is_none(),
            Source::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Source::Stream(body) => body.size_hint(),
        }
    }
}

struct Converted<B>(Pin<Box<B>>);

impl<B> Body for Converted<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BodyError>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.0.as_mut().poll_frame(context).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// A request of HTTP/1 that is being written.
pub(super) struct Upload {
    pub outgoing: Outgoing,
    pub load: Load,
}

pub(super) enum UploadFault {
    /// The client's body failed: the request cannot be completed.
    Body(BodyError),
    /// The service takes no more. It may have answered all the same.
    Wire,
}

impl Upload {
    /// `Ready` when all is written. One piece is held at a time.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut Stream,
    ) -> Poll<Result<(), UploadFault>> {
        let mut turn = Turn::default();
        loop {
            let waits = match self.outgoing.gather(context, Pin::new(&mut self.load)) {
                Poll::Ready(gathered) => {
                    gathered.map_err(UploadFault::Body)?;
                    false
                }
                Poll::Pending => true,
            };
            let moved = self.outgoing.out.len();
            ready!(stream.poll_send(context, &mut self.outgoing.out)).map_err(|_| UploadFault::Wire)?;
            match () {
                () if self.outgoing.is_ended => return Poll::Ready(Ok(())),
                () if waits || turn.is_over(moved, context) => return Poll::Pending,
                () => {}
            }
        }
    }

    /// Grows with every byte that is taken from the body or given to the socket.
    pub(super) fn progress(&self) -> u64 {
        self.outgoing.progress()
    }
}
