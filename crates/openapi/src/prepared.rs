//! A place beside a declaration where a checker keeps what it has compiled from it.

use std::any::Any;
use std::sync::{Arc, OnceLock};

/// Filled when first asked for, then shared, also by clones. One slot serves one checker, so it holds one type.
#[derive(Clone, Default)]
pub(crate) struct Prepared(Arc<OnceLock<Arc<dyn Any + Send + Sync>>>);

impl Prepared {
    /// What was prepared, made now if nobody has asked before.
    pub(crate) fn get<T: Any + Send + Sync>(&self, make: impl Fn() -> T) -> Arc<T> {
        let held = self.0.get_or_init(|| Arc::new(make()));
        // Another type is held only where two checkers share a slot by mistake: still correct, only slower.
        Arc::clone(held).downcast::<T>().unwrap_or_else(|_| Arc::new(make()))
    }
}
