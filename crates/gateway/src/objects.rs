//! Names of objects that are short, of one length, and say nothing to anyone outside this process.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// One object of one API. Two hashes under seeds that nobody knows: two objects do not share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(u128);

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
        let half = |seed: &RandomState| u128::from(seed.hash_one((api, kind, id)));
        ObjectKey(half(&self.high) << 64 | half(&self.low))
    }
}
