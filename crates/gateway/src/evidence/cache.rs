//! Answers kept for seconds, in bounded space.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use policy::Facts;

use super::pages::Next;
use super::{Relation, Says};

/// Items of all lists together.
const ITEMS_MAX: usize = 1_000_000;

/// By the digest of everything that an answer depends on.
pub(super) struct Cache<T> {
    entries_max: usize,
    entries: HashMap<[u8; 32], Entry<T>>,
    /// Of all entries.
    size: usize,
}

struct Entry<T> {
    value: T,
    begun_ns: u64,
    until_ns: u64,
    size: usize,
}

impl<T> Cache<T> {
    pub(super) fn new(entries_max: usize) -> Self {
        Self { entries_max, entries: HashMap::new(), size: 0 }
    }

    /// What was asked for after `changed_ns`, while it counts.
    pub(super) fn get(&mut self, key: &[u8; 32], now_ns: u64, changed_ns: u64) -> Option<&T> {
        let entry = self.entries.get(key)?;
        // Asked for at the very moment of the change is before it.
        let counts = now_ns < entry.until_ns && (changed_ns == 0 || entry.begun_ns > changed_ns);
        counts.then_some(&entry.value)
    }

    pub(super) fn begun_ns(&self, key: &[u8; 32]) -> Option<u64> {
        self.entries.get(key).map(|entry| entry.begun_ns)
    }

    pub(super) fn put(&mut self, key: [u8; 32], value: T, begun_ns: u64, time: Duration, size: usize) {
        if size > ITEMS_MAX / 8 {
            return;
        }
        self.remove(&key);
        if self.entries.len() >= self.entries_max || self.size + size > ITEMS_MAX {
            self.make_room(begun_ns, size);
        }
        let time_ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.size += size;
        self.entries.insert(key, Entry { value, begun_ns, until_ns: begun_ns.saturating_add(time_ns), size });
    }

    pub(super) fn forget(&mut self, is_meant: impl Fn(&T) -> bool) {
        self.entries.retain(|_, entry| !is_meant(&entry.value));
        self.size = self.entries.values().map(|entry| entry.size).sum();
    }

    fn remove(&mut self, key: &[u8; 32]) {
        if let Some(entry) = self.entries.remove(key) {
            self.size -= entry.size;
        }
    }

    /// What is over goes first; then, since all of it lasts for seconds only, all of it.
    fn make_room(&mut self, now_ns: u64, size: usize) {
        self.entries.retain(|_, entry| now_ns < entry.until_ns);
        self.size = self.entries.values().map(|entry| entry.size).sum();
        if self.entries.len() >= self.entries_max || self.size + size > ITEMS_MAX {
            self.entries.clear();
            self.size = 0;
        }
    }
}

/// A list as far as it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Listed {
    items: HashMap<Arc<str>, Item>,
    pub(super) next: Next,
    pub(super) pages: u32,
    /// Items of the longest page.
    pub(super) longest: usize,
}

#[derive(Debug, Clone)]
struct Item {
    facts: Arc<Facts>,
    related: Arc<[Relation]>,
}

impl Listed {
    /// `false` when the id was there already.
    pub(super) fn add(&mut self, id: Arc<str>, facts: Facts, related: Vec<Relation>) -> bool {
        let item = Item { facts: Arc::new(facts), related: related.into() };
        match self.items.entry(id) {
            std::collections::hash_map::Entry::Occupied(mut known) => {
                // Two items of one id that say different things make it nobody's.
                let mut both = Facts::clone(&known.get().facts);
                both.merge(&item.facts);
                known.get_mut().facts = Arc::new(both);
                false
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(item);
                true
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len() + 1
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.items.contains_key(id)
    }

    /// `None`: nothing yet; there is more to read.
    pub(super) fn says(&self, id: &str) -> Option<Says> {
        match self.items.get(id) {
            Some(item) => Some(Says::Object {
                facts: Arc::clone(&item.facts),
                related: Arc::clone(&item.related),
                etag: None,
            }),
            None if matches!(self.next, Next::End) => Some(Says::Absent),
            None => None,
        }
    }
}
