//! Refuses callers who show nothing but an API key, where a key only identifies the client.

#[cfg(test)]
mod tests;

use model::{Code, Mode, Owasp, Phase};

use super::identify::{Requirement, Standing};
use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

pub struct KeyAlone {
    requirement: Requirement,
}

impl Build for KeyAlone {
    const ABOUT: About = About {
        name: "key_alone",
        phase: Phase::Permit,
        owasp: &[Owasp::Api2, Owasp::Api5],
        summary: "Refuses callers with nothing but an API key, unless the key is configured with `authorizes`.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let requirement = Requirement::of(preparation).filter(Requirement::has_keys);
        Ok(requirement.map(|requirement| Self { requirement }))
    }
}

impl Check for KeyAlone {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(caller) = &exchange.caller else { return Step::Fail("nobody was identified".to_owned()) };
        match self.requirement.best(caller) {
            Some(Standing::KeysAlone) => Step::refuse(Code::KeyNotEnough),
            // Missing scopes are refused by the check of that name.
            Some(Standing::Good | Standing::ScopesMissing(_)) => Step::pass(),
            None => Step::Fail("the caller satisfies no alternative of the security requirement".to_owned()),
        }
    }
}
