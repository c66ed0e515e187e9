//! Refuses calls beyond the quota of an address, before anything is spent on finding out who calls.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase};
use net::network;

use super::limits::{Prepared, applicable, take_all};
use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::settings::Per;
use crate::shared::Shared;

pub struct AddressLimits {
    shared: Arc<Shared>,
    limits: Vec<Prepared>,
}

impl Build for AddressLimits {
    const ABOUT: About = About {
        name: "address_limits",
        phase: Phase::Connect,
        owasp: &[Owasp::Api4],
        summary: "Refuses calls beyond the quota of an address; IPv6 addresses count by their /64.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let limits = applicable(preparation, |per| per == Per::Address);
        let shared = Arc::clone(preparation.shared);
        Ok((!limits.is_empty()).then_some(Self { shared, limits }))
    }
}

impl Check for AddressLimits {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let network = network(exchange.peer.address);
        let keyed: Vec<_> = self.limits.iter().map(|limit| (limit, network)).collect();
        take_all(&self.shared, &keyed, Code::AddressLimited)
    }

    fn meters_response(&self) -> bool {
        self.limits.iter().any(Prepared::is_metered)
    }

    fn on_response_bytes(&self, exchange: &Exchange, bytes: u64) {
        let network = network(exchange.peer.address);
        for limit in self.limits.iter().filter(|limit| limit.is_metered()) {
            limit.owe(&self.shared, &network, bytes);
        }
    }
}
