//! Every request's end: one record, its counts, its spans. Nothing here waits or fails the request.

pub(crate) mod body;
mod cut;
mod forwarded;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use model::{Clock, Code, Limited, Outcome, RECORD_VERSION, Record, Violation, address_text, rfc3339_millis};

use crate::exchange::Peer;
use crate::metrics::{Metrics, method_label};
use crate::pipeline::buffers::Reservation;
use crate::pipeline::capped::BodyWatch;
use crate::pipeline::{Run, Stop};
use crate::records::Records;
use crate::snapshot::{OperationPlan, Snapshot};
use crate::trace::export::Spans;

pub(crate) use forwarded::{Forwarded, Place};

/// A long answer is metered piece by piece, each at least so long.
const METERED_AT_ONCE: u64 = 256 << 10;

/// Where the facts go.
pub(crate) struct Observer {
    pub(crate) records: Records,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) shared: Arc<crate::shared::Shared>,
    pub(crate) spans: ArcSwapOption<Spans>,
    pub(crate) totals: Totals,
}

/// Requests by how they ended, since the start.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) allowed: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) aborted: AtomicU64,
    pub(crate) in_flight: AtomicU64,
}

/// One request from its head to the end of its answer. Dropping it is what records it, so that nothing can end
/// unrecorded: not a caller who goes away, and not a fault of ours.
pub(crate) struct Flight {
    pub(crate) run: Run,
    pub(crate) plan: Arc<OperationPlan>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) template: Option<Arc<str>>,
    pub(crate) upstream: Option<Forwarded>,
    pub(crate) upstream_span_id: u64,
    /// Counts a body that streams through; a buffered one is in `request_bytes`.
    pub(crate) request_watch: Option<Arc<BodyWatch>>,
    /// The WebSocket that the request asks for.
    pub(crate) handshake: Option<net::tunnel::Handshake>,
    /// Its place among those of its caller.
    pub(crate) seat: Option<crate::tunnel::Seat>,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    /// Of those, what the checks that count them have been told.
    metered_bytes: u64,
    pub(crate) reservation: Option<Reservation>,
    ending: Ending,
    observer: Arc<Observer>,
}

/// How it ended, as far as is known; until something is, the caller went away.
struct Ending {
    outcome: Outcome,
    /// 0 when no answer was begun.
    status: u16,
    code: Option<Code>,
    limited: Option<Limited>,
    check: Option<&'static str>,
    violations: Vec<Violation>,
}

impl Flight {
    /// Inlined: the run is large, and is to be moved once.
    #[inline(always)]
    pub(crate) fn begin(
        observer: Arc<Observer>,
        snapshot: Arc<Snapshot>,
        run: Run,
        plan: Arc<OperationPlan>,
        template: Option<Arc<str>>,
    ) -> Box<Self> {
        observer.totals.in_flight.fetch_add(1, Ordering::Relaxed);
        Box::new(Self {
            run,
            plan,
            snapshot,
            template,
            upstream: None,
            upstream_span_id: 0,
            request_watch: None,
            handshake: None,
            seat: None,
            request_bytes: 0,
            response_bytes: 0,
            metered_bytes: 0,
            reservation: None,
            ending: Ending {
                outcome: Outcome::Aborted,
                status: 0,
                code: None,
                limited: None,
                check: None,
                violations: Vec::new(),
            },
            observer,
        })
    }

    /// Nanoseconds, as the request's own times.
    pub(crate) fn now_ns(&self) -> u64 {
        self.observer.clock.monotonic_ns()
    }

    /// The answer is a refusal, or the failure of the upstream or of ourselves.
    pub(crate) fn stopped(&mut self, stop: &Stop) {
        let code = stop.refusal.code;
        self.ending.outcome = outcome_of(code);
        self.ending.status = code.status();
        self.ending.code = Some(code);
        self.ending.check = stop.check;
        self.ending.limited.clone_from(&stop.refusal.limited);
        self.ending.violations = stop.refusal.violations.iter().map(Violation::for_record).collect();
    }

    /// An answer with this status was begun; it still may not come to its end.
    pub(crate) fn answering(&mut self, status: u16) {
        self.ending.status = status;
    }

    /// Tells the checks that count bytes of answers what has passed; with `all`, also a last small piece.
    pub(crate) fn meter(&mut self, all: bool) {
        if !self.plan.meters_response {
            return;
        }
        let bytes = self.response_bytes.saturating_sub(self.metered_bytes);
        // What is refused is our own answer, and costs the service nothing.
        if bytes == 0 || self.ending.code.is_some() || !(all || bytes >= METERED_AT_ONCE) {
            return;
        }
        self.metered_bytes = self.response_bytes;
        for check in self.plan.checks.iter().filter(|check| check.check.meters_response()) {
            check.check.on_response_bytes(&self.run.exchange, bytes);
        }
    }

