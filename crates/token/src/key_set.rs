//! The keys of one issuer, and which of them may have signed a token.

mod jwk;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::header::Header;
use crate::key::{PublicKey, SecretKey};
use crate::{Algorithm, Fault, json};

/// A JWK Set larger than this is refused unread.
const SET_BYTES_MAX: usize = 1 << 20;
const KEYS_MAX: usize = 512;
/// How many keys are tried for a token that names none.
const TRIES_MAX: usize = 4;

/// Public keys or shared secrets, never both: a token can not choose between the two kinds.
#[derive(Clone)]
pub struct KeySet(Arc<Keys>);

enum Keys {
    Public(Vec<Named<PublicKey>>),
    Secret(Vec<Named<SecretKey>>),
}

/// A key and its id. A secret that the configuration gives has none: the configuration chose it, so whatever the
/// token calls it, it is the one that is tried.
struct Named<K> {
    kid: Option<String>,
    /// Of public keys (RFC 7638).
    thumbprint: Option<String>,
    key: K,
}

/// What tells a public key from others, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName {
    pub kid: Option<String>,
    /// RFC 7638, SHA-256, base64url.
    pub thumbprint: String,
    /// What it may verify.
    pub algorithms: Vec<Algorithm>,
}

/// A key of a JWK Set that is not used, by its position in the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFault {
    pub index: usize,
    /// As the set names it, when it does and the name is sane.
    pub kid: Option<String>,
    pub kind: KeyFaultKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFaultKind {
    #[error("it is not a well-formed key")]
    Malformed,
    #[error("its `kty` or `crv` is not supported")]
    KindUnsupported,
    #[error("it is not for verifying signatures")]
    OtherUse,
    #[error("its `alg` is not one of its `kty` and `crv`")]
    AlgorithmMismatch,
    #[error(
        "it is too weak (RSA from 2048 bits and e = 65537, made by a sound generator; no point of small order)"
    )]
    Weak,
    #[error("it is a shared secret, which no published set may hold")]
    Secret,
    #[error("its private part is published with it")]
    PrivatePart,
    #[error("another key of the set has the same `kid`, and could be meant by it")]
    KidRepeated,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kid {
            Some(kid) => write!(f, "key {} ({kid:?}) is left out: {}", self.index, self.kind),
            None => write!(f, "key {} is left out: {}", self.index, self.kind),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    #[error("the key set is not a strict JSON object with an array `keys`")]
    Malformed,
    #[error("the key set is larger than 1 MiB or has more than 512 keys")]
    TooLarge,
    #[error("the key set of secrets also holds keys of another kind")]
    Mixed,
    #[error("the secret is shorter than 256 bits")]
    SecretTooShort,
    #[error("the secret is empty or longer than 4096 bytes")]
    SecretLength,
}

impl KeySet {
    /// A published JWK Set (RFC 7517 section 5). Keys that are not usable are left out and listed; a set in which
    /// nothing is usable is empty, not an error.
    pub fn parse_jwks(bytes: &[u8]) -> Result<(Self, Vec<KeyFault>), KeySetError> {
        let (keys, faults) = parse(bytes, jwk::public, |keys: &[Named<PublicKey>]| {
            keys.iter().map(|named| (named.kid.clone(), named.key.algorithms())).collect()
        })?;
        Ok((Self(Arc::new(Keys::Public(keys))), faults))
    }

    /// A JWK Set of shared secrets (`kty` is `oct`) that is kept like any other secret. A set that also holds
    /// keys of another kind is refused; secrets shorter than the hash (RFC 7518 section 3.2) are left out.
    pub fn parse_secret_jwks(bytes: &[u8]) -> Result<(Self, Vec<KeyFault>), KeySetError> {
        let (keys, faults) = parse(bytes, jwk::secret, |keys: &[Named<SecretKey>]| {
            keys.iter().map(|named| (named.kid.clone(), named.key.algorithms())).collect()
        })?;
        if faults.iter().any(|fault| fault.kind == KeyFaultKind::KindUnsupported) {
            return Err(KeySetError::Mixed);
        }
        Ok((Self(Arc::new(Keys::Secret(keys))), faults))
    }

