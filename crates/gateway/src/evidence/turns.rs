//! One reader at a time for each list, so that those who wait find what the one before them has read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

#[cfg(test)]
mod tests;

/// Lists remembered before those that nobody reads are looked for.
const LISTS_MAX: usize = 1024;

/// By what a list is kept under.
#[derive(Default)]
pub(super) struct Turns {
    lists: Mutex<HashMap<[u8; 32], Weak<tokio::sync::Mutex<()>>>>,
}

impl Turns {
    /// Ready once whoever reads the list now has read it, or given up. Dropped, it is the next one's turn. How long is
    /// waited is for the caller to bound.
    pub(super) async fn wait(&self, key: [u8; 32]) -> tokio::sync::OwnedMutexGuard<()> {
        self.of(key).lock_owned().await
    }

    fn of(&self, key: [u8; 32]) -> Arc<tokio::sync::Mutex<()>> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = lists.get(&key).and_then(Weak::upgrade) {
            return turn;
        }
        if lists.len() >= LISTS_MAX {
            lists.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = Arc::default();
        lists.insert(key, Arc::downgrade(&turn));
        turn
    }
}
