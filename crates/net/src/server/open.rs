//! How many connections a listener has open.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The count of a [`crate::Listener`]; outlives it.
#[derive(Debug, Clone, Default)]
pub struct OpenConnections(Arc<AtomicUsize>);

/// One connection; it counts until it is dropped.
pub(super) struct Open(OpenConnections);

impl OpenConnections {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn open(&self) -> Open {
        self.0.fetch_add(1, Ordering::Relaxed);
        Open(self.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
