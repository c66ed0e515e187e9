//! How much is held of what callers sent and did not finish sending, in the process as a whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A count of bytes with a bound, shared by everything that holds some. Clones are the same count.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    used: AtomicUsize,
    max: AtomicUsize,
}

impl Default for Memory {
    fn default() -> Self {
        Self(Arc::new(Counts { used: AtomicUsize::new(0), max: AtomicUsize::new(usize::MAX) }))
    }
}

impl Memory {
    /// Bytes held.
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// For what is held by connections themselves; [`Memory::take`] is told its bound each time.
    pub fn set_max(&self, max: usize) {
        self.0.max.store(max, Ordering::Relaxed);
    }

    /// Takes `more` bytes unless then over `max` were held.
    pub fn take(&self, more: usize, max: usize) -> bool {
        let before = self.0.used.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > max {
            self.give(more);
            return false;
        }
        true
    }

    pub fn give(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Nothing yet; what it grows to is given back when it is dropped.
    pub(crate) fn hold(&self) -> Held {
        Held { memory: self.clone(), bytes: 0 }
    }
}

/// What one connection holds.
pub(crate) struct Held {
    memory: Memory,
    bytes: usize,
}

impl Held {
    /// `false`: there is no room for so many bytes.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        let is_room = more == 0 || self.memory.take(more, self.memory.0.max.load(Ordering::Relaxed));
        if is_room {
            self.bytes = self.bytes.max(bytes);
        }
        is_room
    }

    /// Nothing is held any more.
    pub(crate) fn release(&mut self) {
        if self.bytes > 0 {
            self.memory.give(std::mem::take(&mut self.bytes));
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.give(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_counts_until_it_is_dropped_and_never_beyond_the_bound() {
        let memory = Memory::default();
        memory.set_max(100);
        let mut one = memory.hold();
        assert!(one.grow_to(60) && one.grow_to(50));
        let mut two = memory.hold();
        assert!(!two.grow_to(41) && two.grow_to(40));
        assert_eq!(memory.used(), 100);
        assert!(memory.take(10, 110) && !memory.take(1, 110));
        memory.give(10);
        drop(one);
        assert_eq!(memory.used(), 40);
    }
}
