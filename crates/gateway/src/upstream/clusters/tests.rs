#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use net::upstream::Health;

use super::config;
use crate::pipeline::testing::api;
use crate::settings::{Network, Settings, Upstream};

type Change = fn(&mut Upstream, &mut Settings);

const OTHER: Duration = Duration::from_millis(1234);

/// By the key of the gateway file.
const CHANGES: &[(&str, Change)] = &[
    ("targets", |upstream, _| upstream.targets.push(upstream.targets[0].clone())),
    ("http2", |upstream, _| upstream.http2 = true),
    ("slow_start", |upstream, _| upstream.balancing.slow_start = Some(OTHER)),
    ("in_flight_max", |upstream, _| upstream.balancing.in_flight_max = 7),
    ("pending_max", |upstream, _| upstream.balancing.pending_max = 7),
    ("connections_max", |upstream, _| upstream.balancing.connections_max = Some(7)),
    ("health", |upstream, _| upstream.balancing.health = Some(Health::default())),
    ("eject.failures", |upstream, _| upstream.balancing.eject.failures += 1),
    ("retries.attempts", |upstream, _| upstream.balancing.retries.attempts += 1),
    ("retries.budget", |upstream, _| upstream.balancing.retries.budget_per_10k += 1),
    ("retries.per_second_min", |upstream, _| upstream.balancing.retries.per_second_min += 1),
    ("retries.per_try", |upstream, _| upstream.balancing.retries.per_try = Some(OTHER)),
    ("dns.server", |upstream, _| upstream.balancing.dns_server = Some(([127, 0, 0, 1], 53).into())),
    ("dns.ttl_max", |upstream, _| upstream.balancing.dns_ttl_max = OTHER),
    ("timeouts.upstream_connect", |_, settings| settings.timeouts.upstream_connect = OTHER),
    ("timeouts.upstream_head", |_, settings| settings.timeouts.upstream_head = OTHER),
    ("timeouts.upstream_body", |_, settings| settings.timeouts.upstream_body = OTHER),
    ("egress.allow", |_, settings| {
        settings.egress_allow.push(Network { address: [169, 254, 0, 0].into(), prefix: 16 });
    }),
];

#[test]
fn every_switch_of_an_upstream_reaches_its_cluster() {
    let api = api("orders", 3000);
    let settings = Settings::plain(vec![api.clone()]);
    let before = config(&api, &settings).unwrap();
    for (key, change) in CHANGES {
        let (mut changed, mut settings) = (api.clone(), settings.clone());
        change(&mut changed.upstream, &mut settings);
        assert!(config(&changed, &settings).unwrap() != before, "{key}");
    }
}
