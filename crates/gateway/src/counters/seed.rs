//! The keyed hash that names keys: drawn at the first use, or taken over from the process before.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::OnceLock;

/// 128 bits that nobody outside knows, so that nobody can aim keys at each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seed(pub(super) u64, pub(super) u64);

#[derive(Debug, Default)]
pub(super) struct Seeded(OnceLock<Seed>);

impl Seeded {
    pub(super) fn seed(&self) -> Seed {
        *self.0.get_or_init(|| Seed(RandomState::new().hash_one(0), RandomState::new().hash_one(1)))
    }

    /// `false` when another one has been used already.
    pub(super) fn take_over(&self, seed: Seed) -> bool {
        *self.0.get_or_init(|| seed) == seed
    }

    #[allow(deprecated, reason = "the only keyed hash of the standard library whose keys can be chosen")]
    pub(super) fn hash(&self, value: impl Hash) -> u64 {
        let Seed(first, second) = self.seed();
        let mut hasher = std::hash::SipHasher::new_with_keys(first, second);
        value.hash(&mut hasher);
        hasher.finish()
    }
}
