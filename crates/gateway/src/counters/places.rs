//! Where arrival times are kept: small sets of places, so that finding and giving way cost the same at any size.

use std::collections::HashMap;

use super::gcra::Rate;

/// Places of one set. A key may stand in any place of its set.
pub(super) const WAYS: usize = 16;
/// Shared buckets of one shard; far more than limits are ever configured.
const SHARED_MAX: usize = 256;

/// One key's limiter; 32 bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Zero: empty.
    hash: u64,
    arrival_ns: u64,
    interval_ns: u64,
    tolerance_ns: u64,
}

impl Place {
    fn ahead_ns(&self, now_ns: u64) -> u64 {
        self.arrival_ns.saturating_sub(now_ns)
    }

    /// Not even one more would pass.
    fn is_limited(&self, now_ns: u64) -> bool {
        self.ahead_ns(now_ns).saturating_add(self.interval_ns) > self.tolerance_ns
    }

    /// The used part of the burst, of 2^32.
    fn used(&self, now_ns: u64) -> u64 {
        let part = (u128::from(self.ahead_ns(now_ns)) << 32) / u128::from(self.tolerance_ns.max(1));
        u64::try_from(part).unwrap_or(u64::MAX)
    }
}

/// Where a key stands, or may be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Held(usize),
    Empty(usize),
    Recovered(usize),
    Used(usize),
    /// Every place of the set is limited: the limit's shared bucket, by the limit's hash.
    Shared(u64),
}

/// One lock's worth of sets.
pub(super) struct Shard {
    sets: usize,
    ways: usize,
    /// Empty until the shard is first used.
    places: Vec<Place>,
    /// Arrival times of the shared buckets, by limit.
    shared: HashMap<u64, u64>,
}

impl Shard {
    pub(super) fn new(sets: usize, ways: usize) -> Self {
        Self { sets, ways, places: Vec::new(), shared: HashMap::new() }
    }

    pub(super) fn find(&self, set: usize, hash: u64, limit_hash: u64, now_ns: u64) -> Found {
        let first = set * self.ways;
        let Some(places) = self.places.get(first..first + self.ways) else { return Found::Empty(first) };
        let mut best = None;
        for (index, place) in places.iter().enumerate() {
            if place.hash == hash {
                return Found::Held(first + index);
            }
            let rank = match place {
                Place { hash: 0, .. } => (0, 0, 0),
                _ if place.arrival_ns <= now_ns => (1, 0, place.arrival_ns),
                _ if place.is_limited(now_ns) => continue,
                _ => (2, place.used(now_ns), place.arrival_ns),
            };
            if best.is_none_or(|(lowest, _)| rank < lowest) {
                best = Some((rank, first + index));
            }
        }
        match best {
            Some(((0, ..), index)) => Found::Empty(index),
            Some(((1, ..), index)) => Found::Recovered(index),
            Some((_, index)) => Found::Used(index),
            None => Found::Shared(limit_hash),
        }
    }

    /// The arrival time that counts; `now_ns` for a fresh key.
    pub(super) fn arrival(&self, found: &Found, now_ns: u64) -> u64 {
        match found {
            Found::Held(index) => self.places.get(*index).map_or(now_ns, |place| place.arrival_ns),
            Found::Shared(limit) => self.shared.get(&self.bucket(*limit)).copied().unwrap_or(now_ns),
            Found::Empty(_) | Found::Recovered(_) | Found::Used(_) => now_ns,
        }
    }

    pub(super) fn put(&mut self, found: &Found, hash: u64, arrival_ns: u64, rate: &Rate, now_ns: u64) {
        let index = match *found {
            Found::Held(index) | Found::Empty(index) | Found::Recovered(index) | Found::Used(index) => index,
            Found::Shared(limit) => {
                if self.shared.len() >= SHARED_MAX {
                    self.shared.retain(|_, arrival| *arrival > now_ns);
                }
                let bucket = self.bucket(limit);
                self.shared.insert(bucket, arrival_ns);
                return;
            }
        };
        if self.places.is_empty() {
            self.places = vec![Place::default(); self.sets * self.ways];
        }
        if let Some(place) = self.places.get_mut(index) {
            let (interval_ns, tolerance_ns) = (rate.interval_ns(), rate.tolerance_ns());
            *place = Place { hash, arrival_ns, interval_ns, tolerance_ns };
        }
    }

    /// A limit's own bucket, or the last one for all when there are too many.
    fn bucket(&self, limit: u64) -> u64 {
        if self.shared.len() < SHARED_MAX || self.shared.contains_key(&limit) { limit } else { 0 }
    }

    pub(super) fn keys(&self) -> u64 {
        self.places.iter().filter(|place| place.hash != 0).count() as u64
    }

    pub(super) fn bytes(&self) -> usize {
        self.places.capacity() * size_of::<Place>() + self.shared.capacity() * size_of::<(u64, u64)>()
    }
}
