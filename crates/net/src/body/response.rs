//! The body of a response, in the few shapes that the gateway has for it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::BodyError;
use crate::Fields;
use crate::tunnel::Tunnel;
use crate::upstream::UpstreamBody;

type Dynamic = Pin<Box<dyn Body<Data = Bytes, Error = BodyError> + Send>>;

/// What is sent back: nothing, bytes, an upstream's body as it comes, or anything else behind a box.
pub struct ResponseBody {
    source: Source,
    /// Of the head that the body came with, as far as that is passed on.
    fields: Fields,
}

enum Source {
    Empty,
    Whole(Bytes),
    Upstream(UpstreamBody),
    Dynamic(Dynamic),
    /// No body: what begins behind the head of a 101.
    Tunnel(Box<Tunnel>),
}

impl ResponseBody {
    fn of(source: Source) -> Self {
        Self { source, fields: Fields::default() }
    }

    /// The head of the answer has these fields too, as far as it does not say the same itself.
    #[must_use]
    pub fn with_fields(mut self, fields: Fields) -> Self {
        self.fields = fields;
        self
    }

    pub(crate) fn take_fields(&mut self) -> Fields {
        std::mem::take(&mut self.fields)
    }

    pub fn empty() -> Self {
        Self::of(Source::Empty)
    }

    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::of(if bytes.is_empty() { Source::Empty } else { Source::Whole(bytes) })
    }

    /// Any other body; its errors end the connection, so that the client sees that the answer is not whole.
    pub fn boxed(body: impl Body<Data = Bytes, Error = BodyError> + Send + 'static) -> Self {
        Self::of(Source::Dynamic(Box::pin(body)))
    }

    pub(crate) fn tunnel(tunnel: Tunnel) -> Self {
        Self::of(Source::Tunnel(Box::new(tunnel)))
    }

    /// Takes the tunnel that begins behind the head, where there is one.
    pub(crate) fn take_tunnel(&mut self) -> Option<Tunnel> {
        if !matches!(self.source, Source::Tunnel(_)) {
            return None;
        }
        match std::mem::replace(&mut self.source, Source::Empty) {
            Source::Tunnel(tunnel) => Some(*tunnel),
            _ => None,
        }
    }

    /// Takes the bytes when the body is whole already.
    pub(crate) fn take_whole(&mut self) -> Option<Bytes> {
        match &mut self.source {
            Source::Empty | Source::Tunnel(_) => Some(Bytes::new()),
            Source::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                self.source = Source::Empty;
                Some(bytes)
            }
            Source::Upstream(_) | Source::Dynamic(_) => None,
        }
    }
}

impl From<UpstreamBody> for ResponseBody {
    fn from(body: UpstreamBody) -> Self {
        Self::of(Source::Upstream(body))
    }
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        Self::whole(bytes)
    }
}

impl std::fmt::Debug for ResponseBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ResponseBody")
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.source {
            Source::Empty | Source::Tunnel(_) => Poll::Ready(None),
            Source::Whole(_) => Poll::Ready(self.take_whole().map(|bytes| Ok(Frame::data(bytes)))),
            Source::Upstream(body) => Pin::new(body).poll_frame(context),
            Source::Dynamic(body) => body.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Empty | Source::Tunnel(_) => true,
            Source::Whole(_) => false,
            Source::Upstream(body) => body.is_end_stream(),
            Source::Dynamic(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Empty | Source::Tunnel(_) => SizeHint::with_exact(0),
            Source::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Source::Upstream(body) => body.size_hint(),
            Source::Dynamic(body) => body.size_hint(),
        }
    }
}
