//! What outlives a snapshot: counters, caches, pools, keyed by stable ids so that a reload keeps them.

use std::sync::Arc;

use model::Clock;

use crate::locks::{Held, QUARANTINE};
use crate::question::{Answer, NoAnswer};
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
    /// WebSockets that callers have open.
    pub websockets: crate::tunnel::Seats,
    /// What the APIs themselves said of objects, for seconds.
    pub evidence: Arc<crate::evidence::Evidence>,
    /// Names for objects.
    pub objects: crate::objects::ObjectKeys,
    /// Objects that are being changed.
    pub locks: Arc<dyn crate::locks::Locks>,
    /// Whose objects are that were made before our eyes.
    pub learned: Arc<crate::learned::Learned>,
    /// What `status` says of ids and evidence.
    pub standing: crate::standing::Standing,
}

impl Shared {
    /// Empty; the sizes of its parts stay as they are when a later snapshot has others.
    pub fn new(clock: Arc<dyn Clock>, sizes: &Sizes) -> Arc<Self> {
        Arc::new(Self {
            evidence: Arc::new(crate::evidence::Evidence::new(Arc::clone(&clock), sizes.evidence_cached_max)),
            objects: crate::objects::ObjectKeys::default(),
            locks: Arc::new(crate::locks::InProcess::new(Arc::clone(&clock), sizes.locks_max)),
            learned: Arc::new(crate::learned::Learned::new(sizes.learned_max)),
            standing: crate::standing::Standing::default(),
            fetches: crate::fetches::Fetches::new(Arc::clone(&clock)),
            blocks: crate::blocks::Blocks::new(Arc::clone(&clock)),
            websockets: crate::tunnel::Seats::default(),
            clock,
            concurrencies: crate::concurrency::Concurrencies::default(),
            certificates: crate::certificates::Certificates::default(),
            counters: crate::counters::Counters::new(sizes.limit_keys_max),
            keys: crate::keys::KeyCache::new(),
            tokens: crate::tokens::TokenCache::new(sizes.tokens_cached_max),
        })
    }

    /// Takes the locks, or says that they cannot be had.
    pub(crate) async fn lock(&self, wanted: &crate::locks::Wanted) -> Answer {
        let Ok(tickets) = self.locks.lock(wanted).await else { return Answer::None(NoAnswer::TimedOut) };
        let (evidence, learned) = (Arc::clone(&self.evidence), Arc::clone(&self.learned));
        let clock = Arc::clone(&self.clock);
        let changed = move |object, is_known: bool| {
            evidence.changed(object);
            if !is_known {
                learned.forget(object, clock.monotonic_ns());
            }
        };
        let locks = Arc::clone(&self.locks);
        Answer::Locked(Arc::new(Held::new(locks, tickets, QUARANTINE, Box::new(changed))))
    }
}

#[cfg(test)]
mod tests;
