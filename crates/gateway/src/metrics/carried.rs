//! Counts that are kept elsewhere, and carried over before each rendering.

use std::sync::{Arc, PoisonError};

use metrics::Label;

use super::{Metrics, label};
use crate::counters::Counts;
use crate::fetches::FetchStatus;
use crate::keys::KeyState;

#[allow(clippy::cast_precision_loss, reason = "counts and ages do not need their last bits")]
impl Metrics {
    /// How old each source's keys are, and how often their fetch failed since the last success. An issuer may have
    /// several sources. What is told of a source that a reload dropped goes to 0 and stays there: a last value that
    /// nothing moves any more would look like one.
    pub(crate) fn keys(&self, states: &[KeyState]) {
        let mut told = self.key_sources.lock().unwrap_or_else(PoisonError::into_inner);
        for (issuer, source) in told.iter() {
            if !states.iter().any(|state| state.issuer == *issuer && state.place == *source) {
                self.key_gauges(issuer, source, 0.0, 0.0, Some(0.0));
            }
        }
        *told = states.iter().map(|state| (Arc::clone(&state.issuer), Arc::clone(&state.place))).collect();
        drop(told);
        for state in states {
            let age_s = state.age_s.map(|age_s| age_s as f64);
            let failures = f64::from(state.failures);
            self.key_gauges(&state.issuer, &state.place, failures, state.keys as f64, age_s);
        }
    }

    fn key_gauges(&self, issuer: &Arc<str>, source: &Arc<str>, failures: f64, keys: f64, age_s: Option<f64>) {
        let gauge =
            |name: &'static str| self.gauge(name, vec![label("issuer", issuer), label("source", source)]);
        gauge("bartizan_keys_fetch_failures").set(failures);
        gauge("bartizan_keys").set(keys);
        if let Some(age_s) = age_s {
            gauge("bartizan_keys_age_seconds").set(age_s);
        }
    }

    /// How fetches from issuers went.
    pub(crate) fn fetches(&self, statuses: &[FetchStatus]) {
        for status in statuses {
            let labels = || {
                let text = |name: &'static str, value: &str| Label::new(name, value.to_owned());
                vec![
                    Label::new("what", status.what),
                    text("issuer", &status.issuer),
                    text("source", &status.source),
                ]
            };
            self.gauge("bartizan_fetch_failing", labels()).set(f64::from(u8::from(status.failing)));
            for (kind, count) in &status.failures {
                let mut labels = labels();
                labels.push(Label::new("kind", kind.word()));
                self.counter("bartizan_fetch_failures_total", labels).absolute(*count);
            }
        }
    }

    /// How many requests wait for an API's service, and how many may.
    pub(crate) fn concurrency(&self, api: &Arc<str>, bound: usize, in_flight: usize) {
        self.gauge("bartizan_concurrency_bound", vec![label("api", api)]).set(bound as f64);
        self.gauge("bartizan_concurrency_in_flight", vec![label("api", api)]).set(in_flight as f64);
    }

    /// What the limiters have had to do.
    pub(crate) fn limits(&self, counts: &Counts) {
        self.gauge("bartizan_limit_keys", Vec::new()).set(counts.keys as f64);
        let evicted = |state, count| {
            self.counter("bartizan_limit_keys_evicted_total", vec![Label::new("state", state)])
                .absolute(count);
        };
        evicted("recovered", counts.evicted_recovered);
        evicted("used", counts.evicted_used);
        self.counter("bartizan_limit_decisions_shared_total", Vec::new()).absolute(counts.overflowed);
    }

    /// Connections that were refused or ended by the gateway, all listeners together.
    pub(crate) fn connections_ended(&self, tally: &net::Tally) {
        for reason in net::Ended::ALL {
            let labels = vec![Label::new("reason", reason.word())];
            self.counter("bartizan_connections_ended_total", labels).absolute(tally.count(reason));
        }
    }

    /// `listener` is the address it is bound to.
    pub(crate) fn connections(&self, listener: &Arc<str>, open: usize) {
        self.gauge("bartizan_connections_open", vec![label("listener", listener)]).set(open as f64);
    }

    /// Blocks that are held and what they refused, by kind of target.
    pub(crate) fn blocks(&self, blocks: &crate::blocks::Blocks) {
        for (kind, held, hits) in blocks.by_kind() {
            let labels = || vec![Label::new("target", kind.word())];
            self.gauge("bartizan_blocks", labels()).set(held as f64);
            self.counter("bartizan_block_hits_total", labels()).absolute(hits);
        }
        self.gauge("bartizan_blocks_not_durable", Vec::new()).set(blocks.totals().not_durable as f64);
    }

    /// Questions to the APIs themselves, and what is remembered of their answers.
    pub(crate) fn evidence(&self, counts: &crate::evidence::Counts, learned: usize) {
        use std::sync::atomic::Ordering::Relaxed;
        let count = |name: &'static str, labels, value| self.counter(name, labels).absolute(value);
        count("bartizan_evidence_calls_total", Vec::new(), counts.calls.load(Relaxed));
        count("bartizan_evidence_failures_total", Vec::new(), counts.failures.load(Relaxed));
        let result = |word| vec![Label::new("result", word)];
        count("bartizan_evidence_cache_total", result("hit"), counts.hits.load(Relaxed));
        count("bartizan_evidence_cache_total", result("miss"), counts.misses.load(Relaxed));
        self.gauge("bartizan_learned_objects", Vec::new()).set(learned as f64);
    }

    pub(crate) fn tokens(&self, cached: usize) {
        self.gauge("bartizan_tokens_cached", Vec::new()).set(cached as f64);
    }
}
