//! How many connections there may be: in the process as a whole, and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::network::network;

/// Parts of the table of addresses, so that listeners seldom wait for each other.
const SHARDS: usize = 16;

/// Room for connections; listeners that share it share its bounds.
#[derive(Clone)]
pub struct Places(Arc<Room>);

struct Room {
    max: AtomicUsize,
    per_address_max: AtomicUsize,
    taken: AtomicUsize,
    /// By what an address counts as. Holds no address without a connection.
    by_address: [Mutex<HashMap<IpAddr, usize>>; SHARDS],
    /// Newcomers that wait.
    waiting: AtomicUsize,
    freed: Notify,
    /// Rung for each newcomer without a place: a connection that idles gives its own up.
    crowded: Notify,
    /// How many times it was rung, and how many times it is being rung at the moment.
    rung: AtomicUsize,
    ringing: AtomicUsize,
}

/// One connection's place; free again when it is dropped.
pub(crate) struct Place(Arc<Room>);

/// One connection's place among those of its address.
pub(crate) struct AddressPlace {
    room: Arc<Room>,
    address: IpAddr,
}

impl Places {
    /// Bounds on connections at a time: of all, and of each IPv4 address or IPv6 /64.
    pub fn new(max: usize, per_address_max: usize) -> Self {
        Self(Arc::new(Room {
            max: AtomicUsize::new(max.max(1)),
            per_address_max: AtomicUsize::new(per_address_max.max(1)),
            taken: AtomicUsize::new(0),
            by_address: std::array::from_fn(|_| Mutex::default()),
            waiting: AtomicUsize::new(0),
            freed: Notify::new(),
            crowded: Notify::new(),
            rung: AtomicUsize::new(0),
            ringing: AtomicUsize::new(0),
        }))
    }

    /// From now on there are these bounds. Connections beyond them stay until they end.
    pub fn resize(&self, max: usize, per_address_max: usize) {
        self.0.max.store(max.max(1), Ordering::Relaxed);
        self.0.per_address_max.store(per_address_max.max(1), Ordering::Relaxed);
        self.0.freed.notify_waiters();
    }

    /// Waits until there is room; meanwhile idle connections are asked to go.
    pub(crate) async fn take(&self) -> Place {
        if let Some(place) = self.try_take() {
            return place;
        }
        let _waiting = Waiting::new(&self.0);
        loop {
            let freed = self.0.freed.notified();
            if let Some(place) = self.try_take() {
                return place;
            }
            self.crowd();
            freed.await;
        }
    }

    pub(crate) fn try_take(&self) -> Option<Place> {
        let max = self.0.max.load(Ordering::Relaxed);
        let more = |taken: usize| (taken < max).then_some(taken + 1);
        self.0
            .taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .is_ok()
            .then(|| Place(Arc::clone(&self.0)))
    }

    /// `None`: the address has as many connections as it may.
    pub(crate) fn of_address(&self, address: IpAddr) -> Option<AddressPlace> {
        let address = network(address);
        let max = self.0.per_address_max.load(Ordering::Relaxed);
        let mut shard = self.0.shard(address);
        let count = shard.entry(address).or_insert(0);
        if *count >= max {
            return None;
        }
        *count += 1;
        drop(shard);
        Some(AddressPlace { room: Arc::clone(&self.0), address })
    }

    /// Asks one idle connection to go.
    pub(crate) fn crowd(&self) {
        self.ringing(|| self.0.crowded.notify_one());
    }

    /// Does what may wake one who listens, so that whoever is woken finds that it rang.
    pub(crate) fn ringing(&self, wakes: impl FnOnce()) {
        self.0.ringing.fetch_add(1, Ordering::AcqRel);
        wakes();
        self.0.rung.fetch_add(1, Ordering::AcqRel);
        self.0.ringing.fetch_sub(1, Ordering::AcqRel);
    }

    /// As long as this is the same number, nobody has been asked to go since; `None` while somebody is being asked.
    ///
    /// The order counts: who was notified finds either that it is being rung, or that it was rung once more.
    pub(crate) fn rings(&self) -> Option<usize> {
        let is_ringing = self.0.ringing.load(Ordering::Acquire) > 0;
        let rung = self.0.rung.load(Ordering::Acquire);
        (!is_ringing).then_some(rung)
    }

    /// Rung when somebody should go; whoever cannot passes it on with [`Self::crowd`].
    pub(crate) fn crowded(&self) -> &Notify {
        &self.0.crowded
    }

    pub(crate) fn is_crowded(&self) -> bool {
        self.0.waiting.load(Ordering::Relaxed) > 0
    }
}

impl Room {
    fn shard(&self, address: IpAddr) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        let mixed = match address {
            IpAddr::V4(four) => u64::from(four.to_bits()),
            #[allow(clippy::cast_possible_truncation, reason = "the upper half is all there is of a /64")]
            IpAddr::V6(six) => (six.to_bits() >> 64) as u64,
        };
        let at = (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60) as usize;
        #[allow(clippy::indexing_slicing, reason = "four bits are less than 16")]
        let shard = &self.by_address[at];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
        if self.0.waiting.load(Ordering::Acquire) > 0 {
            self.0.freed.notify_one();
        }
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut shard = self.room.shard(self.address);
        if let Some(count) = shard.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                shard.remove(&self.address);
            }
        }
    }
}

struct Waiting<'r>(&'r Room);

impl<'r> Waiting<'r> {
    fn new(room: &'r Room) -> Self {
        room.waiting.fetch_add(1, Ordering::AcqRel);
        Self(room)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

impl std::fmt::Debug for Places {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Places({} taken)", self.0.taken.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_places_and_an_ipv6_caller_one_share_of_them() {
        let places = Places::new(100, 2);
        let of = |text: &str| places.of_address(text.parse().unwrap());
        let held = (of("192.0.2.1").unwrap(), of("192.0.2.1").unwrap());
        assert!(of("192.0.2.1").is_none());
        assert!(of("::ffff:192.0.2.1").is_none());
        assert!(of("192.0.2.2").is_some());
        let six = (of("2001:db8::1").unwrap(), of("2001:db8::2").unwrap());
        assert!(of("2001:db8::3").is_none());
        assert!(of("2001:db8:0:1::3").is_some());
        drop((held, six));
        assert!(places.0.by_address.iter().all(|shard| shard.lock().unwrap().is_empty()));
        places.resize(100, 1);
        let _one = of("192.0.2.1").unwrap();
        assert!(of("192.0.2.1").is_none());
    }

    #[tokio::test]
    async fn who_waits_gets_the_place_that_becomes_free_or_new() {
        let places = Places::new(1, 9);
        let first = places.take().await;
        let waiting = tokio::spawn({
            let places = places.clone();
            async move { places.take().await }
        });
        // A newcomer without a place asks for one.
        places.crowded().notified().await;
        assert!(places.is_crowded() && places.try_take().is_none());
        drop(first);
        let second = waiting.await.unwrap();
        let waiting = tokio::spawn({
            let places = places.clone();
            async move { places.take().await }
        });
        places.crowded().notified().await;
        places.resize(2, 9);
        drop((waiting.await.unwrap(), second));
    }
}
