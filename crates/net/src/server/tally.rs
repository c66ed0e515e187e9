//! What a listener has done to connections that were not served to their own end, counted by reason.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why a connection was refused or ended by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Refused: its address has as many connections as it may.
    AddressFull,
    /// Refused: it should begin with a PROXY header, and is not from a trusted proxy.
    ProxyUntrusted,
    /// Refused: its PROXY header is absent, late or not well-formed.
    ProxyMalformed,
    /// It was idle, and another one needed its place.
    GaveWay,
    /// The memory for heads and bodies was used up while its head arrived.
    MemoryFull,
    /// The client took its answer too slowly.
    SlowReader,
    /// The client reset more streams of HTTP/2 than it took answers.
    Resets,
    /// The client sent frames of HTTP/2 that carry nothing, beyond what a request may need.
    EmptyFrames,
    /// HTTP/2 that breaks its protocol or a limit of it.
    Protocol,
    /// The client went away while its answer was awaited.
    Gone,
    /// Not a connection: accepting one failed, for want of file descriptors or memory.
    AcceptFailed,
}

impl Ended {
    pub const ALL: [Self; 11] = [
        Self::AddressFull,
        Self::ProxyUntrusted,
        Self::ProxyMalformed,
        Self::GaveWay,
        Self::MemoryFull,
        Self::SlowReader,
        Self::Resets,
        Self::EmptyFrames,
        Self::Protocol,
        Self::Gone,
        Self::AcceptFailed,
    ];

    /// As a label.
    pub fn word(self) -> &'static str {
        match self {
            Self::AddressFull => "address_full",
            Self::ProxyUntrusted => "proxy_untrusted",
            Self::ProxyMalformed => "proxy_malformed",
            Self::GaveWay => "gave_way",
            Self::MemoryFull => "memory_full",
            Self::SlowReader => "slow_reader",
            Self::Resets => "resets",
            Self::EmptyFrames => "empty_frames",
            Self::Protocol => "protocol",
            Self::Gone => "gone",
            Self::AcceptFailed => "accept_failed",
        }
    }
}

/// The counts of a [`crate::Listener`]; outlives it.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<[AtomicU64; Ended::ALL.len()]>);

impl Tally {
    pub fn count(&self, reason: Ended) -> u64 {
        self.of(reason).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(crate) fn add(&self, reason: Ended) {
        if let Some(count) = self.of(reason) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn of(&self, reason: Ended) -> Option<&AtomicU64> {
        self.0.get(reason as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_count_of_its_own() {
        let tally = Tally::default();
        for (times, reason) in Ended::ALL.into_iter().enumerate() {
            for _ in 0..times {
                tally.add(reason);
            }
        }
        for (times, reason) in Ended::ALL.into_iter().enumerate() {
            assert_eq!(tally.count(reason), times as u64, "{reason:?}");
        }
    }
}
