//! Names of objects that are short, of one length, and say nothing to anyone outside this process.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// One object of one API. Two hashes under seeds that nobody knows: two objects do not share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(u128);

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObjectKey")
    }
}

/// Makes keys; those of another process are others.
#[derive(Debug, Default)]
pub struct ObjectKeys {
    high: RandomState,
    low: RandomState,
}

impl ObjectKeys {
    pub fn key(&self, api: &str, kind: &str, id: &str) -> ObjectKey {
        let half = |seed: &RandomState| {
            let mut hasher = seed.build_hasher();
            // `str` hashes with an end mark, so that the parts cannot flow into each other.
            (api, kind, id).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        ObjectKey(half(&self.high) << 64 | half(&self.low))
    }
}
