//! Rate limiters: one theoretical arrival time a key (GCRA), in bounded memory.
//!
//! A limiter is named by its [`LimitId`] and a key (an address, a client, an operation); the two are hashed together
//! under a seed drawn at start, so that nobody outside can aim keys at each other. At most `limit_keys_max` keys are
//! kept. Where a place is needed, a key that has fully recovered gives way first, then the least used one. A key that
//! is limited at the moment never gives way, so a flood of fresh keys cannot lift a limit. When every candidate is
//! limited, newcomers to that shard share one bucket a limit until places come free: bounded, counted, never unlimited.

mod gcra;
mod places;
#[cfg(test)]
mod tests;

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use gcra::{Rate, Taken};
use places::{Found, Shard, WAYS};

const SHARDS_MAX: usize = 64;

/// The stable name of a limit. It survives a reload, and so does what has been counted under it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LimitId(Arc<str>);

impl LimitId {
    /// A limit for every API.
    pub fn global(name: &str) -> Self {
        Self(format!("all/{name}").into())
    }

    /// A limit of one API.
    pub fn of_api(api: &str, name: &str) -> Self {
        Self(format!("api/{api}/{name}").into())
    }
}

/// What the counters have had to do since the start, for metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Keys held now.
    pub keys: u64,
    /// Keys that gave way after they had fully recovered: nothing was lost.
    pub evicted_recovered: u64,
    /// Keys that gave way while partly used: each may have been granted at most one burst more.
    pub evicted_used: u64,
    /// Decisions made in a shared bucket because no place was free.
    pub overflowed: u64,
}

/// All limiters of the process.
pub struct Counters {
    seed: RandomState,
    shards: Vec<Mutex<Shard>>,
    sets: u64,
    evicted_recovered: AtomicU64,
    evicted_used: AtomicU64,
    overflowed: AtomicU64,
}

impl Counters {
    /// Room for at most `keys_max` keys (at least one); 32 bytes a key, taken as shards are first used.
    pub fn new(keys_max: usize) -> Self {
        let ways = keys_max.clamp(1, WAYS);
        let sets = (keys_max / ways).max(1);
        let shards = sets.min(SHARDS_MAX);
        let sets_of = |shard: usize| sets / shards + usize::from(shard < sets % shards);
        Self {
            seed: RandomState::new(),
            shards: (0..shards).map(|shard| Mutex::new(Shard::new(sets_of(shard), ways))).collect(),
            sets: sets as u64,
            evicted_recovered: AtomicU64::new(0),
            evicted_used: AtomicU64::new(0),
            overflowed: AtomicU64::new(0),
        }
    }

    /// Takes `cost` from the limit's quota for `key`, or nothing when that much is not there.
    /// `now_ns` is [`model::Clock::monotonic_ns`].
    pub fn take<K: Hash + ?Sized>(
        &self,
        limit: &LimitId,
        key: &K,
        rate: &Rate,
        cost: u64,
        now_ns: u64,
    ) -> Taken {
        let (limit_hash, hash) = self.hashes(limit, key);
        let (mut shard, set) = self.shard(hash);
        let found = shard.find(set, hash, limit_hash, now_ns);
        let (taken, after) = rate.decide(shard.arrival(&found, now_ns), cost, now_ns);
        if let Some(arrival_ns) = after {
            shard.put(&found, hash, arrival_ns, rate, now_ns);
            self.count(&found);
        } else if matches!(found, Found::Shared(_)) {
            self.count(&found);
        }
        taken
    }

    /// What [`Counters::take`] would say, without taking.
    pub fn peek<K: Hash + ?Sized>(
        &self,
        limit: &LimitId,
        key: &K,
        rate: &Rate,
        cost: u64,
        now_ns: u64,
    ) -> Taken {
        let (limit_hash, hash) = self.hashes(limit, key);
        let (shard, set) = self.shard(hash);
        let found = shard.find(set, hash, limit_hash, now_ns);
        rate.state(shard.arrival(&found, now_ns), cost, now_ns)
    }

    pub fn counts(&self) -> Counts {
        Counts {
            keys: self.shards.iter().map(|shard| lock(shard).keys()).sum(),
            evicted_recovered: self.evicted_recovered.load(Ordering::Relaxed),
            evicted_used: self.evicted_used.load(Ordering::Relaxed),
            overflowed: self.overflowed.load(Ordering::Relaxed),
        }
    }

    /// Bytes held for keys, without the fixed part.
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).bytes()).sum()
    }

    fn hashes<K: Hash + ?Sized>(&self, limit: &LimitId, key: &K) -> (u64, u64) {
        let limit_hash = self.seed.hash_one(&limit.0);
        // Zero marks an empty place.
        (limit_hash, self.seed.hash_one((limit_hash, key)).max(1))
    }

    /// The key's shard, locked, and its set within the shard.
    #[allow(clippy::indexing_slicing, reason = "the remainder of a division by the number of shards")]
    fn shard(&self, hash: u64) -> (MutexGuard<'_, Shard>, usize) {
        let set = (u128::from(hash) * u128::from(self.sets)) >> 64;
        let set = usize::try_from(set).unwrap_or(0);
        let shards = self.shards.len();
        (lock(&self.shards[set % shards]), set / shards)
    }

    fn count(&self, found: &Found) {
        let counter = match found {
            Found::Held(_) | Found::Empty(_) => return,
            Found::Recovered(_) => &self.evicted_recovered,
            Found::Used(_) => &self.evicted_used,
            Found::Shared(_) => &self.overflowed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // A panic elsewhere leaves at worst one arrival time unwritten.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
