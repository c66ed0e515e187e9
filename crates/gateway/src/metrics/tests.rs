#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Code, LimitKind, Limited, Mode, Outcome, SystemClock, Verdict};

use super::{Metrics, names};
use crate::blocks::Blocks;
use crate::certificates::{Certificates, OrderStatus, Shown};
use crate::counters::Counts;
use crate::fetches::{FetchFaultKind, FetchStatus};
use crate::keys::KeyState;
use crate::upstream::{EndpointStatus, NameStatus, ServiceStatus};

fn state(place: &str, keys: usize) -> KeyState {
    KeyState {
        source: place.into(),
        issuer: "https://login.example".into(),
        place: place.into(),
        keys,
        age_s: Some(7),
        stale: false,
        failures: 0,
        last_error: None,
    }
}

fn status() -> FetchStatus {
    FetchStatus {
        what: "introspection",
        issuer: "https://login.example".to_owned(),
        source: "https://login.example/introspect".to_owned(),
        failing: true,
        last_failure: Some(FetchFaultKind::TimedOut),
        failures: vec![(FetchFaultKind::TimedOut, 3)],
    }
}

fn service(retries: u64) -> ServiceStatus {
    ServiceStatus {
        endpoints: vec![EndpointStatus {
            address: "127.0.0.1:3000".to_owned(),
            state: "up",
            in_flight: 1,
            ejected_for_ms: None,
            failures: 3,
            ejections: 0,
            probes_failed: 0,
            last_failure: None,
            last_failure_ms_ago: None,
        }],
        names: vec![NameStatus { name: "orders.test".to_owned(), addresses: 1, failures: 0, error: None }],
        pending: 0,
        retries,
        retries_without_budget: 0,
        overloaded: 0,
        unavailable: 0,
        ejections_forgone: 0,
    }
}

#[test]
fn counts_of_a_service_go_on_when_it_is_configured_anew_and_what_vanished_is_not_up() {
    let metrics = Metrics::new();
    let api: Arc<str> = "orders".into();
    for retries in [5, 7, 2] {
        metrics.services(&[(Arc::clone(&api), service(retries))]);
    }
    let up = "bartizan_upstream_endpoint_up{api=\"orders\",endpoint=\"127.0.0.1:3000\"}";
    let text = metrics.render();
    assert!(text.contains("bartizan_upstream_retries_total{api=\"orders\"} 9"), "{text}");
    assert!(text.contains(&format!("{up} 1")), "{text}");
    metrics.services(&[(api, ServiceStatus { endpoints: Vec::new(), ..service(2) })]);
    assert!(metrics.render().contains(&format!("{up} 0")));
}

/// One that is shown, and one that is ordered.
fn certificates() -> Certificates {
    let facts = net::tls::CertificateFacts {
        dns_names: vec!["api.example".to_owned()],
        addresses: Vec::new(),
        not_before: 0,
        not_after: 1,
    };
    let certificates = Certificates::default();
    certificates.show(vec![Shown { listener: "127.0.0.1:8443".into(), facts, source: "file" }]);
    certificates.tell(OrderStatus {
        names: vec!["orders.example".to_owned()],
        has_certificate: false,
        failures: 1,
        last_error: None,
        next: None,
    });
    certificates
}

#[test]
fn every_metric_is_rendered_and_none_is_without_its_sentence() {
    let metrics = Metrics::new();
    let operation = metrics.operation(&Arc::from("orders"), &Arc::from("getOrder"));
    metrics.count_request(&operation, ("GET", Outcome::Allowed, 200, None));
    operation.duration.record(1);
    operation.upstream.record(1);
    metrics.check("body", Mode::Enforce).count(Verdict::Pass, 1);
    metrics.count_listener_refusal(Code::HostInvalid);
    metrics.count_question("keys", "answered", 1);
    metrics.snapshot(None, "000000000001");
    metrics.keys(&[state("discovery", 1)]);
    metrics.fetches(&[status()]);
    metrics.limits(&Counts::default());
    metrics.connections_ended(&net::Tally::default());
    metrics.connections(&Arc::from("127.0.0.1:8080"), 1);
    metrics.tokens(0);
    metrics.evidence(&crate::evidence::Counts::default(), 0);
    metrics.services(&[(Arc::from("orders"), service(1))]);
    metrics.count_limited(&Limited { limit: "client".to_owned(), kind: LimitKind::Daily });
    metrics.count_shed(&Arc::from("orders"), "batch", "low");
    metrics.count_unkept();
    metrics.concurrency(&Arc::from("orders"), 10, 1);
    metrics.blocks(&Blocks::new(Arc::new(SystemClock::default())));
    metrics.certificates(&certificates());
    let text = metrics.render();
    let told: BTreeSet<&str> = [names::COUNTERS, names::GAUGES, names::HISTOGRAMS]
        .into_iter()
        .flatten()
        .map(|(name, _)| *name)
        .collect();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    assert_eq!(types.collect::<BTreeSet<_>>(), told);
    for name in told {
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        assert!(text.lines().any(|line| line.starts_with(name)), "{name}");
    }
}

#[test]
fn two_sources_of_one_issuer_are_told_apart() {
    let metrics = Metrics::new();
    metrics.keys(&[state("discovery", 2), state("https://login.example/keys", 5)]);
    let text = metrics.render();
    for line in [
        "bartizan_keys{issuer=\"https://login.example\",source=\"discovery\"} 2",
        "bartizan_keys{issuer=\"https://login.example\",source=\"https://login.example/keys\"} 5",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_source_that_is_gone_does_not_keep_its_last_values() {
    let metrics = Metrics::new();
    metrics
        .keys(&[KeyState { failures: 3, ..state("discovery", 2) }, state("https://login.example/keys", 5)]);
    metrics.keys(&[state("https://login.example/keys", 5)]);
    let text = metrics.render();
    for name in ["bartizan_keys", "bartizan_keys_age_seconds", "bartizan_keys_fetch_failures"] {
        let line = format!("{name}{{issuer=\"https://login.example\",source=\"discovery\"}} 0\n");
        assert!(text.contains(&line), "{text}");
    }
    assert!(text.contains("source=\"https://login.example/keys\"} 5"), "{text}");
    metrics.keys(&[state("discovery", 4)]);
    assert!(metrics.render().contains("source=\"discovery\"} 4"));
}

#[test]
fn what_limiters_and_fetches_count_is_carried_over_whole() {
    let metrics = Metrics::new();
    metrics.limits(&Counts { keys: 9, evicted_recovered: 2, evicted_used: 3, overflowed: 4 });
    metrics.fetches(&[status()]);
    metrics.fetches(&[status()]);
    let text = metrics.render();
    for line in [
        "bartizan_limit_keys 9",
        "bartizan_limit_keys_evicted_total{state=\"recovered\"} 2",
        "bartizan_limit_keys_evicted_total{state=\"used\"} 3",
        "bartizan_limit_decisions_shared_total 4",
        "source=\"https://login.example/introspect\",kind=\"timed_out\"} 3",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}
