//! When things last changed, in bounded space: what was known or begun before a change counts no more.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::Hash;

/// Marks kept at most.
const MARKS_MAX: usize = 100_000;
/// A mark that is older gives way to others first, and then stands for everything.
const KEPT_NS: u64 = 61_000_000_000;

#[derive(Debug)]
pub(crate) struct Marks<K> {
    marks: HashMap<K, u64>,
    /// For everything, when there was no room for marks.
    all_ns: u64,
}

impl<K> Default for Marks<K> {
    fn default() -> Self {
        Self { marks: HashMap::new(), all_ns: 0 }
    }
}

impl<K: Eq + Hash> Marks<K> {
    pub(crate) fn note(&mut self, key: K, now_ns: u64) {
        if self.marks.len() >= MARKS_MAX && !self.marks.contains_key(&key) {
            self.marks.retain(|_, marked_ns| now_ns.saturating_sub(*marked_ns) < KEPT_NS);
            self.all_ns = self.all_ns.max(now_ns.saturating_sub(KEPT_NS));
            if self.marks.len() >= MARKS_MAX {
                self.marks.clear();
                self.all_ns = now_ns;
            }
        }
        self.marks.insert(key, now_ns.max(1));
    }

    /// 0: not in living memory.
    pub(crate) fn last_ns(&self, key: &K) -> u64 {
        self.marks.get(key).copied().unwrap_or(0).max(self.all_ns)
    }

    /// What began at the very moment of the change is before it.
    pub(crate) fn is_since(&self, key: &K, begun_ns: u64) -> bool {
        let last_ns = self.last_ns(key);
        last_ns != 0 && begun_ns <= last_ns
    }
}
