//! Refuses a body that asks for another method than the request's: some frameworks take `_method` in a POST for it, and the
//! service would do what the gateway decided on as something else. Header fields that ask for it never pass.

#[cfg(test)]
mod tests;

use model::{Code, Mode, Owasp, Phase, Refusal};
use openapi::{BodyFault, ContentType, MediaKind, Operation, part_names};

use super::form_credentials::declares;
use super::media_type;
use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::{Body, Exchange};
use crate::pairs::pairs;
use crate::question::Answers;

/// As Rails, Laravel, Symfony and Express have it.
const NAME: &str = "_method";

pub struct OverriddenMethod;

impl Build for OverriddenMethod {
    const ABOUT: About = About {
        name: "overridden_method",
        phase: Phase::Validate,
        owasp: &[Owasp::Api5],
        summary: "Refuses a body that asks for another method than the request's.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::Whole,
    };

    /// Only for what can be overridden, and where the description does not say that the name is its own.
    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let operation = preparation.operation.filter(|operation| operation.method == "POST");
        Ok(operation.is_some_and(|operation| takes_names(operation)).then_some(Self))
    }
}

impl Check for OverriddenMethod {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(body) = exchange.body.as_ref() else { return Step::pass() };
        let content_type =
            media_type::content_type(&exchange.head.headers).ok().flatten().unwrap_or_default();
        match overrides(content_type, body) {
            Ok(false) => Step::pass(),
            Ok(true) => {
                let detail = format!("`{NAME}` would make another request of it");
                Step::refuse(Refusal::new(Code::BodyInvalid).detail(detail))
            }
            Err(fault) => Step::refuse(Refusal::new(Code::BodyMalformed).detail(fault.to_string())),
        }
    }
}

/// Parts that cannot be told may hold any name.
fn overrides(content_type: &str, body: &Body) -> Result<bool, BodyFault> {
    Ok(match ContentType::parse(content_type).map(|sent| sent.kind()) {
        Some(MediaKind::Json) => {
            body.json().is_ok_and(|tape| tape.root().members().any(|member| is_it(member.key)))
        }
        Some(MediaKind::Form) => {
            let form = String::from_utf8_lossy(&body.bytes);
            pairs(&form).any(|pair| pair.name().is_some_and(|name| is_it(&name)))
        }
        Some(MediaKind::Multipart) => part_names(content_type, &body.bytes)?.iter().any(|name| is_it(name)),
        _ => false,
    })
}

/// Whether some service takes the name of a field for it: PHP makes `_` of a dot or a blank and ends the name at NUL, Rack
/// and qs take it out of brackets, and all of them take `_method[]` for an array of that name.
fn is_it(name: &str) -> bool {
    let outer = name.trim().trim_start_matches(['[', ']']);
    let first = outer.split(['[', ']', '\0']).next().unwrap_or_default().trim();
    first.replace(['.', ' '], "_").eq_ignore_ascii_case(NAME)
}

/// Whether it takes JSON or forms of either kind, none of which is described to have the name.
fn takes_names(operation: &Operation) -> bool {
    let content = || operation.body.iter().flat_map(|body| &body.content);
    let is_read = |range: &str| {
        range.contains('*')
            || ContentType::parse(range).is_some_and(|range| {
                matches!(range.kind(), MediaKind::Json | MediaKind::Form | MediaKind::Multipart)
            })
    };
    let declared = content().filter_map(|media| media.schema.as_ref()).any(|schema| declares(schema, NAME));
    !declared && content().any(|media| is_read(&media.range))
}
