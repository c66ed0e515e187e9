//! Refuses what the emergency block list names by address, operation or API, before anything is spent on it.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase, Refusal};

use crate::blocks::{Facts, Hit};
use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::shared::Shared;
use crate::snapshot::UNMATCHED;

pub struct BlockedRequests {
    shared: Arc<Shared>,
    place: Place,
}

/// Where a request goes, as blocks name it.
pub(super) struct Place {
    api: Arc<str>,
    operation: Arc<str>,
}

impl Place {
    pub(super) fn of(preparation: &Preparation<'_>) -> Self {
        let id = preparation.operation.map(|operation| Arc::clone(&operation.id));
        Self { api: Arc::clone(&preparation.api.name), operation: id.unwrap_or_else(|| Arc::from(UNMATCHED)) }
    }

    pub(super) fn facts<'a>(&'a self, exchange: &'a Exchange) -> Facts<'a> {
        Facts {
            address: exchange.peer.address,
            api: &self.api,
            operation: &self.operation,
            caller: exchange.caller.as_ref(),
        }
    }
}

/// The caller is told that it is blocked and nothing more; the record names the block.
pub(super) fn refuse(hit: &Hit) -> Step {
    let report = Edit::Report(format!("block {} of this {}", hit.id, hit.kind.word()));
    Step::RefuseWith(vec![report], Box::new(Refusal::new(Code::Blocked)))
}

impl Build for BlockedRequests {
    const ABOUT: About = About {
        name: "blocked_requests",
        phase: Phase::Connect,
        owasp: &[Owasp::Api4, Owasp::Api6],
        summary: "Refuses what the emergency block list names by address, operation or API.",
        default_mode: Mode::Enforce,
        may_watch: false,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(Some(Self { shared: Arc::clone(preparation.shared), place: Place::of(preparation) }))
    }
}

impl Check for BlockedRequests {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        match self.shared.blocks.find_request(&self.place.facts(exchange)) {
            None => Step::pass(),
            Some(hit) => refuse(&hit),
        }
    }
}
