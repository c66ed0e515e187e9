//! Refuses a credential that lacks a scope the operation requires.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase, Refusal};

use super::identify::{Requirement, Standing, insufficient_scope};
use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

pub struct Scopes {
    requirement: Requirement,
    api: Arc<str>,
}

impl Build for Scopes {
    const ABOUT: About = About {
        name: "scopes",
        phase: Phase::Permit,
        owasp: &[Owasp::Api5],
        summary: "Refuses a credential that lacks a scope the operation requires.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let requirement = Requirement::of(preparation).filter(Requirement::has_scopes);
        Ok(requirement.map(|requirement| Self { requirement, api: Arc::clone(&preparation.api.name) }))
    }
}

impl Check for Scopes {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(caller) = &exchange.caller else { return Step::Fail("nobody was identified".to_owned()) };
        match self.requirement.best(caller) {
            Some(Standing::Good | Standing::KeysAlone) => Step::pass(),
            Some(Standing::ScopesMissing(scopes)) => {
                let detail = format!("required: {}", scopes.join(" "));
                let challenge = insufficient_scope(&self.api, &scopes);
                Step::refuse(Refusal::new(Code::ScopeMissing).detail(detail).challenge(challenge))
            }
            // Identify has let nobody pass whose credentials satisfy no alternative.
            None => Step::Fail("the caller satisfies no alternative of the security requirement".to_owned()),
        }
    }
}
