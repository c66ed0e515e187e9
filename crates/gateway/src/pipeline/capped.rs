//! A request body that streams through, counted and capped.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use model::Code;
use net::{BodyError, RequestBody};

/// What became of a body that somebody else reads.
#[derive(Debug, Default)]
pub(crate) struct BodyWatch {
    bytes: AtomicU64,
    fault: AtomicU8,
}

const NO_FAULT: u8 = 0;
const TOO_LARGE: u8 = 1;
const TIMED_OUT: u8 = 2;
const MALFORMED: u8 = 3;
const NO_ROOM: u8 = 4;

impl BodyWatch {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The caller's own fault, if the body ended for one.
    pub(crate) fn fault(&self) -> Option<Code> {
        match self.fault.load(Ordering::Acquire) {
            NO_FAULT => None,
            TOO_LARGE => Some(Code::BodyTooLarge),
            TIMED_OUT => Some(Code::RequestTimeout),
            NO_ROOM => Some(Code::Overloaded),
            _ => Some(Code::RequestMalformed),
        }
    }
}

pub(crate) struct CappedBody {
    inner: RequestBody,
    bytes_max: u64,
    watch: Arc<BodyWatch>,
}

impl CappedBody {
    pub(crate) fn new(inner: RequestBody, bytes_max: usize, watch: Arc<BodyWatch>) -> Self {
        Self { inner, bytes_max: u64::try_from(bytes_max).unwrap_or(u64::MAX), watch }
    }
}

impl Body for CappedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        match ready!(Pin::new(&mut this.inner).poll_frame(context)) {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, |data| u64::try_from(data.len()).unwrap_or(u64::MAX));
                let total = this.watch.bytes.fetch_add(length, Ordering::Relaxed).saturating_add(length);
                if total > this.bytes_max {
                    this.watch.fault.store(TOO_LARGE, Ordering::Release);
                    return Poll::Ready(Some(Err(BodyError::Stopped)));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(fault)) => {
                let kind = match fault {
                    BodyError::TimedOut => TIMED_OUT,
                    BodyError::NoRoom => NO_ROOM,
                    _ => MALFORMED,
                };
                this.watch.fault.store(kind, Ordering::Release);
                Poll::Ready(Some(Err(fault)))
            }
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
