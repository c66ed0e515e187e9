//! Who can make up keys. What somebody can flood has a room of its own, so that the keys of the others stay where they are.

use std::hash::Hash;
use std::net::IpAddr;

/// Keys of one kind; each kind has as many places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// What anybody can make up: addresses, and credentials that were not verified.
    Anyone,
    /// Who was identified: tenants, clients, principals.
    Callers,
    /// As many as are configured: APIs and operations.
    Configured,
}

/// What a limiter counts by.
pub trait Counted: Hash {
    /// Who can make more keys like it.
    fn room(&self) -> Room;
}

impl Counted for IpAddr {
    fn room(&self) -> Room {
        Room::Anyone
    }
}

/// The bits of a hash that name the room; a hash with a room is never zero. The set is chosen by the highest bits.
const BITS: u64 = 3;

impl Room {
    /// The hash of a key of this room.
    pub(super) fn mark(self, hash: u64) -> u64 {
        let room = match self {
            Self::Anyone => 1,
            Self::Callers => 2,
            Self::Configured => 3,
        };
        (hash & !BITS) | room
    }

    /// `None`: no key has such a hash.
    pub(super) fn of(hash: u64) -> Option<Self> {
        match hash & BITS {
            1 => Some(Self::Anyone),
            2 => Some(Self::Callers),
            3 => Some(Self::Configured),
            _ => None,
        }
    }
}
