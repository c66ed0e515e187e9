//! One security scheme of the description: where its credential travels, and what verifies it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use model::{Code, CredentialKind};
use openapi::{KeyLocation, SchemeKind};

use super::api_key::KeyTable;
use super::introspected::IntrospectionVerifier;
use super::jwt::JwtVerifier;
use super::outcome::{Look, Outcome, Problem};
use crate::check::Preparation;
use crate::question::{Answer, Question};
use crate::settings::AuthenticatorKind;
use crate::tokens::{Known, Remembered, TokenKey};

/// Schemes that prove more than possession of a token. Taking their tokens for bearer tokens would drop that proof.
const PROVING: &[&str] = &["concealed", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "vapid"];

pub(super) struct Scheme {
    pub(super) name: Arc<str>,
    carrier: Carrier,
    keys: Option<KeyTable>,
    jwts: Vec<JwtVerifier>,
    introspection: Option<IntrospectionVerifier>,
    /// Tells remembered tokens of other schemes, APIs and configurations apart.
    identity: u64,
}

enum Carrier {
    /// After this authentication scheme.
    Authorization(String),
    Header(HeaderName),
    /// In a place from which nothing is accepted.
    Nowhere,
}

/// Who verifies a token.
enum Verifiers<'s> {
    Jwt { kid: Option<String>, candidates: Vec<(usize, &'s JwtVerifier)> },
    Introspection(&'s IntrospectionVerifier),
    Nobody(Problem),
}

impl Scheme {
    pub(super) fn build(name: &Arc<str>, preparation: &Preparation<'_>) -> Result<Self, String> {
        let mut hasher = DefaultHasher::new();
        (&preparation.settings.hash, &preparation.api.name, name).hash(&mut hasher);
        let mut scheme = Self {
            name: Arc::clone(name),
            carrier: carrier(name, preparation),
            keys: None,
            jwts: Vec::new(),
            introspection: None,
            identity: hasher.finish(),
        };
        let authenticators = preparation.api.authenticators.get(name).map(Vec::as_slice).unwrap_or_default();
        if !authenticators.is_empty() && preparation.api.description.security_schemes.contains_key(name) {
            check_carrier(name, &scheme.carrier)?;
        }
        for authenticator in authenticators {
            match &authenticator.kind {
                AuthenticatorKind::Jwt(jwt) => {
                    let verifier = JwtVerifier::new(jwt, preparation.shared);
                    if scheme.jwts.iter().any(|other| !other.agrees_with(&verifier)) {
                        return Err(format!("`{name}` has two sources of keys for one issuer"));
                    }
                    scheme.jwts.push(verifier);
                }
                AuthenticatorKind::Opaque(settings) => {
                    if scheme.introspection.replace(IntrospectionVerifier::new(settings)).is_some() {
                        return Err(format!("`{name}` has two introspection endpoints"));
                    }
                }
                AuthenticatorKind::ApiKeys(keys) => scheme.keys.get_or_insert_default().add(keys)?,
            }
        }
        Ok(scheme)
    }

    /// The header in which a scheme of the description carries its credential.
    pub(super) fn header_of(name: &Arc<str>, preparation: &Preparation<'_>) -> Option<HeaderName> {
        carrier(name, preparation).header().cloned()
    }

    pub(super) fn header(&self) -> Option<&HeaderName> {
        self.carrier.header()
    }

    pub(super) fn takes_bearer(&self) -> bool {
        matches!(&self.carrier, Carrier::Authorization(scheme) if scheme == "bearer")
            || (self.header() == Some(&AUTHORIZATION)
                && !(self.jwts.is_empty() && self.introspection.is_none()))
    }

    /// What the outside world would be asked for this request, whatever is remembered. Depends on nothing but the
    /// request and the configuration, so that answers find their questions.
    pub(super) fn question(&self, look: &Look<'_>) -> Option<Question> {
        let token = self.presented(look.headers)?.ok()?;
        if self.keys.as_ref().is_some_and(|keys| keys.knows(token)) {
            return None;
        }
        match self.verifiers(token) {
            Verifiers::Jwt { kid, candidates } => {
                candidates.into_iter().find_map(|(_, verifier)| verifier.question(kid.clone()))
            }
            Verifiers::Introspection(verifier) => Some(verifier.question(token, fingerprint(token))),
            Verifiers::Nobody(_) => None,
        }
    }

    pub(super) fn verify(&self, look: &Look<'_>, answer: Option<&Answer>) -> Outcome {
        let token = match self.presented(look.headers) {
            None => return Outcome::Absent,
            Some(Err(problem)) => return problem.into(),
            Some(Ok(token)) => token,
        };
        if let Some(outcome) = self.keys.as_ref().and_then(|keys| keys.verify(token, look)) {
            return outcome;
        }
        if self.jwts.is_empty() && self.introspection.is_none() {
            // Nothing but keys, or nothing at all, verifies this scheme.
            return if self.keys.is_some() {
                Problem::new(Code::ApiKeyUnknown, "").into()
            } else {
                Outcome::Absent
            };
        }
        let key = TokenKey { fingerprint: fingerprint(token), verifiers: self.identity };
        match look.shared.tokens.get(&key, look.now_unix_s()) {
            Some(Known::Inactive) => return Problem::new(Code::TokenRevoked, "").into(),
            Some(Known::Proven(remembered)) if self.still_holds(&remembered, look) => {
                return Outcome::Proven(remembered.proven);
            }
            _ => {}
        }
        match self.verifiers(token) {
            Verifiers::Jwt { kid, candidates } => {
                let mut first = None;
                for (index, verifier) in candidates {
                    match verifier.verify(token, kid.as_deref(), &key, index, look, answer) {
                        Outcome::Proven(proven) => return Outcome::Proven(proven),
                        Outcome::Problem(problem) => first = first.or(Some(problem)),
                        other => return other,
                    }
                }
                first.unwrap_or_else(|| Problem::new(Code::TokenIssuer, "")).into()
            }
            Verifiers::Introspection(verifier) => verifier.verify(token, &key, look, answer),
            Verifiers::Nobody(problem) => problem.into(),
        }
    }

    /// A token of an issuer whose tokens are verified here is never sent to an introspection endpoint, and one that
    /// names another issuer than the endpoint's is not either.
    fn verifiers(&self, token: &str) -> Verifiers<'_> {
        let (issuer, kid, fault) = match token::peek(token) {
            Ok(peek) => (peek.issuer, peek.kid, None),
            Err(fault) => (None, None, Some(fault)),
        };
        if fault.is_none() {
            let ours = |(_, verifier): &(usize, &JwtVerifier)| verifier.is_for(issuer.as_deref());
            let candidates: Vec<_> = self.jwts.iter().enumerate().filter(ours).collect();
            if !candidates.is_empty() {
                return Verifiers::Jwt { kid, candidates };
            }
        }
        match (&self.introspection, fault) {
            (Some(introspection), _) if introspection.may_know(issuer.as_deref()) => {
                Verifiers::Introspection(introspection)
            }
            (None, Some(fault)) => Verifiers::Nobody(fault.into()),
            _ => Verifiers::Nobody(Problem::new(Code::TokenIssuer, "")),
        }
    }

    /// What a remembered token has to pass each time, besides revocation.
    fn still_holds(&self, remembered: &Remembered, look: &Look<'_>) -> bool {
        let (proven, now) = (&remembered.proven, look.now_unix_s());
        let leeway = match proven.kind {
            CredentialKind::Jwt => match self.jwts.get(remembered.authenticator) {
                Some(verifier) if verifier.generation(look) == Some(remembered.generation) => {
                    verifier.leeway_s()
                }
                _ => return false,
            },
            CredentialKind::Introspected if self.introspection.is_some() => 0,
            _ => return false,
        };
        let expired = proven.expires_unix_s.is_some_and(|expires| now >= expires.saturating_add(leeway));
        !expired && proven.not_before_unix_s <= now.saturating_add(leeway)
    }

    /// The credential as it was sent; `None` when there is none of this scheme.
    fn presented<'h>(&self, headers: &'h HeaderMap) -> Option<Result<&'h str, Problem>> {
        let malformed = || Some(Err(Problem::new(Code::TokenMalformed, "")));
        let value = headers.get(self.header()?)?;
        let Ok(value) = value.to_str() else { return malformed() };
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        let token = match &self.carrier {
            Carrier::Authorization(ours) if scheme.eq_ignore_ascii_case(ours) => rest.trim_matches(' '),
            // Swagger 2.0 has no way to say Bearer, so its descriptions call it a key in `Authorization`; others do for
            // the words that frameworks put before a token.
            Carrier::Header(_) if scheme.eq_ignore_ascii_case("bearer") => rest.trim_matches(' '),
            Carrier::Header(name) if *name == AUTHORIZATION && is_word_of_a_framework(scheme) => {
                rest.trim_matches(' ')
            }
            Carrier::Header(_) => value,
            _ => return None,
        };
        // What was asked about has to be what a service finds that is sent the field as it came.
        let introspection = self.introspection.as_ref().filter(|_| self.jwts.is_empty());
        let differs = self.header() == Some(&AUTHORIZATION)
            && introspection.is_some_and(|introspection| !introspection.is_shown_alike(scheme, token));
        if token.is_empty() || differs { malformed() } else { Some(Ok(token)) }
    }
}

