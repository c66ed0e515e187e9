//! The token that a service understands: its key, and what it says of callers.

use std::sync::Arc;

use gateway::settings::{LegacyClaim, LegacyKey, LegacyToken};
use model::Secret;

use super::Build;
use crate::values::{Block, Named};

impl Build<'_> {
    /// `None` when something is wrong, which is reported.
    pub(super) fn legacy_token(
        &mut self,
        block: &Block,
        forwards_credential: bool,
    ) -> Option<Arc<LegacyToken>> {
        if forwards_credential {
            self.error(
                "B2036",
                "the service would get two credentials: the caller's, and a token of ours",
                block.place.clone(),
                "leave this out, or `forward_credential`",
            );
            return None;
        }
        let algorithm = block.text("algorithm")?.clone();
        let key = self.legacy_key(block, &algorithm)?;
        let claims: Option<Vec<_>> =
            block.entries("claims").iter().map(|entry| self.legacy_claim(entry)).collect();
        let header = block.text("header")?;
        let Ok(header) = http::HeaderName::from_bytes(header.as_bytes()) else {
            let place = block.key_place("header");
            self.error("B2035", format!("`{header}` is no name of a header"), place, "here");
            return None;
        };
        let scheme = block.text("scheme").filter(|scheme| &***scheme != "none").cloned().unwrap_or_default();
        Some(Arc::new(LegacyToken::new(key, claims?, header, scheme, *block.duration("lifetime")?)))
    }

    fn legacy_key(&mut self, block: &Block, algorithm: &str) -> Option<LegacyKey> {
        let secret = block.secret("key")?;
        let has_secrets = self.environment.has_secrets();
        if algorithm == "HS256" {
            let bytes = if has_secrets { secret.expose().clone() } else { vec![0; 32] };
            return Some(LegacyKey::Hs256(Secret::new(bytes)));
        }
        let wanted = if algorithm == "ES256" { token::Algorithm::Es256 } else { token::Algorithm::EdDsa };
        let signer = if has_secrets {
            token::Signer::from_pkcs8(secret.expose(), "")
        } else {
            token::Signer::generate_for(wanted, "")
        };
        let fault = match signer {
            Ok(signer) if signer.algorithm() == wanted => return Some(LegacyKey::Signer(Arc::new(signer))),
            Ok(_) => "it is a key for another algorithm".to_owned(),
            Err(error) => error.to_string(),
        };
        let place = block.key_place("key");
        self.error("B2035", format!("the legacy token's key cannot be used: {fault}"), place, "here");
        None
    }

    fn legacy_claim(&mut self, entry: &Named) -> Option<(Arc<str>, LegacyClaim)> {
        let blocks = entry.value.blocks();
        let block = blocks.first()?;
        let from = match (block.text("principal"), block.text("claim"), block.text("value")) {
            (Some(word), None, None) => match &**word {
                "subject" => LegacyClaim::Subject,
                "tenant" => LegacyClaim::Tenant,
                "issuer" => LegacyClaim::Issuer,
                "client" => LegacyClaim::Client,
                "roles" => LegacyClaim::Roles,
                _ => LegacyClaim::Scopes,
            },
            (None, Some(claim), None) => LegacyClaim::Claim(claim.clone()),
            (None, None, Some(value)) => LegacyClaim::Text(value.clone()),
            _ => {
                let sentence = format!("the claim `{}` has to come from exactly one place", entry.name);
                self.error("B2035", sentence, entry.place.clone(), "`principal`, `claim` or `value`");
                return None;
            }
        };
        if matches!(&*entry.name, "iat" | "exp") {
            let sentence = format!("the claim `{}` is set by us", entry.name);
            self.error("B2035", sentence, entry.place.clone(), "leave it out");
            return None;
        }
        Some((entry.name.clone(), from))
    }
}
