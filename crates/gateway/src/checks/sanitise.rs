//! Puts the strings of a JSON, form or text body into Unicode NFC and takes control characters out, before it is validated.

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
        summary: "Puts the strings of a JSON, form or text body into Unicode NFC and takes control characters out.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::Whole,
    };

    /// Only when it is asked for, and only for operations that take a body with strings that are read.
    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        if !preparation.api.strictness.sanitise {
            return Ok(None);
        }
        let operation = preparation.operation.filter(|operation| takes_strings(operation));
        Ok(operation.map(|operation| Self { operation: Arc::clone(operation) }))
    }
}

impl Check for Sanitise {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let media = media_type::judge(&self.operation, exchange).ok().flatten();
        let Some((body, media)) = exchange.body.as_ref().zip(media) else { return Step::pass() };
        // What is not well-formed is left as it is, for `body` to refuse.
        let edits = match media.kind {
            MediaKind::Json => body.json().map(openapi::sanitise).unwrap_or_default(),
            MediaKind::Form => openapi::sanitise_form(&body.bytes),
            MediaKind::Text => openapi::sanitise_text(&body.bytes),
            MediaKind::Multipart | MediaKind::Opaque => return Step::pass(),
        };
        if edits.is_empty() {
            return Step::pass();
        }
        let report = format!("strings sanitised: {}", edits.len());
        Step::Continue(vec![Edit::SpliceBody(edits), Edit::Report(report)])
    }
}

fn takes_strings(operation: &Operation) -> bool {
    let content = operation.body.iter().flat_map(|body| &body.content);
    content.into_iter().any(|media| {
        media.range.contains('*')
            || ContentType::parse(&media.range).is_some_and(|range| {
                matches!(range.kind(), MediaKind::Json | MediaKind::Form | MediaKind::Text)
            })
    })
}
