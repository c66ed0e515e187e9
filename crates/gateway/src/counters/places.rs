//! Where limiters are kept: small sets of places, so that finding and giving way cost the same at any size.

use std::collections::HashMap;

use super::gcra::DAY_NS;
use super::quota::{Held, Marks};

/// Places of one set. A key may stand in any place of its set.
pub(super) const WAYS: usize = 16;
/// Shared buckets of one shard; far more than limits are ever configured.
const SHARED_MAX: usize = 256;

/// Marks the place of a window, in its step.
const COUNTED: u64 = 1 << 63;
/// Marks a key that was refused since it was last fresh, in its bound.
const REFUSED: u64 = 1 << 63;
/// A rate that recovers sooner is not kept over a restart; a window is until it ends.
const KEPT_BEYOND_NS: u64 = 60 * 1_000_000_000;

/// One key's limiter; 32 bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Zero: empty.
    hash: u64,
    until_ns: u64,
    /// A rate's interval in nanoseconds; what a window has counted, with [`COUNTED`].
    step: u64,
    /// A rate's tolerance in nanoseconds; a window's quota; perhaps with [`REFUSED`].
    bound: u64,
}

impl Place {
    fn new(hash: u64, held: Held, marks: Marks) -> Self {
        let (step, bound) = match marks {
            Marks::Rate { interval_ns, tolerance_ns } => (interval_ns & !COUNTED, tolerance_ns),
            Marks::Window { quota } => (held.used.min(!COUNTED) | COUNTED, quota),
        };
        Self { hash, until_ns: held.until_ns, step, bound: bound.min(!REFUSED) }
    }

    fn held(&self) -> Held {
        Held { until_ns: self.until_ns, used: self.counted().unwrap_or(0) }
    }

    fn counted(&self) -> Option<u64> {
        (self.step & COUNTED != 0).then_some(self.step & !COUNTED)
    }

    fn ahead_ns(&self, now_ns: u64) -> u64 {
        self.until_ns.saturating_sub(now_ns)
    }

    fn bound(&self) -> u64 {
        self.bound & !REFUSED
    }

    /// Whether it was refused, and not all that it had used by then has been given back.
    fn is_refused(&self, now_ns: u64) -> bool {
        self.bound & REFUSED != 0 && self.until_ns > now_ns
    }

    /// Whether a fresh quota would be worth something to it: it was refused, has used half, or not even one more would pass.
    fn is_hot(&self, now_ns: u64) -> bool {
        let (bound, half) = (self.bound(), self.bound().div_ceil(2));
        self.is_refused(now_ns)
            || match self.counted() {
                Some(used) => used >= half,
                None => {
                    let ahead_ns = self.ahead_ns(now_ns);
                    ahead_ns >= half || ahead_ns.saturating_add(self.step) > bound
                }
            }
    }

    /// Whether a restart must not forget it.
    fn is_kept(&self, now_ns: u64) -> bool {
        let ahead_ns = self.ahead_ns(now_ns);
        ahead_ns > if self.counted().is_some() { 0 } else { KEPT_BEYOND_NS }
    }

    /// The used part of the quota, of 2^32.
    fn used(&self, now_ns: u64) -> u64 {
        let used = self.counted().unwrap_or_else(|| self.ahead_ns(now_ns));
        u64::try_from((u128::from(used) << 32) / u128::from(self.bound().max(1))).unwrap_or(u64::MAX)
    }
}

/// Where a key stands, or may be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Held(usize),
    Empty(usize),
    Recovered(usize),
    Used(usize),
    /// Nobody in the set gives way: the limit's shared bucket, by the limit's hash.
    Shared(u64),
}

/// The longest that a place with these marks can still count, whatever a clock that was set says.
pub(super) fn longest_ns(step: u64, bound: u64) -> u64 {
    if step & COUNTED != 0 { DAY_NS } else { (bound & !REFUSED).saturating_add(DAY_NS) }
}

/// One lock's worth of sets.
pub(super) struct Shard {
    sets: usize,
    ways: usize,
    /// Empty until the shard is first used.
    places: Vec<Place>,
    /// The shared buckets, by limit.
    shared: HashMap<u64, Held>,
    /// How often something was counted that a restart must not forget.
    changes: u64,
}

impl Shard {
    pub(super) fn new(sets: usize, ways: usize) -> Self {
        Self { sets, ways, places: Vec::new(), shared: HashMap::new(), changes: 0 }
    }

