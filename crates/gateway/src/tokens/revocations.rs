//! What was revoked before its end: asked on every request, cache hits included.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use model::{CredentialKind, Principal};

use super::Proven;

const REVOCATIONS_MAX: usize = 100_000;

/// One thing that is no longer accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// The SHA-256 of a token.
    Fingerprint([u8; 32]),
    /// A token by its issuer and `jti`.
    Token { issuer: Arc<str>, jti: Arc<str> },
    /// Every credential of a client, whoever issued it.
    Client(Arc<str>),
    /// Every token of a subject.
    Subject(Principal),
    /// An API key by its id.
    Key(Arc<str>),
}

/// The set is full, and nothing in it has ended: the revocation was NOT taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the set of revocations is full ({REVOCATIONS_MAX})")]
pub struct RevocationsFull;

/// Revocations with their ends. Reading takes no lock; writing copies.
#[derive(Default)]
pub struct Revocations {
    ends: ArcSwap<HashMap<Revoked, u64>>,
    writing: Mutex<()>,
}

impl Revocations {
    pub fn new() -> Self {
        Self::default()
    }

    /// In force for every request from now on, until `end_unix_s`: when the revoked thing expires by itself.
    pub fn revoke(&self, what: Revoked, end_unix_s: u64, now_unix_s: u64) -> Result<(), RevocationsFull> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ends = HashMap::clone(&self.ends.load());
        if ends.len() >= REVOCATIONS_MAX {
            ends.retain(|_, end| *end > now_unix_s);
        }
        if ends.len() >= REVOCATIONS_MAX && !ends.contains_key(&what) {
            return Err(RevocationsFull);
        }
        let end = ends.entry(what).or_insert(0);
        *end = (*end).max(end_unix_s);
        self.ends.store(Arc::new(ends));
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.ends.load().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the credential, its client or its subject was revoked. `fingerprint` is `None` for API keys.
    pub fn holds(&self, proven: &Proven, fingerprint: Option<&[u8; 32]>, now_unix_s: u64) -> bool {
        let ends = self.ends.load();
        if ends.is_empty() {
            return false;
        }
        let in_force = |what: &Revoked| ends.get(what).is_some_and(|end| *end > now_unix_s);
        let token = match (&proven.issuer, &proven.jti) {
            (Some(issuer), Some(jti)) => {
                in_force(&Revoked::Token { issuer: Arc::clone(issuer), jti: Arc::clone(jti) })
            }
            _ => false,
        };
        token
            || fingerprint.is_some_and(|fingerprint| in_force(&Revoked::Fingerprint(*fingerprint)))
            || proven.client.as_ref().is_some_and(|client| in_force(&Revoked::Client(Arc::clone(client))))
            || proven.principal.as_ref().is_some_and(|subject| in_force(&Revoked::Subject(subject.clone())))
            || (proven.kind == CredentialKind::ApiKey && in_force(&Revoked::Key(Arc::clone(&proven.id))))
    }
}
