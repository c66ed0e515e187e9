//! Which endpoints are in order: probes ask them (active), requests show it (passive), and some always stay.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http::{HeaderValue, Method, StatusCode, header};

use super::choose::mix;
use super::endpoint::{Endpoint, now_ms};
use super::upload::Load;
use super::{RequestHead, Trial, UpstreamError};

/// An ejection is at most this many times as long as the first.
const EJECTION_GROWTH_MAX: u32 = 32;

/// Probes: a GET on a connection of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub path: String,
    /// Between two probes of one endpoint, moved by up to a tenth so that they do not come in step.
    pub every: Duration,
    /// From the connection to the answer's head.
    pub timeout: Duration,
    /// Successes in a row that bring an endpoint back.
    pub healthy_after: u32,
    /// Failures in a row that take it out.
    pub unhealthy_after: u32,
    /// First and last status that is a success.
    pub status: (u16, u16),
}

impl Default for Health {
    fn default() -> Self {
        Self {
            path: "/".to_owned(),
            every: Duration::from_secs(5),
            timeout: Duration::from_secs(2),
            healthy_after: 2,
            unhealthy_after: 3,
            status: (200, 299),
        }
    }
}

/// When requests show that an endpoint is out of order: connections that fail, silence, 502, 503 and 504.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eject {
    /// Failures in a row; 0: never.
    pub failures: u32,
    /// The first time; each time in a row twice as long, up to 32 times.
    pub span: Duration,
    /// Of the endpoints, at most this share is ejected at a time, in hundredths of a percent.
    pub at_most_per_10k: u16,
}

impl Default for Eject {
    fn default() -> Self {
        Self { failures: 5, span: Duration::from_secs(10), at_most_per_10k: 5_000 }
    }
}

impl Eject {
    /// How many of `count` may be ejected at a time.
    pub(super) fn room(&self, count: usize) -> usize {
        count.saturating_mul(usize::from(self.at_most_per_10k)) / 10_000
    }

    /// Ejects an endpoint; `others` are ejected already.
    pub(super) fn eject(&self, endpoint: &Endpoint, now_ms: u64) {
        let standing = &endpoint.standing;
        let span_ms = u64::try_from(self.span.as_millis()).unwrap_or(u64::MAX);
        let before = standing.ejections_in_a_row.load(Ordering::Relaxed);
        let growth = 1_u32.checked_shl(before).unwrap_or(EJECTION_GROWTH_MAX).min(EJECTION_GROWTH_MAX);
        let last = 1_u32.checked_shl(before.saturating_sub(1)).unwrap_or(EJECTION_GROWTH_MAX);
        let last_ms = span_ms.saturating_mul(u64::from(last.min(EJECTION_GROWTH_MAX)));
        let well_ms = match standing.is_on_trial() {
            true => 0,
            false => now_ms.saturating_sub(standing.proven_ms.load(Ordering::Relaxed)),
        };
        // In order for longer than it was out: forgiven.
        let (row, growth) =
            if before > 0 && well_ms > last_ms { (1, 1) } else { (before.saturating_add(1), growth) };
        standing.ejections_in_a_row.store(row, Ordering::Relaxed);
        standing.failures.store(0, Ordering::Relaxed);
        standing.counts.ejections.fetch_add(1, Ordering::Relaxed);
        let until = now_ms.saturating_add(span_ms.saturating_mul(u64::from(growth)));
        standing.ejected_until_ms.store(until, Ordering::Relaxed);
    }
}

/// Whether an answer speaks of the endpoint and not of the request.
pub(super) fn is_gateway_failure(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

impl Health {
    /// Probes an endpoint whose time has come, on a task of its own.
    pub(super) fn probe_when_due(self: &Arc<Self>, endpoint: &Arc<Endpoint>) {
        let next = &endpoint.standing.next_probe_ms;
        let (now, due) = (now_ms(), next.load(Ordering::Relaxed));
        let every_ms = u64::try_from(self.every.as_millis()).unwrap_or(u64::MAX);
        let jitter = mix(now ^ u64::from(endpoint.address.port())) % (every_ms / 10).max(1);
        // The next round begins after this one: two probes of one endpoint never overlap.
        let patience = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX);
        let again = now.saturating_add(every_ms.max(patience)).saturating_add(jitter);
        if now < due || next.compare_exchange(due, again, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        let (health, endpoint) = (Arc::clone(self), Arc::clone(endpoint));
        tokio::spawn(async move {
            let asked = tokio::time::timeout(health.timeout, health.ask(&endpoint)).await;
            let asked = asked.unwrap_or(Err(UpstreamError::timeout("the probe was not answered in time")));
            health.learn(&endpoint, asked.map_err(|error| error.detail));
        });
    }

    async fn ask(&self, endpoint: &Endpoint) -> Result<(), UpstreamError> {
        let mut head = RequestHead::new(Method::GET, &[&self.path])
            .map_err(|_| UpstreamError::invalid("the path of the probe is not well-formed"))?;
        head.put(&header::USER_AGENT, &HeaderValue::from_static("bartizan-health"));
        let mut load = Some(Load::whole(bytes::Bytes::new()));
        let trial =
            Trial { may_repeat: false, may_reuse: false, patience: self.timeout, begun: Instant::now() };
        let answered = endpoint.pool.exchange(&head, &mut load, trial, None).await;
        let (answered, _) = answered.map_err(|(failure, _)| failure.error)?;
        let (first, last) = self.status;
        if (first..=last).contains(&answered.status.as_u16()) {
            return Ok(());
        }
        Err(UpstreamError::invalid("the probe was answered with another status"))
    }

    /// Takes an endpoint out or brings it back after so many probes in a row.
    pub(super) fn learn(&self, endpoint: &Endpoint, probed: Result<(), &'static str>) {
        let standing = &endpoint.standing;
        if let Err(detail) = probed {
            standing.counts.probes_failed.fetch_add(1, Ordering::Relaxed);
            standing.remember(detail, now_ms());
        }
        let is_unhealthy = standing.is_unhealthy.load(Ordering::Relaxed);
        if probed.is_ok() != is_unhealthy {
            standing.probes_against.store(0, Ordering::Relaxed);
            return;
        }
        let against = standing.probes_against.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let enough = if is_unhealthy { self.healthy_after } else { self.unhealthy_after };
        if against < enough {
            return;
        }
        standing.probes_against.store(0, Ordering::Relaxed);
        if is_unhealthy {
            standing.ramp_from_ms.store(now_ms(), Ordering::Relaxed);
        }
        standing.is_unhealthy.store(!is_unhealthy, Ordering::Relaxed);
    }
}
