//! How requests are spread over the endpoints of a service.

use gateway::settings::Balancing;
use net::upstream::{Eject, Health, Retries};

use super::Build;
use crate::values::Block;

impl Build<'_> {
    pub(super) fn balancing(&mut self, block: &Block, http2: bool) -> Balancing {
        let connections_max = block.count("connections_max").map(|count| narrow(*count));
        if http2 && connections_max.is_some_and(|connections| connections > 4) {
            self.error(
                "B2026",
                "with `http2` there are at most 4 connections to an endpoint",
                block.key_place("connections_max"),
                "at most 4 here",
            );
        }
        let absent = Balancing::default();
        let dns = block.section("dns");
        Balancing {
            slow_start: block.duration("slow_start").copied(),
            in_flight_max: number(block, "in_flight_max", absent.in_flight_max),
            pending_max: number(block, "pending_max", absent.pending_max),
            connections_max,
            health: block.section("health").and_then(|health| self.health(health)),
            eject: block.section("eject").map_or(absent.eject, eject),
            retries: block.section("retries").map_or(absent.retries, retries),
            dns_server: dns.and_then(|dns| dns.address("server")).copied(),
            dns_ttl_max: dns.and_then(|dns| dns.duration("ttl_max")).copied().unwrap_or(absent.dns_ttl_max),
        }
    }

    fn health(&mut self, block: &Block) -> Option<Health> {
        let path = block.text("path")?.to_string();
        let is_target =
            path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        if !is_target {
            let sentence = "the path of a probe begins with `/` and is encoded as in a request";
            self.error("B2005", sentence, block.key_place("path"), "not such a path");
        }
        let status = block.text("status").map(|text| status(text));
        if status == Some(None) {
            let sentence = "`status` is a status such as `200`, or two such as `200-299`";
            self.error("B2005", sentence, block.key_place("status"), "neither here");
        }
        let absent = Health::default();
        Some(Health {
            path,
            every: block.duration("every").copied().unwrap_or(absent.every),
            timeout: block.duration("timeout").copied().unwrap_or(absent.timeout),
            healthy_after: number(block, "healthy_after", absent.healthy_after),
            unhealthy_after: number(block, "unhealthy_after", absent.unhealthy_after),
            status: status.flatten().unwrap_or(absent.status),
        })
    }
}

fn eject(block: &Block) -> Eject {
    let absent = Eject::default();
    Eject {
        failures: number(block, "failures", absent.failures),
        span: block.duration("for").copied().unwrap_or(absent.span),
        at_most_per_10k: share(block, "at_most", absent.at_most_per_10k),
    }
}

fn retries(block: &Block) -> Retries {
    let absent = Retries::default();
    Retries {
        attempts: number(block, "attempts", absent.attempts),
        budget_per_10k: share(block, "budget", absent.budget_per_10k),
        per_second_min: number(block, "per_second_min", absent.per_second_min),
        per_try: block.duration("per_try").copied(),
    }
}

/// The first and last status: `200-299`, or `204` alone.
fn status(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (200..=599)
        .contains(&first)
        .then_some((first, last))
        .filter(|(first, last)| first <= last && *last <= 599)
}

fn number(block: &Block, key: &str, absent: u32) -> u32 {
    block.count(key).map_or(absent, |count| narrow(*count))
}

fn share(block: &Block, key: &str, absent: u16) -> u16 {
    block.count(key).map_or(absent, |share| u16::try_from(*share).unwrap_or(10_000))
}

fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
