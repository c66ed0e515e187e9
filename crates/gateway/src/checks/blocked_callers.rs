//! Refuses callers whom the emergency block list names: by token, API key, principal or client. A token that was
//! verified before, and is remembered, is refused like any other.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Mode, Owasp, Phase};

use super::blocked_requests::{Place, refuse};
use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::shared::Shared;

pub struct BlockedCallers {
    shared: Arc<Shared>,
    place: Place,
}

impl Build for BlockedCallers {
    const ABOUT: About = About {
        name: "blocked_callers",
        phase: Phase::Identify,
        owasp: &[Owasp::Api2, Owasp::Api6],
        summary: "Refuses callers whom the emergency block list names by token, API key, principal or client.",
        default_mode: Mode::Enforce,
        may_watch: false,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(Some(Self { shared: Arc::clone(preparation.shared), place: Place::of(preparation) }))
    }
}

impl Check for BlockedCallers {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        match self.shared.blocks.find_caller(&self.place.facts(exchange)) {
            None => Step::pass(),
            Some(hit) => refuse(&hit),
        }
    }
}
