//! Authenticators: which kind an entry is, and that nothing stands in it that has no effect.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway::settings::{Authenticator, AuthenticatorKind};
use model::{Finding, Place};

use super::Build;
use crate::scalars;
use crate::values::{Block, Named};

/// By the name of the scheme.
pub(crate) type Auth = BTreeMap<Arc<str>, Scheme>;

#[derive(Debug, Clone)]
pub(crate) struct Scheme {
    /// Of the name.
    pub(crate) place: Place,
    pub(crate) authenticators: Vec<Authenticator>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Jwt,
    Introspection,
    Whoami,
    ApiKeys,
}

impl Family {
    /// The keys that mean something for this kind.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Jwt => &[
                "issuer",
                "audience",
                "algorithms",
                "jwks_uri",
                "jwks",
                "secret",
                "token_lifetime_max",
                "leeway",
                "types",
                "required_claims",
                "subject",
                "insecure",
            ],
            Self::Introspection => {
                &["issuer", "audience", "token_lifetime_max", "subject", "introspection", "insecure"]
            }
            Self::Whoami => &["issuer", "subject", "whoami"],
            Self::ApiKeys => &["keys", "insecure"],
        }
    }

    fn of(block: &Block) -> Self {
        if block.has("keys") {
            Self::ApiKeys
        } else if block.has("introspection") {
            Self::Introspection
        } else if block.has("whoami") {
            Self::Whoami
        } else {
            Self::Jwt
        }
    }

    fn named_by(self) -> &'static str {
        match self {
            Self::Jwt => "a JWT's issuer",
            Self::Introspection => "`introspection`",
            Self::Whoami => "`whoami`",
            Self::ApiKeys => "`keys`",
        }
    }
}