    /// The answer came to its end.
    pub(crate) fn ended(&mut self, outcome: Outcome) {
        self.ending.outcome = outcome;
    }

    fn record(&mut self, now_ns: u64) -> Record {
        let run = &mut self.run;
        let exchange = &mut run.exchange;
        let streamed = self.request_watch.as_ref().map_or(0, |watch| watch.bytes());
        Record {
            v: RECORD_VERSION,
            time: rfc3339_millis(exchange.received_unix_ms),
            request_id: exchange.request_id.as_ref().to_owned(),
            trace_id: Some(exchange.trace.trace_id_text()),
            protocol: exchange.peer.protocol.to_owned(),
            address: address_text(exchange.peer.address),
            address_from: exchange.peer.from,
            api: (!self.plan.api.is_empty()).then(|| self.plan.api.as_ref().to_owned()),
            operation: self.plan.id.as_ref().to_owned(),
            method: method_label(&exchange.head.method).to_owned(),
            template: self.template.as_deref().map(str::to_owned),
            class: self.plan.classes.of_request(exchange.caller.as_ref()).map(|class| class.name.to_string()),
            outcome: self.ending.outcome,
            status: self.ending.status,
            code: self.ending.code,
            limited: self.ending.limited.take(),
            check: self.ending.check.map(str::to_owned),
            violations: std::mem::take(&mut self.ending.violations),
            caller: exchange.caller.take(),
            checks: std::mem::take(&mut run.traces),
            authorization: exchange.authorization.take(),
            inspection: exchange.inspection.take().and_then(|inspection| inspection.end()),
            upstream: self.upstream.take().map(Forwarded::trace),
            request_bytes: self.request_bytes + streamed,
            response_bytes: self.response_bytes,
            duration_us: now_ns.saturating_sub(exchange.received_ns) / 1_000,
            snapshot: self.snapshot.hash.as_ref().to_owned(),
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.meter(true);
        let observer = &*self.observer;
        let now_ns = observer.clock.monotonic_ns();
        if let Some(limited) = &self.ending.limited {
            observer.metrics.count_limited(limited);
        }
        observer.totals.in_flight.fetch_sub(1, Ordering::Relaxed);
        observer.totals.count(self.ending.outcome);
        let method = method_label(&self.run.exchange.head.method);
        let key = (method, self.ending.outcome, self.ending.status, self.ending.code);
        observer.metrics.count_request(&self.plan.metrics, key);
        let duration_ns = now_ns.saturating_sub(self.run.exchange.received_ns);
        self.plan.metrics.duration.record(duration_ns);
        if self.run.exchange.trace.sampled
            && let Some(spans) = observer.spans.load().as_deref()
            && !spans.push_request(self, self.ending.status, duration_ns)
        {
            observer.metrics.spans_lost.increment(1);
        }
        if observer.records.are_wanted() {
            let record = self.record(now_ns);
            self.observer.records.push(record);
        }
        net::give_back(std::mem::take(&mut self.run.exchange.head.headers));
    }
}

impl Observer {
    /// Records what was refused before it could be routed; the head was not understood, so little is known.
    pub(crate) fn head_refused(&self, request_id: &str, peer: Peer, code: Code, snapshot: &Snapshot) {
        self.totals.count(Outcome::Refused);
        self.metrics.count_listener_refusal(code);
        self.records.push(Record {
            v: RECORD_VERSION,
            time: rfc3339_millis(self.clock.unix_ms()),
            request_id: request_id.to_owned(),
            trace_id: None,
            protocol: peer.protocol.to_owned(),
            address: address_text(peer.address),
            address_from: peer.from,
            api: None,
            operation: snapshot.nowhere.id.as_ref().to_owned(),
            method: String::new(),
            template: None,
            class: None,
            outcome: Outcome::Refused,
            status: code.status(),
            code: Some(code),
            limited: None,
            check: None,
            violations: Vec::new(),
            caller: None,
            checks: Vec::new(),
            authorization: None,
            inspection: None,
            upstream: None,
            request_bytes: 0,
            response_bytes: 0,
            duration_us: 0,
            snapshot: snapshot.hash.as_ref().to_owned(),
        });
    }
}

impl Totals {
    fn count(&self, outcome: Outcome) {
        match outcome {
            Outcome::Allowed => &self.allowed,
            Outcome::Refused => &self.refused,
            Outcome::Failed => &self.failed,
            Outcome::Aborted => &self.aborted,
        }
        .fetch_add(1, Ordering::Relaxed);
    }
}

/// Whose fault a code is: the caller's, or the upstream's and ours.
fn outcome_of(code: Code) -> Outcome {
    match code {
        Code::UpstreamUnreachable
        | Code::UpstreamInvalid
        | Code::UpstreamTimeout
        | Code::UpstreamOverloaded
        | Code::UpstreamUnavailable
        | Code::InternalError => Outcome::Failed,
        _ => Outcome::Refused,
    }
}
