//! Whose word on the caller's address counts at a listener.

use gateway::settings::{ForwardedField, Proxies};
use model::{Finding, Owasp};

use super::Build;
use crate::values::{Block, Content};

impl Build<'_> {
    pub(super) fn proxies(&mut self, block: &Block) -> Proxies {
        let mut trusted = Vec::new();
        for value in block.list("trusted_proxies") {
            let Content::Network(network) = &value.content else { continue };
            if network.prefix == 0 {
                let finding = Finding::warning("B3120", "every address is a trusted proxy")
                    .at(value.place.clone(), "anybody can name any address as theirs")
                    .advice("name the networks of your own proxies")
                    .owasp(Owasp::Api8);
                self.findings.push(finding);
            }
            trusted.push(*network);
        }
        let protocol = block.flag("proxy_protocol");
        let scheme = block.flag("forwarded_proto");
        let keys = [
            ("proxy_protocol", protocol),
            ("forwarded_proto", scheme),
            ("forwarded", block.has("forwarded")),
        ];
        for (key, is_set) in keys {
            // What could not be read was reported, and may have named some.
            if is_set && trusted.is_empty() && block.list("trusted_proxies").is_empty() {
                let finding = Finding::error("B2026", format!("`{key}` needs `trusted_proxies`"))
                    .at(block.key_place(key), "without a trusted proxy nobody may say whom they speak for")
                    .advice("name the proxies' networks: `trusted_proxies: [10.0.0.0/8]`");
                self.findings.push(finding);
            }
        }
        let forwarded = match block.text("forwarded").map(|word| &**word) {
            Some("forwarded") => ForwardedField::Forwarded,
            _ => ForwardedField::XForwardedFor,
        };
        Proxies { trusted, forwarded, protocol, scheme }
    }
}