impl Carrier {
    fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Authorization(_) => Some(&AUTHORIZATION),
            Self::Header(header) => Some(header),
            Self::Nowhere => None,
        }
    }
}

fn carrier(name: &Arc<str>, preparation: &Preparation<'_>) -> Carrier {
    match preparation.api.description.security_schemes.get(name).map(|scheme| &scheme.kind) {
        Some(SchemeKind::Bearer { .. } | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect { .. }) => {
            Carrier::Authorization("bearer".to_owned())
        }
        Some(SchemeKind::OtherHttp(scheme)) => Carrier::Authorization(scheme.clone()),
        Some(SchemeKind::ApiKey { location: KeyLocation::Header, name }) => {
            HeaderName::from_bytes(name.as_bytes()).map_or(Carrier::Nowhere, Carrier::Header)
        }
        _ => Carrier::Nowhere,
    }
}

/// An authenticator that could never be satisfied, or would be by less than its scheme means, is a mistake to be told.
fn check_carrier(name: &str, carrier: &Carrier) -> Result<(), String> {
    match carrier {
        Carrier::Nowhere => {
            Err(format!("`{name}`: credentials are accepted as bearer tokens and in headers only"))
        }
        Carrier::Authorization(scheme) if PROVING.contains(&scheme.as_str()) => {
            Err(format!("`{name}`: the proofs of the HTTP scheme `{scheme}` cannot be checked"))
        }
        _ => Ok(()),
    }
}

/// `Token` of Django REST framework and of applications like it, `JWT` of its extension.
fn is_word_of_a_framework(scheme: &str) -> bool {
    ["token", "jwt"].iter().any(|word| scheme.eq_ignore_ascii_case(word))
}

fn fingerprint(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}

/// Of what a JWS in its compact form signs; opaque tokens with two dots have one as well, and mean nothing by it.
pub(super) fn signed_sha256(token: &str) -> Option<[u8; 32]> {
    let (signed, _) = token.rsplit_once('.')?;
    (signed.bytes().filter(|byte| *byte == b'.').count() == 1).then(|| sha256(signed.as_bytes()))
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
