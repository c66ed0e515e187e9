//! What outlives a snapshot: counters, caches, pools, keyed by stable ids so that a reload keeps them.

use std::sync::Arc;

use model::Clock;

use crate::settings::Sizes;

/// Everything checks share that changes while the gateway runs. Each part guards itself.
pub struct Shared {
    pub clock: Arc<dyn Clock>,
    /// Limiters: one identity a limit, see `counters`.
    pub counters: crate::counters::Counters,
    /// Requests in flight of APIs that bound them.
    pub concurrencies: crate::concurrency::Concurrencies,
    /// What listeners show under TLS, and validations of names that are pending.
    pub certificates: crate::certificates::Certificates,
    /// Issuers' keys, by issuer; refreshed by the asker.
    pub keys: crate::keys::KeyCache,
    /// How fetches of keys and introspections went.
    pub fetches: crate::fetches::Fetches,
    /// Verified tokens and introspection answers, by keyed fingerprint.
    pub tokens: crate::tokens::TokenCache,
    /// What is refused at once; asked on every request, remembered tokens included.
    pub blocks: crate::blocks::Blocks,
}

impl Shared {
    /// Empty; the sizes of its parts stay as they are when a later snapshot has others.
    pub fn new(clock: Arc<dyn Clock>, sizes: &Sizes) -> Arc<Self> {
        Arc::new(Self {
            fetches: crate::fetches::Fetches::new(Arc::clone(&clock)),
            blocks: crate::blocks::Blocks::new(Arc::clone(&clock)),
            clock,
            concurrencies: crate::concurrency::Concurrencies::default(),
            certificates: crate::certificates::Certificates::default(),
            counters: crate::counters::Counters::new(sizes.limit_keys_max),
            keys: crate::keys::KeyCache::new(),
            tokens: crate::tokens::TokenCache::new(sizes.tokens_cached_max),
        })
    }
}

#[cfg(test)]
mod tests;
