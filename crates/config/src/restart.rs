//! What a reload cannot change, because it is set up when the process starts.

use model::Finding;

use crate::Configuration;

/// What only a new process takes over. It need not be a moment in which nobody serves: see `serve --replace`.
pub fn needed(old: &Configuration, new: &Configuration) -> Vec<Finding> {
    let held = |configuration: &Configuration| {
        let sizes = configuration.settings.sizes;
        (sizes.limit_keys_max, sizes.tokens_cached_max)
    };
    let of_objects = |configuration: &Configuration| {
        let sizes = configuration.settings.sizes;
        (sizes.locks_max, sizes.evidence_cached_max, sizes.learned_max)
    };
    let differ = [
        (held(old) != held(new), "the numbers of counters and tokens held"),
        (of_objects(old) != of_objects(new), "the numbers of locks, evidence and learned objects held"),
        (
            (&old.state_dir, old.records_bytes_max) != (&new.state_dir, new.records_bytes_max),
            "`state_dir` or its room",
        ),
    ];
    let what = differ.into_iter().filter(|(differs, _)| *differs);
    what.map(|(_, what)| {
        Finding::warning("B3301", format!("a change of {what} needs a new process")).advice(
            "the rest is in force; `bartizan serve --replace` takes over without refusing a connection",
        )
    })
    .collect()
}

#[cfg(test)]
mod tests;
