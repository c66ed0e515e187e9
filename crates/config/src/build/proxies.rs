//! Whose word on the caller's address counts at a listener.

#[cfg(test)]
mod tests;

use gateway::blocks::{Cidr, covered};
use gateway::settings::{ForwardedField, Network, Proxies};
use model::{Finding, Owasp};

use super::Build;
use crate::values::{Block, Content};

/// Sixteen times the widest network that is taken without a word: a /8 of IPv4, a /16 of IPv6.
const SUM_V4_MAX: u128 = 16 << 24;
const SUM_V6_MAX: u128 = 16 << 112;

impl Build<'_> {
    pub(super) fn proxies(&mut self, block: &Block) -> Proxies {
        let mut trusted = Vec::new();
        for value in block.list("trusted_proxies") {
            let Content::Network(network) = &value.content else { continue };
            trusted.push(*network);
        }
        if let Some(what) = too_many(&trusted) {
            let place = block.list("trusted_proxies").first().map(|value| value.place.clone());
            let finding = Finding::warning("B3120", what)
                .at(
                    place.unwrap_or_else(|| block.key_place("trusted_proxies")),
                    "anybody can name any address as theirs",
                )
                .advice("name the networks of your own proxies")
                .owasp(Owasp::Api8);
            self.findings.push(finding);
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

/// A sentence when the networks hold more of one family than anybody's proxies: judged together, however they are split.
/// Private networks (RFC 4193, RFC 4291 section 2.5.6) are out of reach for strangers, however wide.
fn too_many(trusted: &[Network]) -> Option<&'static str> {
    let networks: Vec<Cidr> =
        trusted.iter().filter_map(|network| Cidr::new(network.address, network.prefix).ok()).collect();
    let of_all: Vec<Cidr> = networks.iter().filter(|network| !is_private(network)).copied().collect();
    let (v4, v6) = (covered(&networks, false), covered(&of_all, true));
    if v4 == 1 << 32 || v6 == u128::MAX {
        return Some("every address is a trusted proxy");
    }
    let is_wide = |network: &Cidr| network.prefix() < if network.is_ipv6() { 16 } else { 8 };
    let is_much = v4 > SUM_V4_MAX || v6 > SUM_V6_MAX || of_all.iter().any(is_wide);
    is_much.then_some("a large part of all addresses are trusted proxies")
}

fn is_private(network: &Cidr) -> bool {
    let within = |text: &str| {
        let wider = text.parse::<Cidr>();
        wider.is_ok_and(|wider| wider.prefix() <= network.prefix() && wider.overlaps(network))
    };
    network.is_ipv6() && (within("fc00::/7") || within("fe80::/10"))
}
