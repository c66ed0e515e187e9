//! Limiters in bounded memory: a rate is one theoretical arrival time a key (GCRA), a cap a count until its window ends.
//!
//! In this process a count is exact: of what is asked before it is done, never more passes than the quota. What is
//! metered (bytes) is owed instead, so beyond the quota passes at most what was under way when it was used up.
//!
//! A limiter is named by its [`LimitId`] and a key (an address, a client, an operation); the two are hashed together
//! under a seed of this machine alone, so that nobody outside can aim keys at each other.
//!
//! At most `limit_keys_max` keys are kept in each [`Room`]: what anybody can make up takes no place from callers who were
//! identified, nor do those from APIs and operations. Where a place is needed, a key that has fully recovered gives way
//! first, then the least used one. A key never gives way that was refused, that is limited, or that has used half of its
//! quota: what a flood can give back to a key is less than half of its quota, and less than the keys of the flood had.
//! When no candidate is left, newcomers to that shard of the room share one bucket a limit until places come free: bounded,
//! counted, never unlimited.

mod gcra;
mod kept;
mod passed;
mod picture;
mod places;
mod quota;
mod room;
mod seed;
mod table;
#[cfg(test)]
mod tests;
mod window;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

pub use gcra::Rate;
use places::{Found, Shard};
use quota::Held;
pub use quota::{Quota, Taken};
pub use room::{Counted, Room};
use seed::Seeded;
use table::{Table, lock};
pub use window::Window;

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
    /// Keys that gave way while partly used: each may have been granted less than half a quota more.
    pub evicted_used: u64,
    /// Decisions made in a shared bucket because no place was free.
    pub overflowed: u64,
}

/// All limiters of the process.
pub struct Counters {
    seeded: Seeded,
    anyone: Table,
    callers: Table,
    configured: Table,
    evicted_recovered: AtomicU64,
    evicted_used: AtomicU64,
    overflowed: AtomicU64,
}

impl Counters {
    /// Room for at most `keys_max` keys of each [`Room`] (at least one); 32 bytes a key, taken as shards are first used.
    pub fn new(keys_max: usize) -> Self {
        Self {
            seeded: Seeded::default(),
            anyone: Table::new(keys_max),
            callers: Table::new(keys_max),
            configured: Table::new(keys_max),
            evicted_recovered: AtomicU64::new(0),
            evicted_used: AtomicU64::new(0),
            overflowed: AtomicU64::new(0),
        }
    }

    /// Takes `cost` from the limit's quota for `key`, or nothing when that much is not there.
    /// `now_ns` is [`model::Clock::monotonic_ns`].
    pub fn take<K: Counted + ?Sized>(
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
            None => {
                spot.refuse();
                if matches!(spot.found, Found::Shared(_)) {
                    self.count(&spot.found);
                }
            }
        }
        taken
    }

    /// What [`Counters::take`] would say, without taking. A key for which it says no is one that was refused.
    pub fn peek<K: Counted + ?Sized>(
        &self,
        limit: &LimitId,
        key: &K,
        quota: &impl Quota,
        cost: u64,
        now_ns: u64,
    ) -> Taken {
        let mut spot = self.spot(limit, key, now_ns);
        let taken = quota.state(spot.held(), cost, now_ns);
        if !taken.allowed {
            spot.refuse();
        }
        taken
    }

    /// Takes `cost` whether or not it is there: what is missing is owed.
    pub fn owe<K: Counted + ?Sized>(
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
            keys: self.shards().map(|shard| lock(shard).keys()).sum(),
            evicted_recovered: self.evicted_recovered.load(Ordering::Relaxed),
            evicted_used: self.evicted_used.load(Ordering::Relaxed),
            overflowed: self.overflowed.load(Ordering::Relaxed),
        }
    }

    /// Bytes held for keys, without the fixed part.
    pub fn bytes(&self) -> usize {
        self.shards().map(|shard| lock(shard).bytes()).sum()
    }

    /// Where the key stands, with its shard locked.
    fn spot<K: Counted + ?Sized>(&self, limit: &LimitId, key: &K, now_ns: u64) -> Spot<'_> {
        let limit_hash = self.seeded.hash(&limit.0);
        let room = key.room();
        let hash = room.mark(self.seeded.hash((limit_hash, key)));
        let (shard, set) = self.table(room).shard_of(hash);
        let shard = lock(shard);
        let found = shard.find(set, hash, limit_hash, now_ns);
        Spot { shard, found, hash, now_ns }
    }

    fn table(&self, room: Room) -> &Table {
        match room {
            Room::Anyone => &self.anyone,
            Room::Callers => &self.callers,
            Room::Configured => &self.configured,
        }
    }

    /// Where the key of a picture belongs; `None` when it is no key's hash.
    fn shard_of(&self, hash: u64) -> Option<(&Mutex<Shard>, usize)> {
        Some(self.table(Room::of(hash)?).shard_of(hash))
    }

    /// Those first whose keys are dearest: a picture has an end.
    fn shards(&self) -> impl Iterator<Item = &Mutex<Shard>> {
        [&self.configured, &self.callers, &self.anyone].into_iter().flat_map(Table::shards)
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

    fn refuse(&mut self) {
        self.shard.refuse(&self.found);
    }
}
