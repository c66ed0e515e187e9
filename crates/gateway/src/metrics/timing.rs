//! How long things take: histograms of which a sample costs two atomic additions and no reading of the clock.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use metrics::Label;

use super::names;

/// Nanoseconds, and the same in seconds as Prometheus tells them; from a check's microseconds to an upstream's half
/// minute.
const BUCKETS: [(u64, &str); 16] = [
    (1_000, "0.000001"),
    (5_000, "0.000005"),
    (25_000, "0.000025"),
    (100_000, "0.0001"),
    (500_000, "0.0005"),
    (1_000_000, "0.001"),
    (2_500_000, "0.0025"),
    (5_000_000, "0.005"),
    (10_000_000, "0.01"),
    (25_000_000, "0.025"),
    (50_000_000, "0.05"),
    (100_000_000, "0.1"),
    (250_000_000, "0.25"),
    (1_000_000_000, "1"),
    (5_000_000_000, "5"),
    (30_000_000_000, "30"),
];

/// One histogram; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timing(Arc<Samples>);

#[derive(Debug, Default)]
struct Samples {
    /// Of each bucket alone, the last one without a bound.
    counts: [AtomicU64; BUCKETS.len() + 1],
    sum_ns: AtomicU64,
}

/// All histograms there are. Asking for the same one again yields the same samples.
#[derive(Debug, Default)]
pub(super) struct Timings(Mutex<BTreeMap<&'static str, Series>>);

/// By labels as they are rendered.
type Series = BTreeMap<String, Timing>;

impl Timing {
    pub(crate) fn record(&self, ns: u64) {
        let at = BUCKETS.iter().position(|(bound, _)| ns <= *bound).unwrap_or(BUCKETS.len());
        if let Some(count) = self.0.counts.get(at) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.0.sum_ns.fetch_add(ns, Ordering::Relaxed);
    }
}

impl Timings {
    pub(super) fn get(&self, name: &'static str, labels: &[Label]) -> Timing {
        let mut text = String::new();
        for label in labels {
            let comma = if text.is_empty() { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}{}=\"{}\"", label.key(), escaped(label.value()));
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(name).or_default().entry(text).or_default().clone()
    }

    /// Appends the text exposition format.
    pub(super) fn render(&self, text: &mut String) {
        for (name, series) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let told = names::HISTOGRAMS.iter().find(|(told, _)| told == name);
            let _ = writeln!(text, "# HELP {name} {}", told.map_or("", |(_, sentence)| sentence));
            let _ = writeln!(text, "# TYPE {name} histogram");
            for (labels, timing) in series {
                timing.0.render(name, labels, text);
            }
            text.push('\n');
        }
    }
}

impl Samples {
    #[allow(clippy::cast_precision_loss, reason = "a sum's last nanosecond does not matter")]
    fn render(&self, name: &str, labels: &str, text: &mut String) {
        let mut total = 0;
        let bounds = BUCKETS.iter().map(|(_, bound)| *bound).chain(["+Inf"]);
        for (count, bound) in self.counts.iter().zip(bounds) {
            total += count.load(Ordering::Relaxed);
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {total}");
        }
        let sum_s = self.sum_ns.load(Ordering::Relaxed) as f64 / 1e9;
        let _ = writeln!(text, "{name}_sum{{{labels}}} {sum_s}");
        let _ = writeln!(text, "{name}_count{{{labels}}} {total}");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_fall_into_cumulative_buckets_and_one_name_with_the_same_labels_is_one_histogram() {
        let timings = Timings::default();
        let labels = [Label::new("check", "a\"b")];
        let one = timings.get("bartizan_check_duration_seconds", &labels);
        one.record(1_000);
        timings.get("bartizan_check_duration_seconds", &labels).record(2_000_000);
        one.record(31_000_000_000);
        let mut text = String::new();
        timings.render(&mut text);
        for line in [
            "# TYPE bartizan_check_duration_seconds histogram",
            "bartizan_check_duration_seconds_bucket{check=\"a\\\"b\",le=\"0.000001\"} 1",
            "bartizan_check_duration_seconds_bucket{check=\"a\\\"b\",le=\"0.001\"} 1",
            "bartizan_check_duration_seconds_bucket{check=\"a\\\"b\",le=\"0.0025\"} 2",
            "bartizan_check_duration_seconds_bucket{check=\"a\\\"b\",le=\"30\"} 2",
            "bartizan_check_duration_seconds_bucket{check=\"a\\\"b\",le=\"+Inf\"} 3",
            "bartizan_check_duration_seconds_sum{check=\"a\\\"b\"} 31.002001",
            "bartizan_check_duration_seconds_count{check=\"a\\\"b\"} 3",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
    }
}
