//! Bodies held whole in memory: bounded one by one, and for the process as a whole.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body::Body;
use model::Code;
use net::{BodyError, Memory};

use super::gather::{Gather, ToCome};

/// How many bytes of memory the process holds bodies in, and heads that are not whole: what was allocated for them, not
/// what they fill of it.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    memory: Memory,
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
        self.memory.used()
    }

    /// The count itself, for others that hold what callers sent.
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(crate) fn reserve(self: &Arc<Self>) -> Reservation {
        Reservation { buffers: Arc::clone(self), bytes: 0 }
    }
}

impl Reservation {
    /// Grows by `more` unless the process then holds over `process_bytes_max`.
    pub(crate) fn grow(&mut self, more: usize, process_bytes_max: usize) -> bool {
        let is_room = self.buffers.memory.take(more, process_bytes_max);
        if is_room {
            self.bytes += more;
        }
        is_room
    }

    /// Gives back what is beyond `bytes`.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        let spare = self.bytes.saturating_sub(bytes);
        self.buffers.memory.give(spare);
        self.bytes -= spare;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.buffers.memory.give(self.bytes);
    }
}

/// Reads a body to its end. What is said to be too large is refused before a byte of it is read.
pub(crate) async fn read_whole<B>(
    mut body: B,
    mut gather: Gather,
) -> Result<(Bytes, Reservation), BufferFault>
where
    B: Body<Data = Bytes, Error = BodyError> + Unpin,
{
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if expected > gather.bytes_max() {
        return Err(BufferFault::TooLarge);
    }
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame.map_err(BufferFault::Body)?.into_data() {
            gather.take_in(data, ToCome::of(&body))?;
        }
    }
    Ok(gather.whole())
}

/// A body whose share of the buffers is given back when the last who holds its bytes lets go of them.
pub(crate) fn counted(bytes: Bytes, reservation: Reservation) -> Bytes {
    Bytes::from_owner(Counted { bytes, _reservation: reservation })
}

struct Counted {
    bytes: Bytes,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
