//! How long things take: histograms of which a sample costs two additions and no reading of the clock.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use metrics::Label;

use super::lanes::Lanes;
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

/// Behind the buckets and the one without a bound stands the sum in nanoseconds.
const SUM: usize = BUCKETS.len() + 1;

/// One histogram; clones share it. Samples are counted in the bucket of theirs alone.
#[derive(Debug, Clone)]
pub(crate) struct Timing(Arc<Lanes<{ SUM + 1 }>>);

/// All histograms there are. Asking for the same one again yields the same samples.
#[derive(Debug, Default)]
pub(super) struct Timings(Mutex<BTreeMap<&'static str, Series>>);

/// By labels as they are rendered.
type Series = BTreeMap<String, Timing>;

impl Timing {
    pub(crate) fn record(&self, ns: u64) {
        let at = BUCKETS.iter().position(|(bound, _)| ns <= *bound).unwrap_or(BUCKETS.len());
        self.0.add([(at, 1), (SUM, ns)]);
    }

    #[allow(clippy::cast_precision_loss, reason = "a sum's last nanosecond does not matter")]
    fn render(&self, name: &str, labels: &str, text: &mut String) {
        let mut total = 0;
        let counts = self.0.sums();
        let bounds = BUCKETS.iter().map(|(_, bound)| *bound).chain(["+Inf"]);
        for (count, bound) in counts.iter().zip(bounds) {
            total += count;
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {total}");
        }
        let sum_s = counts.last().copied().unwrap_or(0) as f64 / 1e9;
        let _ = writeln!(text, "{name}_sum{{{labels}}} {sum_s}");
        let _ = writeln!(text, "{name}_count{{{labels}}} {total}");
    }
}

impl Timings {
    /// `new` makes the samples of one that is not there.
    pub(super) fn get(
        &self,
        name: &'static str,
        labels: &[Label],
        new: impl FnOnce() -> Lanes<{ SUM + 1 }>,
    ) -> Timing {
        let mut text = String::new();
        for label in labels {
            let comma = if text.is_empty() { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}{}=\"{}\"", label.key(), escaped(label.value()));
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(name).or_default().entry(text).or_insert_with(|| Timing(Arc::new(new()))).clone()
    }

    /// Appends the text exposition format.
    pub(super) fn render(&self, text: &mut String) {
        for (name, series) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let told = names::HISTOGRAMS.iter().find(|(told, _)| told == name);
            let _ = writeln!(text, "# HELP {name} {}", told.map_or("", |(_, sentence)| sentence));
            let _ = writeln!(text, "# TYPE {name} histogram");
            for (labels, timing) in series {
                timing.render(name, labels, text);
            }
            text.push('\n');
        }
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
        let one = timings.get("bartizan_check_duration_seconds", &labels, Lanes::apart);
        one.record(1_000);
        timings.get("bartizan_check_duration_seconds", &labels, Lanes::apart).record(2_000_000);
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
