//! Sealed ids: what callers see and send in place of a service's own ids.
//!
//! A sealed id is the deterministic authenticated encryption (AES-256-GCM-SIV, RFC 8452) of an id under a key that is
//! derived for one API, one resource type and one audience, most often a tenant. The same id is always the same text to
//! the same audience, so that callers can compare and keep it; it says nothing of the id, and opens nowhere else.

mod names;
mod padding;
mod places;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Secret;

use crate::decide::{Subject, SubjectKind};

pub use names::Names;
pub use places::{Opening, Places, Showing, Stands, Unreadable, opened, opened_in_patch, sealed};

/// Bytes of an id that can be sealed, as UTF-8.
pub const ID_BYTES_MAX: usize = padding::ID_BYTES_MAX;
/// Bytes of a key at least.
pub const KEY_BYTES_MIN: usize = 32;

/// The label under which keys are derived; another scheme would have another.
const LABEL: &[u8] = b"bartizan sealed id 1";
const TAG_BYTES: usize = 16;

/// The keys of one API. The first seals, all of them open.
#[derive(Debug)]
pub struct Keys {
    keys: Vec<Key>,
}

/// One key with the number that sealed ids carry, so that each is opened by the key that sealed it.
#[derive(Debug)]
pub struct Key {
    pub number: u8,
    pub secret: Secret<Vec<u8>>,
}

/// For whom an id is sealed. It opens for nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience<'a> {
    /// Everybody: things that are shown across tenants.
    Everybody,
    Tenant(&'a str),
    /// Operators see objects of other tenants; what they were shown opens for operators of their own tenant only.
    Operators(&'a str),
}

impl<'a> Audience<'a> {
    pub fn of(subject: &'a Subject, seal: &Seal) -> Self {
        match subject.kind {
            _ if seal.shared => Self::Everybody,
            SubjectKind::Operator => Self::Operators(&subject.tenant),
            _ => Self::Tenant(&subject.tenant),
        }
    }

    fn parts(self) -> (u8, &'a str) {
        match self {
            Self::Everybody => (0, ""),
            Self::Tenant(tenant) => (1, tenant),
            Self::Operators(tenant) => (2, tenant),
        }
    }
}

/// What the bindings say of a sealed type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// What sealed ids of the type begin with, before an underscore.
    pub prefix: Arc<str>,
    /// The same for every tenant.
    pub shared: bool,
}

/// An id that cannot be sealed; the sentence holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    #[error("an id is empty or longer than can be sealed")]
    Length,
    #[error("there is no key to seal with")]
    NoKey,
    #[error("the cipher failed")]
    Cipher,
}

impl Keys {
    /// `None` without any key, with two of one number, or with a key that is too short.
    pub fn new(keys: Vec<Key>) -> Option<Self> {
        let fits = |key: &Key| key.secret.expose().len() >= KEY_BYTES_MIN;
        let mut numbers: Vec<u8> = keys.iter().map(|key| key.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        (!keys.is_empty() && numbers.len() == keys.len() && keys.iter().all(fits)).then_some(Self { keys })
    }

    /// The numbers of the keys; the first seals.
    pub fn numbers(&self) -> impl Iterator<Item = u8> {
        self.keys.iter().map(|key| key.number)
    }

    /// Whether ids that `other` sealed open here, as far as its keys say.
    pub fn opens(&self, other: &Self) -> bool {
        let has = |key: &Key| {
            let same = |own: &Key| own.number == key.number && own.secret.expose() == key.secret.expose();
            self.keys.iter().any(same)
        };
        other.keys.iter().all(has)
    }

    /// Whether both seal alike.
    pub fn seals_like(&self, other: &Self) -> bool {
        match (self.keys.first(), other.keys.first()) {
            (Some(a), Some(b)) => a.number == b.number && a.secret.expose() == b.secret.expose(),
            _ => false,
        }
    }

    /// What seals and opens ids of one type for one audience.
    pub fn sealer<'a>(
        &'a self,
        api: &'a str,
        kind: &'a str,
        seal: &'a Seal,
        audience: Audience<'a>,
    ) -> Sealer<'a> {
        Sealer { keys: self, api, kind, prefix: &seal.prefix, audience }
    }
}

/// Seals and opens ids of one type, for one audience.
#[derive(Debug, Clone, Copy)]
pub struct Sealer<'a> {
    keys: &'a Keys,
    api: &'a str,
    kind: &'a str,
    prefix: &'a str,
    audience: Audience<'a>,
}

impl Sealer<'_> {
    /// `inv_` and characters of base64url (RFC 4648 section 5), the same number for all ids of up to 22 bytes, for all
    /// whole numbers of 128 bits and for all UUIDs.
    ///
    /// # Errors
    /// [`SealFault`] when the id cannot be sealed.
    pub fn seal(&self, id: &str) -> Result<String, SealFault> {
        let key = self.keys.keys.first().ok_or(SealFault::NoKey)?;
        let mut bytes = padding::pad(id).ok_or(SealFault::Length)?;
        let cipher = self.derive(key).ok_or(SealFault::Cipher)?;
        cipher
            .seal_in_place_append_tag(nonce(), Aad::from([key.number]), &mut bytes)
            .map_err(|_| SealFault::Cipher)?;
        bytes.insert(0, key.number);
        Ok(format!("{}_{}", self.prefix, URL_SAFE_NO_PAD.encode(&bytes)))
    }

    /// The id, where the text was sealed for this type and audience.
    pub fn open(&self, text: &str) -> Option<String> {
        let encoded = text.strip_prefix(self.prefix)?.strip_prefix('_')?;
        // Longer texts are not of our making, and are not worth decoding.
        if encoded.len() > padding::TEXT_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let (number, sealed) = bytes.split_first()?;
        let key = self.keys.keys.iter().find(|key| key.number == *number)?;
        let mut sealed = sealed.to_vec();
        let opened = self.derive(key)?.open_in_place(nonce(), Aad::from([*number]), &mut sealed).ok()?;
        padding::unpad(opened)
    }

    fn derive(&self, key: &Key) -> Option<LessSafeKey> {
        let (tag, tenant) = self.audience.parts();
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.secret.expose()));
        context.update(LABEL);
        context.update(&[tag]);
        for part in [self.api, self.kind, tenant] {
            // With their lengths, so that no two sets of parts run together into one.
            context.update(&u64::try_from(part.len()).ok()?.to_be_bytes());
            context.update(part.as_bytes());
        }
        let derived = Secret::new(context.sign().as_ref().to_vec());
        UnboundKey::new(&AES_256_GCM_SIV, derived.expose()).ok().map(LessSafeKey::new)
    }
}

/// Constant: the same id has to give the same text, which is what GCM-SIV allows (RFC 8452 section 9): a repeated nonce
/// tells only that two plaintexts are equal.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}
