//! Refuses a body that is not well-formed or does not match its schema.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Code, Mode, Owasp, Phase, Refusal};
use openapi::{BodyFault, BodyStrictness, ContentType, MediaKind, Operation};

use super::media_type;
use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

pub struct Body {
    operation: Arc<Operation>,
    strictness: BodyStrictness,
}

impl Build for Body {
    const ABOUT: About = About {
        name: "body",
        phase: Phase::Validate,
        owasp: &[Owasp::Api3, Owasp::Api8],
        summary: "Refuses a body that is not well-formed or does not match its schema.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::Whole,
    };

    /// Not for operations whose bodies are all of kinds that are not looked into: those stream through.
    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(operation) = preparation.operation.filter(|operation| is_read(operation)) else {
            return Ok(None);
        };
        let sizes = &preparation.settings.sizes;
        let limits = tape::Limits {
            depth_max: sizes.json_depth_max,
            values_max: sizes.json_values_max,
            ..tape::Limits::default()
        };
        let strictness = BodyStrictness {
            only_declared_properties: preparation.api.strictness.only_declared_properties,
            limits,
        };
        Ok(Some(Self { operation: Arc::clone(operation), strictness }))
    }
}

impl Check for Body {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(body) = &exchange.body else { return Step::pass() };
        // What cannot be read is refused here as well: `media_type` may only be watching.
        let media = match media_type::judge(&self.operation, exchange) {
            Ok(Some(media)) => media,
            Ok(None) => return Step::pass(),
            Err(refusal) => return Step::Refuse(refusal),
        };
        let content_type =
            media_type::content_type(&exchange.head.headers).ok().flatten().unwrap_or_default();
        let checked =
            self.operation.check_body(media, content_type, &body.bytes, || body.json(), &self.strictness);
        match checked {
            Ok(()) => Step::pass(),
            Err(BodyFault::Malformed(why)) => Step::refuse(Refusal::new(Code::BodyMalformed).detail(why)),
            Err(BodyFault::Invalid(violations)) => {
                Step::refuse(Refusal::new(Code::BodyInvalid).violations(violations))
            }
        }
    }
}

/// Whether any declared media type is one that is read; a range may stand for one.
fn is_read(operation: &Operation) -> bool {
    let content = operation.body.iter().flat_map(|body| &body.content);
    content.into_iter().any(|media| {
        media.range.contains('*')
            || ContentType::parse(&media.range).is_some_and(|range| range.kind() != MediaKind::Opaque)
    })
}
