//! Refuses operations of which the description does not say who may call them.

#[cfg(test)]
mod tests;

use model::{Code, Mode, Owasp, Phase};
use openapi::Security;

use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

pub struct SecurityDeclared;

impl Build for SecurityDeclared {
    const ABOUT: About = About {
        name: "security_declared",
        phase: Phase::Permit,
        owasp: &[Owasp::Api5],
        summary: "Refuses operations without `security`; a public one says so with `security: []`.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let security = preparation.operation.map(|operation| &operation.security);
        Ok(matches!(security, Some(Security::Missing)).then_some(Self))
    }
}

impl Check for SecurityDeclared {
    fn step(&self, _exchange: &Exchange, _answers: &Answers) -> Step {
        Step::refuse(Code::SecurityUndeclared)
    }
}
