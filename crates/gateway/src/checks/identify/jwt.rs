//! JSON Web Tokens of one issuer: its keys, our rules, and what the token proves.

use std::sync::Arc;

use model::{Code, CredentialKind, Principal, TokenIdentity};
use serde_json::Value;
use token::{KeySet, LEEWAY_S_MAX, Rules, Verified};

use super::caller;
use super::outcome::{Look, Outcome, Problem};
use super::scheme::signed_sha256;
use crate::keys::{Found, IssuerKeys};
use crate::question::{Answer, Question};
use crate::settings::{Jwt, KeySource};
use crate::shared::Shared;
use crate::tokens::{Proven, Remembered, TokenCache, TokenKey};

/// A `jti` longer than this is not used as a name.
const JTI_BYTES_MAX: usize = 64;

pub(super) struct JwtVerifier {
    jwt: Arc<Jwt>,
    rules: Rules,
    keys: Keys,
}

enum Keys {
    Configured(Arc<KeySet>),
    Fetched(Arc<IssuerKeys>),
}

/// A set to verify with, and its generation when what it verifies may be remembered.
type Usable = (Arc<KeySet>, Option<u64>);

impl JwtVerifier {
    pub(super) fn new(jwt: &Jwt, shared: &Shared) -> Self {
        let keys = match &jwt.keys {
            KeySource::Jwks(keys) | KeySource::Secret(keys) => Keys::Configured(Arc::clone(keys)),
            KeySource::Discovery | KeySource::JwksUri(_) => Keys::Fetched(shared.keys.issuer(jwt)),
        };
        let rules = Rules {
            issuer: jwt.issuer.to_string(),
            audiences: jwt.audiences.clone(),
            algorithms: jwt.algorithms.clone(),
            types: jwt.types.clone(),
            leeway_s: jwt.leeway.as_secs(),
            lifetime_max_s: jwt.token_lifetime_max.map(|max| max.as_secs()),
            required_claims: jwt.required_claims.clone(),
            legacy: jwt.legacy_token,
        };
        Self { jwt: Arc::new(jwt.clone()), rules, keys }
    }

    /// Whether a token that says it is from `issuer` is to be verified here. Without `iss`, only a legacy one.
    pub(super) fn is_for(&self, issuer: Option<&str>) -> bool {
        issuer.map_or(self.jwt.legacy_token, |issuer| *issuer == *self.jwt.issuer)
    }

