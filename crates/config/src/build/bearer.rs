//! Bearer tokens: JWTs with the keys that verify them, and tokens that their issuer is asked about.

use std::sync::Arc;

use gateway::settings::{Jwt, KeySource, OpaqueTokens, TokenAuthority};
use model::{Finding, Secret};
use token::{Algorithm, KeySet};

use super::Build;
use crate::values::Block;

const SYMMETRIC: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

impl Build<'_> {
    pub(super) fn jwt(&mut self, block: &Block) -> Option<Jwt> {
        let insecure = |key: &str| block.section("insecure").is_some_and(|insecure| insecure.flag(key));
        let legacy_token = insecure("legacy_token");
        let audiences = self.audiences(block, legacy_token);
        let algorithms = self.algorithms(block);
        let keys = self.key_source(block, insecure("short_key"));
        if let Some(KeySource::Jwks(set) | KeySource::Secret(set)) = &keys {
            self.verifiable(block, set);
        }
        let Some(issuer) = block.text("issuer") else {
            if !block.has("issuer") {
                let finding = Finding::error("B2004", "the authenticator has no `issuer`")
                    .at(block.place.clone(), "`issuer` is missing here")
                    .advice("name the `iss` of the tokens; or `keys` for API keys, or `introspection`");
                self.findings.push(finding);
            }
            return None;
        };
        if matches!(keys, Some(KeySource::Discovery)) {
            self.issuer_url(issuer, &block.key_place("issuer"));
        }
        let typ = |text: String| {
            let text = text.to_ascii_lowercase();
            text.strip_prefix("application/").map(str::to_owned).unwrap_or(text)
        };
        Some(Jwt {
            issuer: issuer.clone(),
            audiences,
            algorithms: algorithms?,
            keys: keys?,
            token_lifetime_max: block.duration("token_lifetime_max").copied(),
            leeway: *block.duration("leeway")?,
            types: block.strings("types").into_iter().map(typ).collect(),
            legacy_token,
            required_claims: block.strings("required_claims"),
            subject_claim: self.subject(block),
        })
    }

    /// The algorithms, which must be the key's: a secret takes HS, everything else takes no HS.
    fn algorithms(&mut self, block: &Block) -> Option<Vec<Algorithm>> {
        let secret = block.has("secret");
        let mut fits = true;
        for value in block.list("algorithms") {
            let Some(algorithm) = value.text().and_then(|name| Algorithm::parse(name)) else { continue };
            if SYMMETRIC.contains(&algorithm) != secret {
                let why = if secret {
                    "a secret verifies HS256, HS384 and HS512 only"
                } else {
                    "HS needs a `secret`"
                };
                self.error("B2028", why, value.place.clone(), "does not fit the key");
                fits = false;
            }
        }
        let named: Vec<_> =
            block.strings("algorithms").iter().filter_map(|name| Algorithm::parse(name)).collect();
        fits.then_some(match (named.is_empty(), secret) {
            (false, _) => named,
            (true, true) => vec![Algorithm::Hs256],
            (true, false) => token::Algorithm::ASYMMETRIC.to_vec(),
        })
    }

    /// Every algorithm that is named must be one that a key of the set can verify.
    fn verifiable(&mut self, block: &Block, set: &KeySet) {
        let able = set.algorithms();
        for value in block.list("algorithms") {
            let Some(algorithm) = value.text().and_then(|name| Algorithm::parse(name)) else { continue };
            if able.contains(&algorithm) || algorithm.is_symmetric() != block.has("secret") {
                continue;
            }
            let able: Vec<_> = able.iter().map(|algorithm| algorithm.name()).collect();
            let finding = Finding::error("B2028", format!("no key of the set verifies {}", algorithm.name()))
                .at(value.place.clone(), "every token signed with it would be refused")
                .advice(format!("the keys verify {}", able.join(", ")));
            self.findings.push(finding);
        }
    }

    fn key_source(&mut self, block: &Block, short: bool) -> Option<KeySource> {
        let sources: Vec<_> =
            ["jwks_uri", "jwks", "secret"].into_iter().filter(|key| block.has(key)).collect();
        if let [first, second, ..] = sources.as_slice() {
            let sentence = format!("`{first}` and `{second}` cannot stand together");
            self.error("B2026", sentence, block.key_place(second), "keys come from one place");
        }
        match sources.first().copied() {
            None => Some(KeySource::Discovery),
            Some("jwks_uri") => {
                let uri = block.url("jwks_uri")?.text.clone();
                self.issuer_url(&uri, &block.key_place("jwks_uri"))?;
                Some(KeySource::JwksUri(uri))
            }
            Some("jwks") => self.jwks(block),
            Some(_) => {
                let secret = block.secret("secret")?;
                match KeySet::from_secret(secret.expose(), short) {
                    Ok(keys) => Some(KeySource::Secret(Arc::new(keys))),
                    Err(error) => {
                        let finding = Finding::error("B2029", error.to_string())
                            .at(block.key_place("secret"), "referred to here")
                            .advice("use 32 random bytes; `insecure: { short_key: true }` accepts what legacy systems have");
                        self.findings.push(finding);
                        None
                    }
                }
            }
        }
    }

    fn jwks(&mut self, block: &Block) -> Option<KeySource> {
        let place = block.key_place("jwks");
        match KeySet::parse_jwks(block.file("jwks")?) {
            Ok((keys, faults)) => {
                for fault in faults {
                    let finding = Finding::warning("B2030", format!("a key of the set is left out: {fault}"));
                    self.findings.push(finding.at(place.clone(), "named here"));
                }
                if keys.is_empty() {
                    self.error("B2029", "the key set has no key that can verify", place, "named here");
                    return None;
                }
                Some(KeySource::Jwks(Arc::new(keys)))
            }
            Err(error) => {
                self.error("B2029", format!("the key set cannot be used: {error}"), place, "named here");
                None
            }
        }
    }

    pub(super) fn introspection(&mut self, block: &Block) -> Option<OpaqueTokens> {
        let legacy = block.section("insecure").is_some_and(|insecure| insecure.flag("legacy_token"));
        let audiences = self.audiences(block, legacy);
        let inner = block.section("introspection")?;
        let endpoint = inner.url("endpoint")?.text.clone();
        self.issuer_url(&endpoint, &inner.key_place("endpoint"))?;
        let Ok(client_secret) = String::from_utf8(inner.secret("client_secret")?.expose().clone()) else {
            self.error(
                "B2011",
                "the secret is not text",
                inner.key_place("client_secret"),
                "referred to here",
            );
            return None;
        };
        Some(OpaqueTokens {
            endpoint,
            asked: TokenAuthority::Introspection {
                client_id: inner.text("client_id")?.to_string(),
                client_secret: Secret::new(client_secret),
            },
            issuer: block.text("issuer").cloned(),
            audiences,
            cache: *inner.duration("cache")?,
            token_lifetime_max: block.duration("token_lifetime_max").copied(),
            subject_claim: self.subject(block),
        })
    }

    /// The claim that names the user: a name, or a path to one value.
    fn subject(&mut self, block: &Block) -> Option<Arc<str>> {
        let claim = block.text("subject")?;
        let leads_to_one = |path: &policy::Path| !path.is_plural() && !path.steps().is_empty();
        if claim.starts_with('$') && !policy::Path::parse(claim).is_ok_and(|path| leads_to_one(&path)) {
            let place = block.key_place("subject");
            self.error("B2005", "the path does not lead to one value", place, "such as `$.user.id`");
        }
        Some(Arc::clone(claim))
    }

    /// An authentication scheme (RFC 9110 section 11.1).
    fn word(&mut self, block: &Block) -> Option<Arc<str>> {
        let word = block.text("scheme")?.clone();
        if http::HeaderName::from_bytes(word.as_bytes()).is_err() {
            let place = block.key_place("scheme");
            self.error(
                "B2005",
                "the scheme is one word of ASCII letters, digits and `-`",
                place,
                "not accepted",
            );
            return None;
        }
        Some(word)
    }

    /// The service's own word on who holds a token: its own are the only ones it takes.
    pub(super) fn whoami(&mut self, block: &Block) -> Option<OpaqueTokens> {
        let inner = block.section("whoami")?;
        let endpoint = inner.url("url")?.text.clone();
        self.issuer_url(&endpoint, &inner.key_place("url"))?;
        Some(OpaqueTokens {
            endpoint,
            asked: TokenAuthority::Service { scheme: self.word(inner)? },
            issuer: block.text("issuer").cloned(),
            audiences: Vec::new(),
            cache: *inner.duration("cache")?,
            token_lifetime_max: None,
            // Whoever is nobody there is nobody here.
            subject_claim: Some(self.subject(block).unwrap_or_else(|| "sub".into())),
        })
    }
}
