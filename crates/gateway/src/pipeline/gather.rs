//! Pieces of a body on their way to be one, in memory that is counted before it is taken.

#[cfg(test)]
mod tests;

use bytes::Bytes;

use super::buffers::{BufferFault, Reservation};

/// Blocks grow with the body between these sizes, so that a slow body of few bytes holds little, and no body holds
/// much more than what has arrived.
const BLOCK_BYTES_MIN: usize = 1 << 10;
const BLOCK_BYTES_MAX: usize = 64 << 10;

/// One body that is being collected. Pieces are copied: each is a slice of its connection's read buffer, and would keep
/// the whole of that from being used again or let go of.
pub(crate) struct Gather {
    reservation: Reservation,
    bytes_max: usize,
    process_bytes_max: usize,
    /// Filled one after the other; their capacity is what is reserved.
    blocks: Vec<Vec<u8>>,
    /// A body of one piece, which needs no copy.
    only: Bytes,
    length: usize,
}

impl Gather {
    /// `bytes_max` bounds this body, `process_bytes_max` all that share the buffers.
    pub(crate) fn new(reservation: Reservation, bytes_max: usize, process_bytes_max: usize) -> Self {
        Self { reservation, bytes_max, process_bytes_max, blocks: Vec::new(), only: Bytes::new(), length: 0 }
    }

    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Adds a piece. `to_come` is what will follow it, as far as that is known; an announcement alone reserves nothing.
    pub(crate) fn take_in(&mut self, data: Bytes, to_come: ToCome) -> Result<(), BufferFault> {
        let length = self.length.saturating_add(data.len());
        if length > self.bytes_max {
            return Err(BufferFault::TooLarge);
        }
        if self.length == 0 && matches!(to_come, ToCome::Nothing) {
            self.grow(data.len())?;
            self.only = data;
        } else {
            // Nobody should send more after the end; if somebody does, nothing is lost.
            let only = std::mem::take(&mut self.only);
            self.copy(&only, ToCome::Unknown)?;
            self.copy(&data, to_come)?;
        }
        self.length = length;
        Ok(())
    }

    fn copy(&mut self, data: &[u8], to_come: ToCome) -> Result<(), BufferFault> {
        let room = self.blocks.last().map_or(0, |block| block.capacity() - block.len());
        let (first, rest) = data.split_at(room.min(data.len()));
        if let Some(block) = self.blocks.last_mut() {
            block.extend_from_slice(first);
        }
        if rest.is_empty() {
            return Ok(());
        }
        let capacity = self.length.clamp(BLOCK_BYTES_MIN, BLOCK_BYTES_MAX).max(rest.len());
        let useful = match to_come {
            ToCome::Nothing => rest.len(),
            ToCome::Bytes(bytes) => rest.len().saturating_add(bytes),
            ToCome::Unknown => usize::MAX,
        };
        let mut block = Vec::new();
        block.reserve_exact(capacity.min(useful));
        self.grow(block.capacity())?;
        block.extend_from_slice(rest);
        self.blocks.push(block);
        Ok(())
    }

    fn grow(&mut self, more: usize) -> Result<(), BufferFault> {
        if self.reservation.grow(more, self.process_bytes_max) { Ok(()) } else { Err(BufferFault::Full) }
    }

    /// The body as one, and its share of the buffers. Each block is let go of as soon as it is copied.
    pub(crate) fn whole(self) -> (Bytes, Reservation) {
        let mut reservation = self.reservation;
        if self.blocks.is_empty() {
            return (self.only, reservation);
        }
        let mut whole = Vec::new();
        whole.reserve_exact(self.length);
        for block in self.blocks {
            whole.extend_from_slice(&block);
        }
        reservation.shrink(whole.capacity());
        (Bytes::from(whole), reservation)
    }
}

/// What follows a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToCome {
    Nothing,
    /// At least so many.
    Bytes(usize),
    Unknown,
}

impl ToCome {
    /// After the last frame of `body`.
    pub(crate) fn of(body: &impl http_body::Body) -> Self {
        if body.is_end_stream() {
            return Self::Nothing;
        }
        match body.size_hint().lower() {
            0 => Self::Unknown,
            bytes => Self::Bytes(usize::try_from(bytes).unwrap_or(usize::MAX)),
        }
    }
}
