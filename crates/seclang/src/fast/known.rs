//! Texts found again by their hash.

use super::texts::{FIRST_TEXTS, TextId};

/// Texts by their hash. A sender can make texts collide, and has them kept twice then.
#[derive(Default)]
pub struct Known {
    /// As many as a power of two, at least twice as many as texts. Each is the epoch in which it was written, as many
    /// bits of the hash, and the text: what another epoch wrote is empty.
    slots: Vec<u64>,
    epoch: u16,
}

/// Slots that are looked at for one text.
const PROBES: usize = 8;

impl Known {
    /// Whether it is too small for one text more than these.
    pub fn is_full(&self, texts: usize) -> bool {
        self.slots.len() < 2 * (texts + 1)
    }

    pub fn room_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }

    /// In no time, whatever it holds.
    pub fn forget(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            self.slots.fill(0);
            self.epoch = 1;
        }
    }

    /// What a slot of this epoch holds above the text.
    fn mark(&self, hash: u64) -> u64 {
        u64::from(self.epoch) << 16 | hash >> 48
    }

    /// The places of a hash.
    fn places(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let (first, last) = (hash as usize, self.slots.len().wrapping_sub(1));
        (0..PROBES).map(move |probe| first.wrapping_add(probe) & last)
    }

    /// The texts that may have the hash.
    pub fn like(&self, hash: u64) -> impl Iterator<Item = TextId> {
        let mark = self.mark(hash);
        let slots = self.places(hash).map_while(|place| self.slots.get(place));
        let taken = slots.take_while(|slot| **slot >> 48 == u64::from(self.epoch));
        taken.filter(move |slot| **slot >> 32 == mark).map(|slot| *slot as TextId)
    }

    /// Keeps a text, unless too many others stand in its places.
    pub fn insert(&mut self, hash: u64, id: TextId) {
        let slot = self.mark(hash) << 32 | u64::from(id);
        let is_free =
            |place: &usize| self.slots.get(*place).is_some_and(|slot| *slot >> 48 != u64::from(self.epoch));
        let free = self.places(hash).find(is_free);
        if let Some(free) = free.and_then(|place| self.slots.get_mut(place)) {
            *free = slot;
        }
    }

    /// The same with twice the room; `hash_of` a text.
    pub fn wider(&self, hash_of: impl Fn(TextId) -> u64) -> Self {
        let room = (2 * self.slots.len()).max(2 * FIRST_TEXTS.next_power_of_two());
        let mut wider = Self { slots: vec![0; room], epoch: self.epoch.max(1) };
        for slot in self.slots.iter().filter(|slot| **slot >> 48 == u64::from(self.epoch)) {
            let id = *slot as TextId;
            wider.insert(hash_of(id), id);
        }
        wider
    }
}

#[cfg(test)]
mod tests {
    use super::Known;

    /// Keeps `texts` texts whose hashes `hash_of` gives; how many are found again, each under its own hash.
    fn found(known: &mut Known, texts: u32, hash_of: impl Fn(u32) -> u64) -> usize {
        for id in 0..texts {
            if known.is_full(id as usize) {
                *known = known.wider(&hash_of);
            }
            assert_eq!(known.like(hash_of(id)).find(|known| *known == id), None);
            known.insert(hash_of(id), id);
        }
        (0..texts).filter(|id| known.like(hash_of(*id)).any(|known| known == *id)).count()
    }

    #[test]
    fn texts_are_found_again_until_they_are_forgotten() {
        let mut known = Known::default();
        for texts in [0, 1, 100, 5_000, 300] {
            let hash_of = |id: u32| crate::hash::hash(&(id + texts).to_le_bytes());
            let again = found(&mut known, texts, hash_of);
            assert!(again * 100 >= texts as usize * 97, "{again} of {texts}");
            known.forget();
            assert!((0..texts).all(|id| known.like(hash_of(id)).next().is_none()));
        }
    }

    #[test]
    fn nothing_comes_back_when_epochs_begin_again() {
        let mut known = Known::default();
        assert_eq!(found(&mut known, 3, u64::from), 3);
        for _ in 0..=u16::MAX {
            known.forget();
            assert!((0..3).all(|id| known.like(id).next().is_none()));
        }
    }

    #[test]
    fn hashes_that_collide_cost_little() {
        let mut known = Known::default();
        assert_eq!(found(&mut known, 10_000, |_| 7), super::PROBES);
    }
}
