//! One room's places, in shards with a lock each.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::places::{Shard, WAYS};

/// Locks of one room.
const SHARDS_MAX: usize = 64;

pub(super) struct Table {
    shards: Vec<Mutex<Shard>>,
    sets: u64,
}

impl Table {
    /// For at most `keys_max` keys, at least one.
    pub(super) fn new(keys_max: usize) -> Self {
        let ways = keys_max.clamp(1, WAYS);
        let sets = (keys_max / ways).max(1);
        let shards = sets.min(SHARDS_MAX);
        let sets_of = |shard: usize| sets / shards + usize::from(shard < sets % shards);
        Self {
            shards: (0..shards).map(|shard| Mutex::new(Shard::new(sets_of(shard), ways))).collect(),
            sets: sets as u64,
        }
    }

    pub(super) fn shards(&self) -> impl Iterator<Item = &Mutex<Shard>> {
        self.shards.iter()
    }

    /// The shard of a hash, and its set within the shard.
    #[allow(clippy::indexing_slicing, reason = "the remainder of a division by the number of shards")]
    pub(super) fn shard_of(&self, hash: u64) -> (&Mutex<Shard>, usize) {
        let set = (u128::from(hash) * u128::from(self.sets)) >> 64;
        let set = usize::try_from(set).unwrap_or(0);
        let shards = self.shards.len();
        (&self.shards[set % shards], set / shards)
    }
}

pub(super) fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // A panic elsewhere leaves at worst one place unwritten.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
