//! Limiters in bounded memory: a rate is one theoretical arrival time a key (GCRA), a cap a count until its window ends.
//!
//! In this process a count is exact: of what is asked before it is done, never more passes than the quota. What is
//! metered (bytes) is owed instead, so beyond the quota passes at most what was under way when it was used up.
//!
//! A limiter is named by its [`LimitId`] and a key (an address, a client, an operation); the two are hashed together
//! under a seed of this machine alone, so that nobody outside can aim keys at each other. At most `limit_keys_max` keys are
//! kept. Where a place is needed, a key that has fully recovered gives way first, then the least used one. A key that
//! is limited at the moment never gives way, so a flood of fresh keys cannot lift a limit. When every candidate is
//! limited, newcomers to that shard share one bucket a limit until places come free: bounded, counted, never unlimited.

mod gcra;
mod kept;
mod passed;
mod picture;
mod places;
mod quota;
mod seed;
#[cfg(test)]
mod tests;
mod window;

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use gcra::Rate;
use places::{Found, Shard, WAYS};
use quota::Held;
pub use quota::{Quota, Taken};
use seed::Seeded;
pub use window::Window;

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

    /// A limit of a class, which counts what all APIs have of it.
    pub fn of_class(class: &str, name: &str) -> Self {
        Self(format!("class/{class}/{name}").into())
    }

    /// The same limit's cap of a day, which is counted apart.
    pub fn daily(&self) -> Self {
        Self(format!("daily/{}", self.0).into())
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
    seeded: Seeded,
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
            seeded: Seeded::default(),
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
        quota: &impl Quota,
        cost: u64,
        now_ns: u64,
    ) -> Taken {
        let mut spot = self.spot(limit, key, now_ns);
        let (taken, after) = quota.decide(spot.held(), cost, now_ns);
        match after {
            Some(held) => self.keep(&mut spot, held, quota),
            None if matches!(spot.found, Found::Shared(_)) => self.count(&spot.found),
            None => {}
        }
        taken
    }

    /// What [`Counters::take`] would say, without taking.
    pub fn peek<K: Hash + ?Sized>(
        &self,
        limit: &LimitId,
        key: &K,
        quota: &impl Quota,
        cost: u64,
        now_ns: u64,
    ) -> Taken {
        quota.state(self.spot(limit, key, now_ns).held(), cost, now_ns)
    }

    /// Takes `cost` whether or not it is there: what is missing is owed.
    pub fn owe<K: Hash + ?Sized>(
        &self,
        limit: &LimitId,
        key: &K,
        quota: &impl Quota,
        cost: u64,
        now_ns: u64,
    ) {
        let mut spot = self.spot(limit, key, now_ns);
        let held = quota.owe(spot.held(), cost, now_ns);
        self.keep(&mut spot, held, quota);
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

    /// Where the key stands, with its shard locked.
    fn spot<K: Hash + ?Sized>(&self, limit: &LimitId, key: &K, now_ns: u64) -> Spot<'_> {
        let limit_hash = self.seeded.hash(&limit.0);
        // Zero marks an empty place.
        let hash = self.seeded.hash((limit_hash, key)).max(1);
        let (shard, set) = self.shard_of(hash);
        let shard = lock(shard);
        let found = shard.find(set, hash, limit_hash, now_ns);
        Spot { shard, found, hash, now_ns }
    }

    /// The shard of a hash, and its set within the shard.
    #[allow(clippy::indexing_slicing, reason = "the remainder of a division by the number of shards")]
    fn shard_of(&self, hash: u64) -> (&Mutex<Shard>, usize) {
        let set = (u128::from(hash) * u128::from(self.sets)) >> 64;
        let set = usize::try_from(set).unwrap_or(0);
        let shards = self.shards.len();
        (&self.shards[set % shards], set / shards)
    }

    fn keep(&self, spot: &mut Spot<'_>, held: Held, quota: &impl Quota) {
        spot.shard.put(&spot.found, spot.hash, held, quota.marks(), spot.now_ns);
        self.count(&spot.found);
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

/// One key's place, or where it may be put.
struct Spot<'a> {
    shard: MutexGuard<'a, Shard>,
    found: Found,
    hash: u64,
    now_ns: u64,
}

impl Spot<'_> {
    fn held(&self) -> Held {
        self.shard.held(&self.found, self.now_ns)
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // A panic elsewhere leaves at worst one place unwritten.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
