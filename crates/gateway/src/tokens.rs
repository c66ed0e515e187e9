//! What is remembered of tokens: those that were proven, and those that an issuer called inactive.
//!
//! A remembered token spares the signature or the introspection, nothing else: its dates, its issuer's keys and its
//! being blocked are asked again on every request. Only tokens that verified take a place among the proven; inactive ones
//! have a small space of their own, so guesses push nobody out.

mod places;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use model::{CredentialKind, Principal, TokenIdentity};

use crate::renaming::Forgotten;
use places::Places;

/// One part in so many of the cache is for tokens that were found inactive.
const INACTIVE_PART: usize = 8;

/// A credential that was verified, and everything that later checks may know of it.
#[derive(Debug, Clone)]
pub struct Proven {
    pub kind: CredentialKind,
    /// Names the credential in records without revealing it.
    pub id: Arc<str>,
    /// `None` for API keys.
    pub token: Option<Arc<TokenIdentity>>,
    pub principal: Option<Principal>,
    pub client: Option<Arc<str>>,
    /// An API key's; a token's is among its claims.
    pub tenant: Option<Arc<str>>,
    pub scopes: BTreeSet<Arc<str>>,
    pub claims: Arc<serde_json::Map<String, serde_json::Value>>,
    /// Seconds since 1970; 0 when the credential says nothing.
    pub not_before_unix_s: u64,
    /// Seconds since 1970; `None` when the credential does not expire.
    pub expires_unix_s: Option<u64>,
}

/// Which token, as verified by which configuration: the SHA-256 of the token, and the identity of its verifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenKey {
    pub fingerprint: [u8; 32],
    pub verifiers: u64,
}

/// What is remembered under a [`TokenKey`].
#[derive(Debug, Clone)]
pub struct Remembered {
    pub proven: Arc<Proven>,
    /// Which of the scheme's authenticators it was.
    pub authenticator: usize,
    /// The generation of the issuer's keys that verified it.
    pub generation: u64,
}

/// What the cache says of a token.
#[derive(Debug, Clone)]
pub enum Known {
    Proven(Remembered),
    /// The issuer said that it is not active.
    Inactive,
}

#[derive(Debug, Clone)]
struct Held {
    remembered: Remembered,
    /// The hash of the name that an answer about the token told. A token that tells it itself is none the wiser for being
    /// asked again.
    told: Option<u64>,
}

/// Proven and inactive tokens, at most `tokens_max` in all.
pub struct TokenCache {
    seed: RandomState,
    proven: Places<Held>,
    inactive: Places<()>,
    forgotten: Forgotten,
}

impl TokenCache {
    pub fn new(tokens_max: usize) -> Self {
        let inactive = tokens_max / INACTIVE_PART;
        Self {
            seed: RandomState::new(),
            proven: Places::new(tokens_max - inactive),
            inactive: Places::new(inactive),
            forgotten: Forgotten::default(),
        }
    }

    pub fn get(&self, key: &TokenKey, now_unix_s: u64) -> Option<Known> {
        let hash = self.seed.hash_one(key);
        if let Some(held) = self.proven.get(hash, key, now_unix_s) {
            return Some(Known::Proven(held.remembered));
        }
        self.inactive.get(hash, key, now_unix_s).map(|()| Known::Inactive)
    }

    /// Remembers a verified token until `until_unix_s`, which is never after its own expiry.
    pub fn put_proven(&self, key: TokenKey, remembered: Remembered, until_unix_s: u64, now_unix_s: u64) {
        let held = Held { remembered, told: None };
        self.proven.put(self.seed.hash_one(key), key, held, until_unix_s, now_unix_s, || true);
    }

    /// The same for what an answer told of a token, unless answers were forgotten after `begun_ns`, when it was asked for:
    /// it may tell a name that is another's by now.
    pub fn put_told(
        &self,
        key: TokenKey,
        remembered: Remembered,
        begun_ns: u64,
        until_unix_s: u64,
        now_unix_s: u64,
    ) {
        let principal = remembered.proven.principal.as_ref();
        let told = principal.map(|principal| self.seed.hash_one(&*principal.subject));
        let held = Held { remembered, told };
        let counts = || !self.forgotten.is_since(begun_ns);
        self.proven.put(self.seed.hash_one(key), key, held, until_unix_s, now_unix_s, counts);
    }

    /// Forgets what was answered about the tokens of whoever has one of these names, whichever issuer has given it: they are
    /// asked about again, and what is being asked already is not kept. Looks through all that is held.
    pub fn forget_answers(&self, subjects: &BTreeSet<Arc<str>>, now_ns: u64) {
        self.forgotten.note(now_ns);
        let told: HashSet<u64> = subjects.iter().map(|subject| self.seed.hash_one(&**subject)).collect();
        self.proven.forget(|held| held.told.is_some_and(|name| told.contains(&name)));
    }

    /// When answers were last forgotten; 0: never.
    pub(crate) fn last_forgotten_ns(&self) -> u64 {
        self.forgotten.last_ns()
    }

    /// Remembers for a short while that the issuer called the token inactive.
    pub fn put_inactive(&self, key: TokenKey, until_unix_s: u64, now_unix_s: u64) {
        self.inactive.put(self.seed.hash_one(key), key, (), until_unix_s, now_unix_s, || true);
    }

    /// A name for a token that does not have one of its own: it says nothing to anyone outside this process, and is the
    /// same for the same token as long as the process lives.
    pub fn name(&self, fingerprint: &[u8; 32]) -> Arc<str> {
        format!("t{:016x}", self.seed.hash_one(fingerprint)).into()
    }

    /// Tokens held now, proven and inactive, expired ones included until their place is needed.
    pub fn len(&self) -> usize {
        self.proven.len() + self.inactive.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
