//! The edges: sizes, timeouts, CORS, egress, telemetry.

use std::time::Duration;

use gateway::settings::{Cors, Network, Sizes, Telemetry, Timeouts};
use model::Finding;

use super::Build;
use crate::scalars;
use crate::values::{Block, Content};

impl Build<'_> {
    pub(super) fn sizes(root: &Block) -> Sizes {
        let mut sizes = Sizes::default();
        let Some(block) = root.section("sizes") else { return sizes };
        let wide = |key: &str, into: &mut usize| {
            if let Some(value) = block.count(key) {
                *into = usize::try_from(*value).unwrap_or(usize::MAX);
            }
        };
        wide("head_bytes_max", &mut sizes.head_bytes_max);
        wide("headers_max", &mut sizes.headers_max);
        wide("target_bytes_max", &mut sizes.target_bytes_max);
        wide("body_bytes_max", &mut sizes.body_bytes_max);
        wide("buffered_bytes_max", &mut sizes.buffered_bytes_max);
        wide("connections_max", &mut sizes.connections_max);
        wide("connections_per_address_max", &mut sizes.connections_per_address_max);
        wide("websockets_per_caller_max", &mut sizes.websockets_per_caller_max);
        wide("limit_keys_max", &mut sizes.limit_keys_max);
        wide("tokens_cached_max", &mut sizes.tokens_cached_max);
        wide("locks_max", &mut sizes.locks_max);
        wide("evidence_cached_max", &mut sizes.evidence_cached_max);
        wide("learned_max", &mut sizes.learned_max);
        let rate = |key: &str, into: &mut u64| {
            if let Some(value) = block.count(key) {
                *into = *value;
            }
        };
        rate("body_rate_min", &mut sizes.body_rate_min);
        rate("answer_rate_min", &mut sizes.answer_rate_min);
        let narrow = |key: &str, into: &mut u32| {
            if let Some(value) = block.count(key) {
                *into = u32::try_from(*value).unwrap_or(u32::MAX);
            }
        };
        narrow("json_depth_max", &mut sizes.json_depth_max);
        narrow("json_values_max", &mut sizes.json_values_max);
        sizes
    }

    pub(super) fn timeouts(root: &Block) -> Timeouts {
        let mut timeouts = Timeouts::default();
        let Some(block) = root.section("timeouts") else { return timeouts };
        let set = |key: &str, into: &mut Duration| {
            if let Some(value) = block.duration(key) {
                *into = *value;
            }
        };
        set("head", &mut timeouts.head);
        set("body", &mut timeouts.body);
        set("idle", &mut timeouts.idle);
        set("upstream_connect", &mut timeouts.upstream_connect);
        set("upstream_head", &mut timeouts.upstream_head);
        set("upstream_body", &mut timeouts.upstream_body);
        set("question", &mut timeouts.question);
        set("drain", &mut timeouts.drain);
        timeouts
    }

    pub(super) fn egress(root: &Block) -> Vec<Network> {
        let Some(block) = root.section("egress") else { return Vec::new() };
        let network = |content: &Content| match content {
            Content::Network(network) => Some(*network),
            _ => None,
        };
        block.list("allow").iter().filter_map(|value| network(&value.content)).collect()
    }

    pub(super) fn telemetry(&mut self, block: &Block) -> Option<Telemetry> {
        let endpoint = block.url("endpoint")?;
        self.cleartext(
            endpoint.https || endpoint.is_loopback(),
            self.insecure.telemetry,
            "cleartext_telemetry",
            &block.key_place("endpoint"),
            "traces are sent beyond loopback",
        );
        Some(Telemetry {
            endpoint: endpoint.text.trim_end_matches('/').to_owned(),
            service_name: block.text("service_name")?.to_string(),
            sample_per_10k: u32::try_from(*block.count("sample")?).ok()?,
        })
    }

    pub(super) fn cors(&mut self, block: &Block) -> Option<Cors> {
        let credentials = block.flag("credentials");
        let mut origins = Vec::new();
        for value in block.list("origins") {
            let Some(origin) = value.text() else { continue };
            if &**origin == "*" {
                if credentials {
                    let finding = Finding::error("B2027", "every origin may send credentials")
                        .at(value.place.clone(), "`*` here")
                        .related(block.key_place("credentials"), "and credentials here")
                        .advice("list the origins that may");
                    self.findings.push(finding);
                }
                origins.push("*".to_owned());
                continue;
            }
            match scalars::url(origin) {
                Ok(url) if url.path.is_empty() && !origin.ends_with('/') => {
                    origins.push(origin.to_ascii_lowercase());
                }
                _ => self.error(
                    "B2005",
                    "an origin is a scheme, a host and perhaps a port: `https://app.example.com`",
                    value.place.clone(),
                    "not accepted",
                ),
            }
        }
        for key in ["headers", "expose"] {
            for value in block.list(key) {
                if value.text().is_some_and(|name| !is_token(name)) {
                    self.error("B2005", "a header's name belongs here", value.place.clone(), "not accepted");
                }
            }
        }
        Some(Cors {
            origins,
            headers: lower(block.strings("headers")),
            expose: lower(block.strings("expose")),
            credentials,
            max_age: *block.duration("max_age")?,
        })
    }
}

fn lower(names: Vec<String>) -> Vec<String> {
    names.into_iter().map(|name| name.to_ascii_lowercase()).collect()
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
