//! Puts the strings of a JSON body into Unicode NFC and takes control characters out, before it is validated.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Mode, Owasp, Phase};
use openapi::{ContentType, MediaKind, Operation};

use super::media_type;
use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

pub struct Sanitise {
    operation: Arc<Operation>,
}

impl Build for Sanitise {
    const ABOUT: About = About {
        name: "sanitise",
        phase: Phase::Validate,
        owasp: &[Owasp::Api8],
        summary: "Puts the strings of a JSON body into Unicode NFC and takes control characters out.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::Whole,
    };

    /// Only when it is asked for, and only for operations that take JSON.
    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        if !preparation.api.strictness.sanitise {
            return Ok(None);
        }
        let operation = preparation.operation.filter(|operation| takes_json(operation));
        Ok(operation.map(|operation| Self { operation: Arc::clone(operation) }))
    }
}

impl Check for Sanitise {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let media = media_type::declared(&self.operation, exchange).ok().flatten();
        let json = media.is_some_and(|media| media.kind == MediaKind::Json);
        let Some(body) = exchange.body.as_ref().filter(|_| json) else { return Step::pass() };
        // What is not well-formed is refused by `body`.
        let Ok(tape) = body.json() else { return Step::pass() };
        let edits = openapi::sanitise(tape);
        if edits.is_empty() {
            return Step::pass();
        }
        let report = format!("strings sanitised: {}", edits.len());
        Step::Continue(vec![Edit::SpliceBody(edits), Edit::Report(report)])
    }
}

fn takes_json(operation: &Operation) -> bool {
    let content = operation.body.iter().flat_map(|body| &body.content);
    content.into_iter().any(|media| {
        media.range.contains('*')
            || ContentType::parse(&media.range).is_some_and(|range| range.kind() == MediaKind::Json)
    })
}
