//! Where tokens are remembered: small sets of places; the expired give way first, then the one unused for longest.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::TokenKey;

const WAYS: usize = 8;
const SHARDS_MAX: usize = 32;

struct Place<V> {
    key: TokenKey,
    until_unix_s: u64,
    /// The shard's tick when it was last asked for.
    used: u64,
    value: V,
}

struct Shard<V> {
    tick: u64,
    /// Grown to its full length when it is first written to.
    places: Vec<Option<Place<V>>>,
}

/// At most `max` values, each until its own end.
pub(super) struct Places<V> {
    sets: usize,
    ways: usize,
    shards: Vec<Mutex<Shard<V>>>,
}

impl<V: Clone> Places<V> {
    pub(super) fn new(max: usize) -> Self {
        let ways = max.min(WAYS);
        let sets = max.checked_div(ways).unwrap_or(0);
        let shards = sets.min(SHARDS_MAX);
        let shard = || Mutex::new(Shard { tick: 0, places: Vec::new() });
        Self { sets, ways, shards: (0..shards).map(|_| shard()).collect() }
    }

    pub(super) fn get(&self, hash: u64, key: &TokenKey, now_unix_s: u64) -> Option<V> {
        let (mut shard, first) = self.shard(hash)?;
        shard.tick += 1;
        let tick = shard.tick;
        let set = shard.places.get_mut(first..first + self.ways)?;
        let place = set.iter_mut().flatten().find(|place| place.key == *key)?;
        if place.until_unix_s <= now_unix_s {
            return None;
        }
        place.used = tick;
        Some(place.value.clone())
    }

    /// Whether it still `counts` is asked when nobody can look through the places any more.
    pub(super) fn put(
        &self,
        hash: u64,
        key: TokenKey,
        value: V,
        until_unix_s: u64,
        now_unix_s: u64,
        counts: impl FnOnce() -> bool,
    ) {
        let Some((mut shard, first)) = self.shard(hash) else { return };
        if until_unix_s <= now_unix_s || !counts() {
            return;
        }
        if shard.places.is_empty() {
            let length = self.sets.div_ceil(self.shards.len()) * self.ways;
            shard.places.resize_with(length, || None);
        }
        shard.tick += 1;
        let place = Place { key, until_unix_s, used: shard.tick, value };
        let Some(set) = shard.places.get_mut(first..first + self.ways) else { return };
        let rank = |held: &Option<Place<V>>| match held {
            Some(held) if held.key == key => (0, 0),
            None => (1, 0),
            Some(held) if held.until_unix_s <= now_unix_s => (2, 0),
            Some(held) => (3, held.used),
        };
        if let Some(worst) = set.iter_mut().min_by_key(|held| rank(held)) {
            *worst = Some(place);
        }
    }

    pub(super) fn forget(&self, is_meant: impl Fn(&V) -> bool) {
        for shard in &self.shards {
            for place in &mut lock(shard).places {
                place.take_if(|held| is_meant(&held.value));
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).places.iter().flatten().count()).sum()
    }

    /// The locked shard, and the first place of the key's set in it; `None` when nothing may be kept at all.
    fn shard(&self, hash: u64) -> Option<(MutexGuard<'_, Shard<V>>, usize)> {
        let set = usize::try_from((u128::from(hash) * self.sets as u128) >> 64).ok()?;
        let shards = self.shards.len();
        let shard = self.shards.get(set.checked_rem(shards)?)?;
        Some((lock(shard), set / shards * self.ways))
    }
}

fn lock<V>(shard: &Mutex<Shard<V>>) -> MutexGuard<'_, Shard<V>> {
    // A panic elsewhere leaves at worst one place unwritten.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
