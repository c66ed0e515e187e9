//! What outlives a snapshot: counters, caches, pools, keyed by stable ids so that a reload keeps them.

use std::sync::Arc;

use model::Clock;

/// Everything checks share that changes while the gateway runs. Each part guards itself.
pub struct Shared {
    pub clock: Arc<dyn Clock>,
    /// Limiters: one identity a limit, see `counters`.
    pub counters: crate::counters::Counters,
    /// Issuers' keys, by issuer; refreshed by the asker.
    pub keys: crate::keys::KeyCache,
    /// Verified tokens and introspection answers, by keyed fingerprint.
    pub tokens: crate::tokens::TokenCache,
    /// Revoked credential ids and fingerprints; asked on every request, cache hits included.
    pub revocations: crate::tokens::Revocations,
}
