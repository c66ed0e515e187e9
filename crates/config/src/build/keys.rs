//! API keys: kept as SHA-256, named, and never authorizing alone unless that is said.

use gateway::settings::{ApiKey, ApiKeys};
use model::Finding;

use super::Build;
use crate::values::Block;

/// 128 bits, as the shortest key that cannot be guessed.
pub(super) const KEY_BYTES_MIN: usize = 16;

impl Build<'_> {
    pub(super) fn api_keys(&mut self, block: &Block) -> Option<ApiKeys> {
        let short = block.section("insecure").is_some_and(|insecure| insecure.flag("short_key"));
        let mut keys: Vec<ApiKey> = Vec::new();
        for entry in block.blocks("keys") {
            let Some(key) = self.api_key(entry, short) else { continue };
            if keys.iter().any(|other| other.id == key.id) {
                self.error("B2020", "two API keys have the same id", entry.key_place("id"), "again here");
            }
            // Stand-ins for secrets are all alike.
            if self.environment.has_secrets() && keys.iter().any(|other| other.sha256 == key.sha256) {
                self.error("B2020", "two entries are the same API key", entry.place.clone(), "again here");
            }
            keys.push(key);
        }
        if block.list("keys").is_empty() {
            self.error("B2004", "there are no API keys", block.key_place("keys"), "the list is empty");
        }
        Some(ApiKeys { keys })
    }

    fn api_key(&mut self, block: &Block, short: bool) -> Option<ApiKey> {
        let id = block.text("id")?.clone();
        let sha256 = match (block.has("key"), block.has("sha256")) {
            (true, false) => {
                let key = block.secret("key")?;
                if key.expose().len() < KEY_BYTES_MIN && !short {
                    let finding = Finding::error("B2031", "the API key is shorter than 128 bits")
                        .at(block.key_place("key"), "referred to here")
                        .advice("use a longer key; `insecure: { short_key: true }` accepts what legacy systems have");
                    self.findings.push(finding);
                    return None;
                }
                let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.expose());
                sum.as_ref().try_into().ok()?
            }
            (false, true) => *block.sha256("sha256")?,
            (true, true) => {
                self.error(
                    "B2026",
                    "`key` and `sha256` cannot stand together",
                    block.key_place("sha256"),
                    "remove one",
                );
                return None;
            }
            (false, false) => {
                let finding = Finding::error("B2004", "the API key has neither `key` nor `sha256`")
                    .at(block.place.clone(), "one of them is missing here");
                self.findings.push(finding);
                return None;
            }
        };
        let tenant = block.text("tenant").cloned();
        if let Some(name) = tenant.as_ref().filter(|name| !token::is_name(name)) {
            let sentence = format!("`{}` is not a tenant", crate::walk::shown(name));
            self.error("B2005", sentence, block.key_place("tenant"), "printable ASCII");
        }
        Some(ApiKey {
            tenant,
            client: block.text("client").unwrap_or(&id).clone(),
            id,
            sha256,
            expires_unix_s: block.instant("expires").copied(),
            scopes: block.texts("scopes"),
            authorizes: block.flag("authorizes"),
        })
    }
}
