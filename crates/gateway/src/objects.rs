//! Names of objects that are short, of one length, and say nothing to anyone outside this process.

use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};

/// One object of one API. Two hashes under seeds that nobody knows: two objects do not share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(u128);

impl ObjectKey {
    /// As good as any hash of it: nobody outside this process can choose it.
    pub(crate) fn hashed(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0.to_le_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObjectKey")
    }
}

/// An object of one API, as requests and bindings call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectName<'a> {
    /// The resource type.
    pub kind: &'a str,
    pub id: &'a str,
}

/// Makes keys; those of another process are others.
#[derive(Debug, Default)]
pub struct ObjectKeys {
    high: RandomState,
    low: RandomState,
}

impl ObjectKeys {
    pub fn key(&self, api: &str, ObjectName { kind, id }: ObjectName<'_>) -> ObjectKey {
        // `str` hashes with an end mark, so that the parts cannot flow into each other.
        self.of(&(api, kind, id))
    }

    /// What belongs to a caller as a whole, by the digest of who that is. No type may be called as `kind` is.
    pub(crate) fn of_caller(&self, api: &str, kind: &str, identity: &[u8; 32]) -> ObjectKey {
        self.of(&(api, kind, identity))
    }

    fn of(&self, named: &impl Hash) -> ObjectKey {
        let half = |seed: &RandomState| u128::from(seed.hash_one(named));
        ObjectKey(half(&self.high) << 64 | half(&self.low))
    }
}
