//! API keys: they name a client, and only where `authorizes` says so are they enough alone.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use model::{Code, CredentialKind};

use super::outcome::{Look, Outcome, Problem};
use super::scheme::sha256;
use crate::settings::{ApiKey, ApiKeys};
use crate::tokens::Proven;

/// The keys of one scheme by the SHA-256 of the key. Looking up a digest tells a guesser nothing about a key: who does
/// not know the key cannot choose its digest.
#[derive(Default)]
pub(super) struct KeyTable {
    keys: HashMap<[u8; 32], Arc<Proven>>,
}

impl KeyTable {
    /// The error is the configuration's: a client or a scope that could not be told to the backend as it is.
    pub(super) fn add(&mut self, keys: &ApiKeys) -> Result<(), String> {
        for key in &keys.keys {
            if !token::is_name(&key.client) {
                return Err(format!("the client of the key `{}` is not printable ASCII", key.id));
            }
            if !key.scopes.iter().all(|scope| token::is_scope(scope)) {
                return Err(format!("a scope of the key `{}` is not one (RFC 6749 section 3.3)", key.id));
            }
        }
        self.keys.extend(keys.keys.iter().map(|key| (key.sha256, Arc::new(proven(key)))));
        Ok(())
    }

    pub(super) fn knows(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// `None` when it is none of these keys.
    pub(super) fn verify(&self, key: &str, look: &Look<'_>) -> Option<Outcome> {
        let proven = self.find(key)?;
        if proven.expires_unix_s.is_some_and(|expires| look.now_unix_s() >= expires) {
            return Some(Problem::new(Code::ApiKeyExpired, "").into());
        }
        Some(Outcome::Proven(Arc::clone(proven)))
    }

    fn find(&self, key: &str) -> Option<&Arc<Proven>> {
        let digest = sha256(key.as_bytes());
        let (held, proven) = self.keys.get_key_value(&digest)?;
        verify_slices_are_equal(held, &digest).ok().map(|()| proven)
    }
}

fn proven(key: &ApiKey) -> Proven {
    Proven {
        kind: CredentialKind::ApiKey,
        id: Arc::clone(&key.id),
        token: None,
        principal: None,
        client: Some(Arc::clone(&key.client)),
        tenant: key.tenant.clone(),
        scopes: key.scopes.iter().map(Arc::clone).collect::<BTreeSet<_>>(),
        claims: Arc::default(),
        not_before_unix_s: 0,
        expires_unix_s: key.expires_unix_s,
    }
}
