//! Refuses addresses that have presented too many credentials that were not valid; IPv6 addresses count by their /64.
//!
//! Counted is what could be a guess: a credential that was sent and did not verify. A missing credential, an expired
//! token with a good signature, and anything that could not be verified because of an outage are not counted.

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase, Refusal};

use super::limits::network;
use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::counters::{LimitId, Rate};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::settings::FailedAuthentications as Settings;
use crate::shared::Shared;

pub struct FailedAuthentications {
    shared: Arc<Shared>,
    failures: Failures,
}

/// The one count of failures that Identify adds to and this check looks at.
pub(super) struct Failures {
    id: LimitId,
    rate: Rate,
}

impl Failures {
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        if settings.count == 0 {
            return Err("`failed_authentications.count` must be at least 1".to_owned());
        }
        let rate = Rate::new(settings.count, settings.window, settings.count);
        Ok(Self { id: LimitId::global("failed_authentications"), rate })
    }

    /// Counts one failure.
    pub(super) fn add(&self, shared: &Shared, address: IpAddr) {
        shared.counters.take(&self.id, &network(address), &self.rate, 1, shared.clock.monotonic_ns());
    }

    /// Seconds until the address may try again, when it has used up its failures.
    fn wait_s(&self, shared: &Shared, address: IpAddr) -> Option<u64> {
        let now_ns = shared.clock.monotonic_ns();
        let peek = shared.counters.peek(&self.id, &network(address), &self.rate, 1, now_ns);
        (!peek.allowed).then_some(peek.retry_after_s)
    }
}

impl Build for FailedAuthentications {
    const ABOUT: About = About {
        name: "failed_authentications",
        phase: Phase::Connect,
        owasp: &[Owasp::Api2],
        summary: "Refuses addresses that have presented too many credentials that were not valid.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let failures = Failures::new(&preparation.settings.failed_authentications)?;
        Ok(Some(Self { shared: Arc::clone(preparation.shared), failures }))
    }
}

impl Check for FailedAuthentications {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        match self.failures.wait_s(&self.shared, exchange.peer.address) {
            None => Step::pass(),
            Some(wait_s) => Step::refuse(Refusal::new(Code::AuthenticationLimited).retry_after_s(wait_s)),
        }
    }
}
