//! Bodies held whole in memory: bounded one by one, and for the process as a whole.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use model::Code;
use net::BodyError;

/// How many body bytes the process holds.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    used: AtomicUsize,
}

/// A share of the buffers, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    buffers: Arc<Buffers>,
    bytes: usize,
}

/// Why a body is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BufferFault {
    /// Beyond this body's own bound.
    TooLarge,
    /// Beyond the process's bound.
    Full,
    Body(BodyError),
}

impl BufferFault {
    /// What a client is told whose request body it was.
    pub(crate) fn code(self) -> Code {
        match self {
            Self::TooLarge => Code::BodyTooLarge,
            Self::Full => Code::Overloaded,
            Self::Body(fault) => fault.code(),
        }
    }
}

impl Buffers {
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(crate) fn reserve(self: &Arc<Self>) -> Reservation {
        Reservation { buffers: Arc::clone(self), bytes: 0 }
    }
}

impl Reservation {
    /// Grows by `more` unless the process then holds over `process_bytes_max`.
    pub(crate) fn grow(&mut self, more: usize, process_bytes_max: usize) -> bool {
        let before = self.buffers.used.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > process_bytes_max {
            self.buffers.used.fetch_sub(more, Ordering::Relaxed);
            return false;
        }
        self.bytes += more;
        true
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.buffers.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Reads a body to its end. What is said to be too large is refused before a byte of it is read.
pub(crate) async fn read_whole<B>(
    mut body: B,
    bytes_max: usize,
    process_bytes_max: usize,
    reservation: &mut Reservation,
) -> Result<Bytes, BufferFault>
where
    B: Body<Data = Bytes, Error = BodyError> + Unpin,
{
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if expected > bytes_max {
        return Err(BufferFault::TooLarge);
    }
    // The announced length is reserved as it arrives, so that an announcement alone holds nothing.
    let (mut only, mut joined) = (Bytes::new(), BytesMut::new());
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(frame) = frame else { break };
        let Ok(data) = frame.map_err(BufferFault::Body)?.into_data() else { continue };
        let total = (only.len() + joined.len()).saturating_add(data.len());
        if total > bytes_max {
            return Err(BufferFault::TooLarge);
        }
        if !reservation.grow(data.len(), process_bytes_max) {
            return Err(BufferFault::Full);
        }
        if total == data.len() {
            only = data;
            continue;
        }
        if joined.is_empty() {
            joined.reserve(expected.clamp(total, total.max(1 << 20)));
            joined.extend_from_slice(&std::mem::take(&mut only));
        }
        joined.extend_from_slice(&data);
    }
    Ok(if joined.is_empty() { only } else { joined.freeze() })
}
