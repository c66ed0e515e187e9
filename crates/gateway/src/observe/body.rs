//! The answer's body on its way out: counted, and read along for checks that watch it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use model::Outcome;
use net::BodyError;
use net::upstream::UpstreamBody;

use super::Flight;
use super::cut::Cutter;
use crate::blocks::Hit;
use crate::gateway::Gateway;
use crate::gateway::inspect;
use crate::pipeline::buffers::counted;
use crate::pipeline::gather::{Gather, ToCome};

/// Passes an upstream's body on and ends its flight with it.
pub(crate) struct ObservedBody {
    inner: UpstreamBody,
    /// Taken when the body has ended.
    flight: Option<Box<Flight>>,
    tee: Option<Tee>,
    cutter: Cutter,
}

/// A bounded copy of what passes, for checks in `watch`. It never delays a byte.
pub(crate) struct Tee {
    pub(crate) gateway: Arc<Gateway>,
    /// `None` since something did not fit; then nothing is inspected.
    pub(crate) gather: Option<Gather>,
}

impl ObservedBody {
    pub(crate) fn new(inner: UpstreamBody, mut flight: Box<Flight>, tee: Option<Tee>) -> Self {
        if inner.is_end_stream() {
            // Nobody polls a body that is known to be empty.
            flight.ended(Outcome::Allowed);
        }
        Self { inner, flight: Some(flight), tee, cutter: Cutter::default() }
    }

    fn cut(&mut self, hit: &Hit) -> BodyError {
        if let Some(mut flight) = self.flight.take() {
            flight.blocked(hit);
        }
        BodyError::Stopped
    }

    fn end(&mut self, outcome: Outcome) {
        let Some(mut flight) = self.flight.take() else { return };
        flight.ended(outcome);
        if let (Some(tee), Outcome::Allowed) = (self.tee.take(), outcome) {
            inspect::later(flight, tee);
        }
    }
}

impl Tee {
    fn take_in(&mut self, data: &Bytes, to_come: ToCome) {
        let Some(gather) = &mut self.gather else { return };
        if gather.take_in(data.clone(), to_come).is_err() {
            self.gather = None;
        }
    }

    /// What passed, as one; `None` when it was more than fits.
    pub(crate) fn whole(&mut self) -> Option<Bytes> {
        let (bytes, reservation) = self.gather.take()?.whole();
        Some(counted(bytes, reservation))
    }
}

impl Body for ObservedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let frame = match Pin::new(&mut this.inner).poll_frame(context) {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                let Some(flight) = &mut this.flight else { return Poll::Pending };
                let hit = ready!(this.cutter.poll(&this.inner, flight, context));
                return Poll::Ready(Some(Err(this.cut(&hit))));
            }
        };
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    if let Some(flight) = &mut this.flight {
                        flight.response_bytes += u64::try_from(data.len()).unwrap_or(u64::MAX);
                        flight.meter(false);
                    }
                    if let Some(hit) =
                        this.flight.as_ref().and_then(|flight| this.cutter.look(flight, context))
                    {
                        return Poll::Ready(Some(Err(this.cut(&hit))));
                    }
                    if let Some(tee) = &mut this.tee {
                        tee.take_in(data, ToCome::of(&this.inner));
                    }
                }
                if this.inner.is_end_stream() {
                    this.end(Outcome::Allowed);
                }
            }
            Some(Err(_)) => this.end(Outcome::Failed),
            None => this.end(Outcome::Allowed),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