    /// Whether one fetch serves both, when both verify one issuer's tokens.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        match (&self.keys, &other.keys) {
            _ if self.jwt.issuer != other.jwt.issuer
                && !(self.jwt.legacy_token && other.jwt.legacy_token) =>
            {
                true
            }
            (Keys::Fetched(one), Keys::Fetched(other)) => Arc::ptr_eq(one, other),
            (Keys::Configured(_), Keys::Configured(_)) => true,
            _ => false,
        }
    }

    pub(super) fn question(&self, kid: Option<String>) -> Option<Question> {
        match self.keys {
            Keys::Configured(_) => None,
            Keys::Fetched(_) => Some(Question::Keys { jwt: Arc::clone(&self.jwt), kid }),
        }
    }

    pub(super) fn leeway_s(&self) -> u64 {
        self.rules.leeway_s.min(LEEWAY_S_MAX)
    }

    /// The generation that remembered tokens have to be of.
    pub(super) fn generation(&self, look: &Look<'_>) -> Option<u64> {
        match &self.keys {
            Keys::Configured(_) => Some(0),
            Keys::Fetched(issuer) => issuer.generation(look.now_ns()),
        }
    }

    /// Verifies and remembers. `index` is the authenticator's within its scheme.
    pub(super) fn verify(
        &self,
        token: &str,
        kid: Option<&str>,
        key: &TokenKey,
        index: usize,
        look: &Look<'_>,
        answer: Option<&Answer>,
    ) -> Outcome {
        let (keys, generation) = match self.usable_keys(kid, look, answer) {
            Ok(usable) => usable,
            Err(outcome) => return outcome,
        };
        let verified = match token::verify(token, &keys, &self.rules, look.now_unix_s()) {
            Ok(verified) => verified,
            Err(fault) => return Outcome::Problem(fault.into()),
        };
        if is_bound(&verified.claims) {
            return unchecked_binding().into();
        }
        let named = match &self.jwt.subject_claim {
            Some(claim) => caller::subject(&verified.claims, claim).map(Some),
            None => Ok(verified.subject.as_deref().map(Arc::from)),
        };
        let subject = match named {
            Ok(subject) => subject,
            Err(problem) => return problem.into(),
        };
        let until = verified.expires_unix_s.saturating_add(self.leeway_s());
        let proven = Arc::new(self.proven(verified, subject, key, signed_sha256(token), &look.shared.tokens));
        if let Some(generation) = generation {
            let remembered = Remembered { proven: Arc::clone(&proven), authenticator: index, generation };
            look.shared.tokens.put_proven(*key, remembered, until, look.now_unix_s());
        }
        Outcome::Proven(proven)
    }

    fn usable_keys(
        &self,
        kid: Option<&str>,
        look: &Look<'_>,
        answer: Option<&Answer>,
    ) -> Result<Usable, Outcome> {
        let unavailable = || Err(Problem::new(Code::KeysUnavailable, "").into());
        let issuer = match &self.keys {
            Keys::Configured(keys) => return Ok((Arc::clone(keys), Some(0))),
            Keys::Fetched(issuer) => issuer,
        };
        match answer {
            None => match issuer.find(kid, look.now_ns()) {
                Found::Use(current) => Ok((current.keys, Some(current.generation))),
                Found::Ask => Err(Outcome::Ask),
                Found::Unavailable => unavailable(),
            },
            Some(Answer::Keys(keys)) => {
                let held = issuer.held(look.now_ns()).filter(|held| Arc::ptr_eq(&held.keys, keys));
                Ok((Arc::clone(keys), held.map(|held| held.generation)))
            }
            // Nothing better was to be had, so what is held is used, if the token's key is among it.
            Some(_) => match issuer.held(look.now_ns()) {
                Some(held) if kid.is_none_or(|kid| held.keys.has_kid(kid)) => {
                    Ok((held.keys, Some(held.generation)))
                }
                _ => unavailable(),
            },
        }
    }

    fn proven(
        &self,
        verified: Verified,
        subject: Option<Arc<str>>,
        key: &TokenKey,
        signed_sha256: Option<[u8; 32]>,
        tokens: &TokenCache,
    ) -> Proven {
        let issuer = Arc::clone(&self.jwt.issuer);
        let jti: Option<Arc<str>> = verified.jti.map(Arc::from);
        let principal = subject.map(|subject| Principal { issuer: Arc::clone(&issuer), subject });
        Proven {
            kind: CredentialKind::Jwt,
            id: name(jti.as_ref(), key, tokens),
            token: Some(Arc::new(TokenIdentity { sha256: key.fingerprint, signed_sha256, issuer, jti })),
            principal,
            client: verified.client.map(Arc::from),
            tenant: None,
            scopes: verified.scopes.into_iter().map(Arc::from).collect(),
            not_before_unix_s: verified.claims.get("nbf").and_then(seconds).unwrap_or(0),
            claims: Arc::new(verified.claims),
            expires_unix_s: Some(verified.expires_unix_s),
        }
    }
}

/// The token's own name where it is short and plain, else ours.
pub(super) fn name(jti: Option<&Arc<str>>, key: &TokenKey, tokens: &TokenCache) -> Arc<str> {
    let plain = |jti: &&Arc<str>| {
        (1..=JTI_BYTES_MAX).contains(&jti.len()) && jti.bytes().all(|byte| byte.is_ascii_graphic())
    };
    jti.filter(plain).map_or_else(|| tokens.name(&key.fingerprint), Arc::clone)
}

/// A NumericDate as whole seconds, rounded down.
pub(super) fn seconds(value: &Value) -> Option<u64> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float casts to the nearest u64"
    )]
    value.as_u64().or_else(|| value.as_f64().map(|seconds| seconds.floor() as u64))
}

/// Whether the token is bound to a key (RFC 7800), so that whoever merely holds it must not pass.
pub(super) fn is_bound(claims: &serde_json::Map<String, Value>) -> bool {
    claims.get("cnf").is_some_and(|confirmation| !confirmation.is_null())
}

pub(super) fn unchecked_binding() -> Problem {
    Problem::new(Code::TokenType, "the token is bound to a key, and the binding is not checked here")
}
