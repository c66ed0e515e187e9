//! What is counted and timed, in one recorder of our own: nothing global, labels from descriptions only, never a path.

mod carried;
mod certificates;
mod lanes;
mod names;
mod services;
#[cfg(test)]
mod tests;
mod timing;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use model::{Code, Limited, Mode, Outcome, Verdict};

use lanes::Lanes;
use timing::{Timing, Timings};

static METADATA: Metadata<'static> = Metadata::new("bartizan", Level::INFO, None);

/// The recorder, and the handles that belong to the process as a whole.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    timings: Timings,
    /// By check and mode; carried into the recorder when it is read.
    verdicts: Mutex<HashMap<(&'static str, &'static str), Verdicts>>,
    pub(crate) check_panics: Counter,
    pub(crate) listener_refusals: RwLock<HashMap<Code, Counter>>,
    pub(crate) records_lost: Counter,
    pub(crate) records_written: Counter,
    pub(crate) buffered_bytes: Gauge,
    pub(crate) requests_in_flight: Gauge,
    /// Issuer and source of which the key gauges tell.
    key_sources: Mutex<Vec<(Arc<str>, Arc<str>)>>,
    /// Listener and name of which the expiry gauges tell.
    certificates_told: Mutex<Vec<(Arc<str>, String)>>,
    services: Mutex<services::Told>,
    pub(crate) spans_lost: Counter,
    pub(crate) snapshots_swapped: Counter,
    pub(crate) snapshots_refused: Counter,
}

/// One operation's handles. Registering the same operation again yields the same counts.
pub(crate) struct OperationMetrics {
    api: Arc<str>,
    operation: Arc<str>,
    /// Few, and found by looking at each: requests of an operation end in few ways.
    requests: RwLock<Vec<(RequestKey, Counter)>>,
    pub(crate) duration: Timing,
    pub(crate) upstream: Timing,
}