    /// One shared secret for HS256 and, where it is as long as their hash, HS384 and HS512. `allow_short` takes
    /// any length for all three.
    pub fn from_secret(secret: &[u8], allow_short: bool) -> Result<Self, KeySetError> {
        let key = SecretKey::new(secret, None, allow_short).map_err(|fault| match fault {
            crate::key::Unusable::Weak => KeySetError::SecretTooShort,
            crate::key::Unusable::Malformed => KeySetError::SecretLength,
        })?;
        Ok(Self(Arc::new(Keys::Secret(vec![Named { kid: None, thumbprint: None, key }]))))
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn len(&self) -> usize {
        match &*self.0 {
            Keys::Public(keys) => keys.len(),
            Keys::Secret(keys) => keys.len(),
        }
    }

    pub fn has_kid(&self, kid: &str) -> bool {
        match &*self.0 {
            Keys::Public(keys) => keys.iter().any(|named| named.is(kid)),
            Keys::Secret(keys) => keys.iter().any(|named| named.is(kid)),
        }
    }

    /// Every public key; of secrets nothing is told.
    pub fn public_keys(&self) -> Vec<KeyName> {
        let Keys::Public(keys) = &*self.0 else { return Vec::new() };
        let name = |named: &Named<PublicKey>| {
            let thumbprint = named.thumbprint.clone()?;
            Some(KeyName { kid: named.kid.clone(), thumbprint, algorithms: named.key.algorithms() })
        };
        keys.iter().filter_map(name).collect()
    }

    /// The algorithms that some key of the set may verify.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let mut all: Vec<Algorithm> = match &*self.0 {
            Keys::Public(keys) => keys.iter().flat_map(|named| named.key.algorithms()).collect(),
            Keys::Secret(keys) => keys.iter().flat_map(|named| named.key.algorithms()).collect(),
        };
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether one of the keys that `header` may mean made `signature` over `message`.
    pub(crate) fn verify(
        &self,
        header: &Header,
        allowed: &[Algorithm],
        message: &[u8],
        signature: &[u8],
    ) -> Result<Algorithm, Fault> {
        let algorithm = header.algorithm.filter(|named| allowed.contains(named)).ok_or(Fault::Algorithm)?;
        let kid = header.kid.as_deref();
        let verified = match &*self.0 {
            Keys::Public(keys) => candidates(keys, kid, |key| key.allows(algorithm))?
                .into_iter()
                .any(|key| key.verify(algorithm, message, signature)),
            Keys::Secret(keys) => candidates(keys, kid, |key| key.allows(algorithm))?
                .into_iter()
                .any(|key| key.verify(algorithm, message, signature)),
        };
        if verified { Ok(algorithm) } else { Err(Fault::Signature) }
    }
}

/// Shows key ids and kinds, no key.
impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<(Option<&str>, &str)> = match &*self.0 {
            Keys::Public(keys) => keys.iter().map(|named| (named.kid.as_deref(), named.key.kty())).collect(),
            Keys::Secret(keys) => keys.iter().map(|named| (named.kid.as_deref(), "oct")).collect(),
        };
        f.debug_tuple("KeySet").field(&entries).finish()
    }
}

impl<K> Named<K> {
    fn is(&self, kid: &str) -> bool {
        self.kid.as_deref() == Some(kid)
    }
}

/// The keys a token may have been signed with. One that names its key is tried with that key only.
fn candidates<'k, K>(
    keys: &'k [Named<K>],
    kid: Option<&str>,
    allows: impl Fn(&K) -> bool,
) -> Result<Vec<&'k K>, Fault> {
    let named: Vec<&K> = keys
        .iter()
        .filter(|entry| kid.is_none_or(|kid| entry.kid.is_none() || entry.is(kid)))
        .map(|entry| &entry.key)
        .collect();
    if named.is_empty() {
        return Err(Fault::KeyUnknown);
    }
    let usable: Vec<&K> = named.into_iter().filter(|key| allows(key)).collect();
    match usable.len() {
        0 => Err(Fault::Algorithm),
        1..=TRIES_MAX => Ok(usable),
        _ => Err(Fault::KeyAmbiguous),
    }
}

type Read<K> = fn(&serde_json::Map<String, serde_json::Value>) -> Result<Named<K>, KeyFaultKind>;
type Claimed = Vec<(Option<String>, Vec<Algorithm>)>;

fn parse<K>(
    bytes: &[u8],
    read: Read<K>,
    claimed: fn(&[Named<K>]) -> Claimed,
) -> Result<(Vec<Named<K>>, Vec<KeyFault>), KeySetError> {
    if bytes.len() > SET_BYTES_MAX {
        return Err(KeySetError::TooLarge);
    }
    let set = json::document(bytes, SET_BYTES_MAX).ok_or(KeySetError::Malformed)?;
    let entries = set.get("keys").and_then(|keys| keys.as_array()).ok_or(KeySetError::Malformed)?;
    if entries.len() > KEYS_MAX {
        return Err(KeySetError::TooLarge);
    }
    let (mut keys, mut indexes, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (index, entry) in entries.iter().enumerate() {
        let read = entry.as_object().ok_or(KeyFaultKind::Malformed).and_then(read);
        match read {
            Ok(named) => {
                keys.push(named);
                indexes.push(index);
            }
            Err(kind) => faults.push(KeyFault { index, kid: jwk::kid_to_show(entry), kind }),
        }
    }
    let repeated = repeated(&claimed(&keys), &faults);
    let mut kept = Vec::new();
    for ((named, index), repeated) in keys.into_iter().zip(indexes).zip(repeated) {
        if repeated {
            faults.push(KeyFault { index, kid: named.kid, kind: KeyFaultKind::KidRepeated });
        } else {
            kept.push(named);
        }
    }
    faults.sort_by_key(|fault| fault.index);
    Ok((kept, faults))
}

/// For each key, whether another has its `kid` and may verify the same algorithm, or can not be read: then none of
/// them is used, as the token can not say which it means.
fn repeated(claimed: &Claimed, faults: &[KeyFault]) -> Vec<bool> {
    let unread = |kid: &Option<String>| {
        let unread = |kind| matches!(kind, KeyFaultKind::Malformed | KeyFaultKind::Weak);
        faults.iter().any(|fault| unread(fault.kind) && fault.kid == *kid)
    };
    let clashes = |at: usize, kid: &Option<String>, algorithms: &[Algorithm]| {
        claimed.iter().enumerate().any(|(other, (other_kid, others))| {
            other != at && other_kid == kid && algorithms.iter().any(|algorithm| others.contains(algorithm))
        })
    };
    let entries = claimed.iter().enumerate();
    entries
        .map(|(at, (kid, algorithms))| kid.is_some() && (unread(kid) || clashes(at, kid, algorithms)))
        .collect()
}
