//! How the gateway stands, for `status`: plain values that serialise.

mod authorization;

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use model::Mode;
use serde::Serialize;

use super::Gateway;
use crate::records::RecordTotals;
use crate::shared::Shared;
use crate::snapshot::ApiPlan;

pub use authorization::{AuthorizationStatus, CheckModes, ObjectTotals, TypeStatus};

/// A picture of the moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub uptime_s: u64,
    /// The configuration in force, as in records and metrics.
    pub snapshot: String,
    /// `true` while requests are accepted.
    pub ready: bool,
    pub apis: Vec<ApiStatus>,
    pub requests: RequestTotals,
    pub records: RecordTotals,
    /// The emergency block list.
    pub blocks: crate::blocks::Totals,
    /// Objects that authorization knows of, or holds.
    pub objects: ObjectTotals,
    pub buffered_bytes: usize,
    /// Open now, all listeners together.
    pub connections_open: usize,
    /// As many as the settings allow and open files leave room for.
    pub connections_max: usize,
    /// Refused or ended by the gateway since the start, by reason; reasons that did not occur are left out.
    pub connections_ended: Vec<(&'static str, u64)>,
    /// What each listener shows under TLS.
    pub certificates: Vec<crate::certificates::CertificateStatus>,
    /// Certificates that are ordered by ACME.
    pub certificate_orders: Vec<crate::certificates::OrderStatus>,
    pub keys: Vec<KeyStatus>,
    /// How fetches of keys and introspections went, by issuer.
    pub fetches: Vec<crate::fetches::FetchStatus>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApiStatus {
    pub name: String,
    pub title: String,
    pub hosts: Vec<String>,
    pub base_path: String,
    pub upstream: String,
    /// The endpoints behind it.
    pub service: crate::upstream::ServiceStatus,
    pub operations: usize,
    /// `undeclared: observe`: what the description does not list is forwarded.
    pub observes_undeclared: bool,
    /// Where the requests in flight to the service are bounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<ConcurrencyStatus>,
    /// Where whose objects are is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<AuthorizationStatus>,
    /// Checks that are only watched in at least one operation, with the number of operations.
    pub watched: Vec<CheckCount>,
    /// Checks that are switched off in at least one operation that needs them.
    pub off: Vec<CheckCount>,
}

/// Requests that wait for the head of their answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ConcurrencyStatus {
    /// How many there may be at the moment.
    pub bound: usize,
    pub in_flight: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckCount {
    pub check: &'static str,
    pub operations: usize,
}

/// Since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RequestTotals {
    pub allowed: u64,
    pub refused: u64,
    pub failed: u64,
    pub aborted: u64,
    pub in_flight: u64,
}

/// One issuer's keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyStatus {
    pub issuer: String,
    /// `discovery`, or the key set's place without its query.
    pub source: String,
    pub keys: usize,
    pub age_s: Option<u64>,
    pub stale: bool,
    pub failures: u32,
    pub last_error: Option<String>,
}

impl Gateway {
    /// What became of the records since the start.
    pub fn record_totals(&self) -> RecordTotals {
        self.observer.records.totals()
    }

    pub fn status(&self) -> Status {
        let snapshot = self.snapshot.load_full();
        let clock = self.observer.clock.as_ref();
        let totals = &self.observer.totals;
        let mut apis: Vec<ApiStatus> =
            snapshot.apis.iter().map(|api| api_status(api, &self.shared)).collect();
        apis.sort_by(|one, other| one.name.cmp(&other.name));
        Status {
            uptime_s: clock.unix_ms().saturating_sub(self.started_unix_ms) / 1_000,
            snapshot: snapshot.hash.to_string(),
            ready: self.is_ready(),
            apis,
            requests: RequestTotals {
                allowed: totals.allowed.load(Ordering::Relaxed),
                refused: totals.refused.load(Ordering::Relaxed),
                failed: totals.failed.load(Ordering::Relaxed),
                aborted: totals.aborted.load(Ordering::Relaxed),
                in_flight: totals.in_flight.load(Ordering::Relaxed),
            },
            records: self.record_totals(),
            blocks: self.shared.blocks.totals(),
            objects: authorization::objects(&self.shared),
            buffered_bytes: self.buffers.used(),
            connections_open: self.connections_open(),
            connections_max: self.connections_max(),
            connections_ended: self.connections_ended(),
            fetches: self.shared.fetches.statuses(),
            certificates: self
                .shared
                .certificates
                .statuses(i64::try_from(clock.unix_ms() / 1_000).unwrap_or(i64::MAX)),
            certificate_orders: self.shared.certificates.orders(),
            keys: self.key_statuses(clock.monotonic_ns()),
        }
    }

    fn connections_ended(&self) -> Vec<(&'static str, u64)> {
        let tally = self.doors.tally();
        let counts = net::Ended::ALL.into_iter().map(|reason| (reason.word(), tally.count(reason)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    fn connections_open(&self) -> usize {
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.iter().map(|(_, open)| open.count()).sum()
    }

    fn key_statuses(&self, now_ns: u64) -> Vec<KeyStatus> {
        let states = self.shared.keys.states(now_ns);
        let status = |state: crate::keys::KeyState| KeyStatus {
            issuer: state.issuer.to_string(),
            source: state.place.to_string(),
            keys: state.keys,
            age_s: state.age_s,
            stale: state.stale,
            failures: state.failures,
            last_error: state.last_error,
        };
        states.into_iter().map(status).collect()
    }
}

fn api_status(api: &ApiPlan, shared: &Shared) -> ApiStatus {
    let (mut watched, mut off) = (Vec::new(), Vec::new());
    for plan in api.plans() {
        for check in plan.checks.iter().filter(|check| check.mode == Mode::Watch) {
            count(&mut watched, check.about.name);
        }
        for about in &plan.off {
            count(&mut off, about.name);
        }
    }
    let settings = &api.settings;
    ApiStatus {
        name: settings.name.to_string(),
        title: settings.description.title.clone(),
        hosts: settings.hosts.clone(),
        base_path: settings.base_path.clone(),
        upstream: api.upstream.label.as_ref().to_owned(),
        service: crate::upstream::service(&api.upstream.cluster),
        operations: settings.description.operations.len(),
        observes_undeclared: settings.observe_undeclared,
        concurrency: api
            .gate
            .as_ref()
            .map(|gate| ConcurrencyStatus { bound: gate.bound(), in_flight: gate.in_flight() }),
        authorization: authorization::of(api, shared),
        watched,
        off,
    }
}

fn count(counts: &mut Vec<CheckCount>, check: &'static str) {
    match counts.iter_mut().find(|count| count.check == check) {
        Some(count) => count.operations += 1,
        None => counts.push(CheckCount { check, operations: 1 }),
    }
}