type RequestKey = (&'static str, Outcome, u16, Option<Code>);

/// One check's handles, for the mode it runs in.
pub(crate) struct CheckMetrics {
    pub(crate) duration: Timing,
    verdicts: Verdicts,
}

/// How often a check gave each verdict, in the order of [`verdict_at`].
type Verdicts = Arc<Lanes<4>>;

impl Metrics {
    pub(crate) fn new() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        names::describe(&recorder);
        let handle = recorder.handle();
        let counter = |name| recorder.register_counter(&Key::from_static_name(name), &METADATA);
        let gauge = |name| recorder.register_gauge(&Key::from_static_name(name), &METADATA);
        Self {
            check_panics: counter("bartizan_check_panics_total"),
            listener_refusals: RwLock::default(),
            records_lost: counter("bartizan_records_lost_total"),
            records_written: counter("bartizan_records_written_total"),
            buffered_bytes: gauge("bartizan_buffered_bytes"),
            requests_in_flight: gauge("bartizan_requests_in_flight"),
            key_sources: Mutex::default(),
            services: Mutex::default(),
            certificates_told: Mutex::default(),
            spans_lost: counter("bartizan_spans_lost_total"),
            snapshots_swapped: counter("bartizan_snapshots_total"),
            snapshots_refused: counter("bartizan_snapshots_refused_total"),
            recorder,
            handle,
            timings: Timings::default(),
            verdicts: Mutex::default(),
        }
    }

    /// The Prometheus text exposition format.
    pub fn render(&self) -> String {
        self.carry_verdicts();
        let mut text = self.handle.render();
        self.timings.render(&mut text);
        text
    }

    pub(crate) fn operation(&self, api: &Arc<str>, operation: &Arc<str>) -> OperationMetrics {
        let labels = || vec![label("api", api), label("operation", operation)];
        OperationMetrics {
            api: Arc::clone(api),
            operation: Arc::clone(operation),
            requests: RwLock::default(),
            duration: self.timings.get("bartizan_request_duration_seconds", &labels(), Lanes::together),
            upstream: self.timings.get("bartizan_upstream_duration_seconds", &labels(), Lanes::together),
        }
    }

    pub(crate) fn check(&self, name: &'static str, mode: Mode) -> CheckMetrics {
        let mode = match mode {
            Mode::Off => "off",
            Mode::Watch => "watch",
            Mode::Enforce => "enforce",
        };
        let labels = vec![Label::new("check", name), Label::new("mode", mode)];
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        let verdicts = verdicts.entry((name, mode)).or_insert_with(|| Arc::new(Lanes::apart()));
        CheckMetrics {
            duration: self.timings.get("bartizan_check_duration_seconds", &labels, Lanes::apart),
            verdicts: Arc::clone(verdicts),
        }
    }

    fn carry_verdicts(&self) {
        for ((check, mode), verdicts) in &*self.verdicts.lock().unwrap_or_else(PoisonError::into_inner) {
            let words = ["pass", "edit", "refuse", "error"];
            for (verdict, count) in words.into_iter().zip(verdicts.sums()) {
                let labels = [("check", *check), ("mode", *mode), ("verdict", verdict)];
                let labels = labels.into_iter().map(|(name, value)| Label::new(name, value)).collect();
                self.counter("bartizan_checks_total", labels).absolute(count);
            }
        }
    }

    pub(crate) fn count_request(&self, of: &OperationMetrics, key: RequestKey) {
        let known = of.requests.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, counter)) = known.iter().find(|(known, _)| *known == key) {
            counter.increment(1);
            return;
        }
        drop(known);
        let counter = {
            let (method, outcome, status, code) = key;
            let labels = vec![
                label("api", &of.api),
                label("operation", &of.operation),
                Label::new("method", method),
                Label::new("outcome", outcome_word(outcome)),
                Label::new("status", status.to_string()),
                Label::new("code", code.map_or("", Code::slug)),
            ];
            let counter = self.counter("bartizan_requests_total", labels);
            // Two may come here at once: both hold the same count, and the first is found.
            of.requests.write().unwrap_or_else(PoisonError::into_inner).push((key, counter.clone()));
            counter
        };
        counter.increment(1);
    }

    pub(crate) fn count_listener_refusal(&self, code: Code) {
        let mut all = self.listener_refusals.write().unwrap_or_else(PoisonError::into_inner);
        all.entry(code)
            .or_insert_with(|| {
                self.counter("bartizan_listener_refusals_total", vec![Label::new("code", code.slug())])
            })
            .increment(1);
    }

    /// A refusal by a limit; its name is the configuration's.
    pub(crate) fn count_limited(&self, limited: &Limited) {
        let labels =
            vec![Label::new("limit", limited.limit.clone()), Label::new("kind", limited.kind.word())];
        self.counter("bartizan_limited_total", labels).increment(1);
    }

    /// What was counted against caps could not be written down.
    pub(crate) fn count_unkept(&self) {
        self.counter("bartizan_limits_unkept_total", Vec::new()).increment(1);
    }

    /// A request that gave way to more important ones; `class` is empty for one in no class.
    pub(crate) fn count_shed(&self, api: &Arc<str>, class: &str, importance: &'static str) {
        let class = Label::new("class", class.to_owned());
        let labels = vec![label("api", api), class, Label::new("importance", importance)];
        self.counter("bartizan_shed_total", labels).increment(1);
    }

    /// `kind` and `outcome` as in the record's question lines.
    pub(crate) fn count_question(&self, kind: &'static str, outcome: &'static str, duration_us: u64) {
        let labels = vec![Label::new("kind", kind), Label::new("outcome", outcome)];
        self.counter("bartizan_questions_total", labels).increment(1);
        let labels = [Label::new("kind", kind)];
        let duration = self.timings.get("bartizan_question_duration_seconds", &labels, Lanes::together);
        duration.record(duration_us.saturating_mul(1_000));
    }

    /// Exactly one `bartizan_snapshot_info` is 1: the one in force.
    pub(crate) fn snapshot(&self, previous: Option<&str>, hash: &str) {
        let gauge = |hash: &str| {
            let labels = vec![Label::new("hash", hash.to_owned())];
            self.recorder.register_gauge(&Key::from_parts("bartizan_snapshot_info", labels), &METADATA)
        };
        if let Some(previous) = previous {
            gauge(previous).set(0.0);
        }
        gauge(hash).set(1.0);
        self.snapshots_swapped.increment(1);
    }

    fn gauge(&self, name: &'static str, labels: Vec<Label>) -> Gauge {
        self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
    }

    fn counter(&self, name: &'static str, labels: Vec<Label>) -> Counter {
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
    }
}

impl CheckMetrics {
    pub(crate) fn count(&self, verdict: Verdict, duration_ns: u64) {
        self.verdicts.add([(verdict_at(verdict), 1)]);
        self.duration.record(duration_ns);
    }
}

fn verdict_at(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Edit => 1,
        Verdict::Refuse => 2,
        Verdict::Error => 3,
    }
}

/// The method as a label: callers invent methods, so only the known ones are told apart.
pub(crate) fn method_label(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "TRACE" => "TRACE",
        "QUERY" => "QUERY",
        _ => "other",
    }
}

fn label(name: &'static str, value: &Arc<str>) -> Label {
    Label::new(name, Arc::clone(value))
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::Refused => "refused",
        Outcome::Failed => "failed",
        Outcome::Aborted => "aborted",
    }
}