impl Build<'_> {
    pub(super) fn auth(&mut self, block: &Block) -> Auth {
        block.entries("auth").iter().map(|entry| (entry.name.clone(), self.scheme(entry))).collect()
    }

    fn scheme(&mut self, entry: &Named) -> Scheme {
        let blocks = entry.value.blocks();
        let mut authenticators = Vec::new();
        let mut read = Vec::new();
        for block in &blocks {
            self.without_effect(block);
            let kind = match Family::of(block) {
                Family::Jwt => self.jwt(block).map(AuthenticatorKind::Jwt),
                Family::Introspection => self.introspection(block).map(AuthenticatorKind::Opaque),
                Family::Whoami => self.whoami(block).map(AuthenticatorKind::Opaque),
                Family::ApiKeys => self.api_keys(block).map(AuthenticatorKind::ApiKeys),
            };
            if let Some(kind) = kind {
                authenticators.push(Authenticator { place: Some(entry.place.clone()), kind });
                read.push(*block);
            }
        }
        self.one_issuer_each(&authenticators, &read);
        self.one_introspection(&blocks);
        if blocks.is_empty() {
            self.error("B2004", "nothing verifies this scheme", entry.place.clone(), "the list is empty");
        }
        Scheme { place: entry.place.clone(), authenticators }
    }

    fn without_effect(&mut self, block: &Block) {
        let family = Family::of(block);
        for (key, place) in &block.written {
            if !family.keys().contains(key) {
                let sentence = format!("`{key}` has no effect beside {}", family.named_by());
                self.findings.push(Finding::error("B2026", sentence).at(place.clone(), "remove it"));
            }
        }
        let Some(insecure) = block.section("insecure") else { return };
        let means_something = |key: &str| match (family, key) {
            (Family::Jwt, "short_key") => block.has("secret"),
            (Family::Introspection, "short_key") | (Family::ApiKeys, "legacy_token") => false,
            _ => true,
        };
        for (key, place) in &insecure.written {
            if !means_something(key) {
                let sentence = format!("`{key}` has no effect beside {}", family.named_by());
                self.findings.push(Finding::error("B2026", sentence).at(place.clone(), "remove it"));
            } else if insecure.flag(key) && *key == "short_key" && !self.has_short_key(block) {
                self.not_needed(key, place.clone());
            } else if insecure.flag(key) {
                let (code, sentence) = match *key {
                    "legacy_token" => ("B3110", "tokens without `iss`, `aud` and `typ` are accepted"),
                    _ => ("B3111", "a secret or key that is too short is accepted"),
                };
                let finding = Finding::warning(code, sentence).at(place.clone(), "allowed here");
                self.findings.push(finding.owasp(model::Owasp::Api2));
            }
        }
    }

    /// Whether a secret or API key is too short, or cannot be looked at.
    fn has_short_key(&self, block: &Block) -> bool {
        let is_short = |block: &Block, key: &str, fits: fn(&[u8]) -> bool| {
            block.has(key) && block.secret(key).is_none_or(|secret| !fits(secret.expose()))
        };
        !self.environment.has_secrets()
            || is_short(block, "secret", |secret| token::KeySet::from_secret(secret, false).is_ok())
            || block
                .blocks("keys")
                .any(|entry| is_short(entry, "key", |key| key.len() >= super::keys::KEY_BYTES_MIN))
    }

    /// A token names its issuer; two authenticators with one issuer, or two kinds without, cannot be told apart.
    fn one_issuer_each(&mut self, authenticators: &[Authenticator], blocks: &[&Block]) {
        let issuer = |authenticator: &Authenticator| match &authenticator.kind {
            AuthenticatorKind::Jwt(jwt) => Some(jwt.issuer.clone()),
            AuthenticatorKind::Opaque(opaque) => opaque.issuer.clone(),
            AuthenticatorKind::ApiKeys(_) => None,
        };
        let issuers: Vec<_> = authenticators.iter().map(issuer).collect();
        for (at, (one, block)) in issuers.iter().zip(blocks).enumerate() {
            if issuers.iter().take(at).any(|other| other == one) {
                self.error(
                    "B2020",
                    "two authenticators of one scheme have the same issuer",
                    block.key_place("issuer"),
                    "again here",
                );
            }
        }
    }

    /// A token that is not a JWT does not say which issuer is to be asked.
    fn one_introspection(&mut self, blocks: &[&Block]) {
        let key = |block: &Block| if block.has("whoami") { "whoami" } else { "introspection" };
        let asks = |block: &&&Block| matches!(Family::of(block), Family::Introspection | Family::Whoami);
        let mut places = blocks.iter().filter(asks);
        let Some(first) = places.next() else { return };
        for block in places {
            let finding =
                Finding::error("B2033", "two authenticators of one scheme ask an introspection endpoint")
                    .at(block.key_place(key(block)), "again here")
                    .related(first.key_place(key(first)), "first here")
                    .advice("a token that is not a JWT is shown to one issuer only");
            self.findings.push(finding);
        }
    }

    /// The audiences, which only legacy tokens may go without.
    pub(super) fn audiences(&mut self, block: &Block, legacy: bool) -> Vec<String> {
        let audiences = block.strings("audience");
        if audiences.is_empty() && !legacy {
            let finding =
                Finding::error("B2109", "no `audience`: tokens meant for other services would be accepted")
                    .at(block.place.clone(), "`audience` is missing here")
                    .advice("name the audience that the issuer writes into tokens for this API")
                    .owasp(model::Owasp::Api2);
            self.findings.push(finding);
        }
        audiences
    }

    /// An endpoint of the issuer: https, or loopback, or the switch.
    pub(super) fn issuer_url(&mut self, text: &str, place: &Place) -> Option<()> {
        match scalars::url(text) {
            Ok(url) => {
                self.cleartext(
                    url.https || url.is_loopback(),
                    self.insecure.issuer,
                    "cleartext_issuer",
                    place,
                    "the issuer is reached beyond loopback",
                );
                Some(())
            }
            Err(why) => {
                self.error("B2005", why, place.clone(), "not accepted");
                None
            }
        }
    }
}