    pub(super) fn find(&self, set: usize, hash: u64, limit_hash: u64, now_ns: u64) -> Found {
        let first = set * self.ways;
        let Some(places) = self.places.get(first..first + self.ways) else { return Found::Empty(first) };
        if let Some(index) = places.iter().position(|place| place.hash == hash) {
            return Found::Held(first + index);
        }
        let mut best = None;
        for (index, place) in places.iter().enumerate() {
            let rank = match place {
                Place { hash: 0, .. } => (0, 0, 0),
                _ if place.until_ns <= now_ns => (1, 0, place.until_ns),
                _ if place.is_hot(now_ns) => continue,
                _ => (2, place.used(now_ns), place.until_ns),
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

    /// What counts of the key.
    pub(super) fn held(&self, found: &Found, now_ns: u64) -> Held {
        let held = match found {
            Found::Held(index) => self.places.get(*index).map(Place::held),
            Found::Shared(limit) => self.shared.get(&self.bucket(*limit)).copied(),
            Found::Empty(_) | Found::Recovered(_) | Found::Used(_) => None,
        };
        held.unwrap_or_else(|| Held::fresh(now_ns))
    }

    pub(super) fn put(&mut self, found: &Found, hash: u64, held: Held, marks: Marks, now_ns: u64) {
        let index = match *found {
            Found::Held(index) | Found::Empty(index) | Found::Recovered(index) | Found::Used(index) => index,
            Found::Shared(limit) => {
                if self.shared.len() >= SHARED_MAX {
                    self.shared.retain(|_, held| held.until_ns > now_ns);
                }
                let bucket = self.bucket(limit);
                self.shared.insert(bucket, held);
                return;
            }
        };
        if self.places.is_empty() {
            self.places = vec![Place::default(); self.sets * self.ways];
        }
        if let Some(place) = self.places.get_mut(index) {
            let refused = if place.hash == hash && place.is_refused(now_ns) { REFUSED } else { 0 };
            *place = Place::new(hash, held, marks);
            place.bound |= refused;
            self.changes = self.changes.wrapping_add(u64::from(place.is_kept(now_ns)));
        }
    }

    /// The key was refused: it does not give way before all it had used by then has been given back.
    pub(super) fn refuse(&mut self, found: &Found) {
        if let Found::Held(index) = *found
            && let Some(place) = self.places.get_mut(index)
        {
            place.bound |= REFUSED;
        }
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// Places that a restart must not forget: windows that have not ended, and rates that recover late; as
    /// [`Shard::passed`] has them.
    pub(super) fn kept(&self, now_ns: u64) -> impl Iterator<Item = [u64; 4]> {
        let kept = self.places.iter().filter(move |place| place.hash != 0 && place.is_kept(now_ns));
        kept.map(move |place| [place.hash, place.ahead_ns(now_ns), place.step, place.bound])
    }

    /// Places that have not recovered: hash, nanoseconds until they have, and their marks.
    pub(super) fn passed(&self, now_ns: u64) -> impl Iterator<Item = [u64; 4]> {
        let used = self.places.iter().filter(move |place| place.hash != 0 && place.until_ns > now_ns);
        used.map(move |place| [place.hash, place.until_ns - now_ns, place.step, place.bound])
    }

    /// The stricter of what is passed and what is there. `false` when there is no room for it.
    pub(super) fn put_passed(&mut self, set: usize, passed: [u64; 4], now_ns: u64) -> bool {
        let [hash, left_ns, step, bound] = passed;
        let index = match self.find(set, hash, 0, now_ns) {
            Found::Held(index) | Found::Empty(index) | Found::Recovered(index) | Found::Used(index) => index,
            Found::Shared(_) => return false,
        };
        if self.places.is_empty() {
            self.places = vec![Place::default(); self.sets * self.ways];
        }
        let Some(place) = self.places.get_mut(index).filter(|_| hash != 0) else { return false };
        let passed = Place { hash, until_ns: now_ns.saturating_add(left_ns), step, bound };
        if place.hash != hash || place.counted().is_some() != passed.counted().is_some() {
            *place = passed;
            return true;
        }
        place.until_ns = place.until_ns.max(passed.until_ns);
        place.bound |= passed.bound & REFUSED;
        if place.counted().is_some() {
            place.step = place.step.max(passed.step);
        }
        true
    }

    /// A limit's own bucket, or the last one for all when there are too many.
    fn bucket(&self, limit: u64) -> u64 {
        if self.shared.len() < SHARED_MAX || self.shared.contains_key(&limit) { limit } else { 0 }
    }

    pub(super) fn keys(&self) -> u64 {
        self.places.iter().filter(|place| place.hash != 0).count() as u64
    }

    pub(super) fn bytes(&self) -> usize {
        self.places.capacity() * size_of::<Place>() + self.shared.capacity() * size_of::<(u64, Held)>()
    }
}
