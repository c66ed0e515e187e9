//! What is counted and timed, in one recorder of our own: nothing global, labels from descriptions only, never a path.

mod carried;
mod certificates;
mod names;
mod services;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use model::{Code, Limited, Mode, Outcome, Verdict};

/// Seconds; from a check's microseconds to an upstream's half minute.
const BUCKETS: [f64; 16] = [
    0.000_001, 0.000_005, 0.000_025, 0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
    1.0, 5.0, 30.0,
];
static METADATA: Metadata<'static> = Metadata::new("bartizan", Level::INFO, None);

/// The recorder, and the handles that belong to the process as a whole.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
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
    requests: RwLock<HashMap<RequestKey, Counter>>,
    pub(crate) duration: Histogram,
    pub(crate) upstream: Histogram,
}

type RequestKey = (&'static str, Outcome, u16, Option<Code>);

/// One check's handles, for the mode it runs in.
pub(crate) struct CheckMetrics {
    pub(crate) duration: Histogram,
    verdicts: [Counter; 4],
}

impl Metrics {
    pub(crate) fn new() -> Result<Self, BuildError> {
        let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
        names::describe(&recorder);
        let handle = recorder.handle();
        let counter = |name| recorder.register_counter(&Key::from_static_name(name), &METADATA);
        let gauge = |name| recorder.register_gauge(&Key::from_static_name(name), &METADATA);
        Ok(Self {
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
        })
    }

    /// The Prometheus text exposition format.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds samples into buckets; without it they pile up between two scrapes.
    pub(crate) fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    pub(crate) fn operation(&self, api: &Arc<str>, operation: &Arc<str>) -> OperationMetrics {
        let labels = || vec![label("api", api), label("operation", operation)];
        OperationMetrics {
            api: Arc::clone(api),
            operation: Arc::clone(operation),
            requests: RwLock::default(),
            duration: self.histogram("bartizan_request_duration_seconds", labels()),
            upstream: self.histogram("bartizan_upstream_duration_seconds", labels()),
        }
    }

    pub(crate) fn check(&self, name: &'static str, mode: Mode) -> CheckMetrics {
        let mode = match mode {
            Mode::Off => "off",
            Mode::Watch => "watch",
            Mode::Enforce => "enforce",
        };
        let labels = || vec![Label::new("check", name), Label::new("mode", mode)];
        let verdict = |word: &'static str| {
            let mut labels = labels();
            labels.push(Label::new("verdict", word));
            self.counter("bartizan_checks_total", labels)
        };
        CheckMetrics {
            duration: self.histogram("bartizan_check_duration_seconds", labels()),
            verdicts: [verdict("pass"), verdict("edit"), verdict("refuse"), verdict("error")],
        }
    }

    pub(crate) fn count_request(&self, of: &OperationMetrics, key: RequestKey) {
        let known = of.requests.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let counter = known.unwrap_or_else(|| {
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
            of.requests.write().unwrap_or_else(PoisonError::into_inner).insert(key, counter.clone());
            counter
        });
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
        let labels = vec![Label::new("limit", limited.limit.clone()), Label::new("kind", limited.kind.word())];
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
        let duration = self.histogram("bartizan_question_duration_seconds", vec![Label::new("kind", kind)]);
        duration.record(seconds(duration_us.saturating_mul(1_000)));
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

    fn histogram(&self, name: &'static str, labels: Vec<Label>) -> Histogram {
        self.recorder.register_histogram(&Key::from_parts(name, labels), &METADATA)
    }
}

impl CheckMetrics {
    pub(crate) fn count(&self, verdict: Verdict, duration_ns: u64) {
        let [pass, edit, refuse, error] = &self.verdicts;
        match verdict {
            Verdict::Pass => pass,
            Verdict::Edit => edit,
            Verdict::Refuse => refuse,
            Verdict::Error => error,
        }
        .increment(1);
        self.duration.record(seconds(duration_ns));
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

#[allow(clippy::cast_precision_loss, reason = "a duration's last nanosecond does not matter")]
pub(crate) fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
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
