//! What a reload cannot change, because it is set up when the gateway starts.

use model::Finding;

use crate::Configuration;

/// What is set up once, when the gateway starts.
pub fn needed(old: &Configuration, new: &Configuration) -> Vec<Finding> {
    let certificates = |configuration: &Configuration| -> Vec<_> {
        let listeners = configuration.settings.listeners.iter();
        listeners
            .map(|listener| (listener.address, listener.tls.as_ref().map(|tls| tls.certificates.clone())))
            .collect()
    };
    let (a, b) = (&old.settings, &new.settings);
    let framing = |settings: &gateway::settings::Settings| {
        let (sizes, timeouts) = (settings.sizes, settings.timeouts);
        (
            (sizes.limit_keys_max, sizes.tokens_cached_max),
            timeouts.drain,
        )
    };
    let differ = [
        (certificates(old) != certificates(new), "listeners or their certificates"),
        (
            framing(a) != framing(b),
            "`timeouts.drain`, or numbers of counters and tokens held",
        ),
        (old.admin != new.admin, "the administration port"),
        (
            (&old.state_dir, old.records_bytes_max) != (&new.state_dir, new.records_bytes_max),
            "`state_dir` or its room",
        ),
    ];
    let what = differ.into_iter().filter(|(differs, _)| *differs);
    what.map(|(_, what)| {
        Finding::warning("B3301", format!("a change of {what} needs a restart"))
            .advice("the rest is in force")
    })
    .collect()
}

#[cfg(test)]
mod tests;
