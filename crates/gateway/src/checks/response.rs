//! Refuses an answer of the service that its description does not know: the status, the media type, the body.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use model::{Code, Mode, Owasp, Phase, Refusal, Violation};
use openapi::Operation;

use super::media_type;
use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::{Exchange, Response};
use crate::question::Answers;

/// Violations that the record lists; the rest is counted.
const LISTED_MAX: usize = 3;

pub struct ResponseCheck {
    operation: Arc<Operation>,
}

impl Build for ResponseCheck {
    const ABOUT: About = About {
        name: "response",
        phase: Phase::Validate,
        owasp: &[Owasp::Api3, Owasp::Api10],
        summary: "Refuses an answer of the service that does not match its description.",
        default_mode: Mode::Watch,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        Ok(preparation.operation.map(|operation| Self { operation: Arc::clone(operation) }))
    }
}

impl Check for ResponseCheck {
    fn step(&self, _exchange: &Exchange, _answers: &Answers) -> Step {
        Step::pass()
    }

    fn reads_response_head(&self) -> bool {
        true
    }

    fn on_response_head(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(response) = exchange.response.as_ref().filter(|_| !is_replaced(exchange)) else {
            return Step::pass();
        };
        let checked =
            self.operation.check_response(response.status.as_u16(), content_type(&response.headers), None);
        checked.map_or_else(|violations| refuse(&violations), |()| Step::pass())
    }

    fn on_response_body(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some((response, body)) = with_body(exchange).filter(|_| !is_replaced(exchange)) else {
            return Step::pass();
        };
        let (status, content_type) = (response.status.as_u16(), content_type(&response.headers));
        if !self.operation.response_body_is_checked(status, content_type) {
            return Step::pass();
        }
        if media_type::is_encoded(&response.headers) {
            let report = Edit::Report("the body is encoded, so it was not checked".to_owned());
            return Step::RefuseWith(vec![report], Box::new(Refusal::new(Code::UpstreamInvalid)));
        }
        let Ok(tape) = body.json() else {
            let report = Edit::Report("the body is not well-formed JSON".to_owned());
            return Step::RefuseWith(vec![report], Box::new(Refusal::new(Code::UpstreamInvalid)));
        };
        let checked = self.operation.check_response(status, content_type, Some(tape));
        checked.map_or_else(|violations| refuse(&violations), |()| Step::pass())
    }

    fn response_body(&self) -> BodyNeed {
        if self.operation.response_needs_body() { BodyNeed::Whole } else { BodyNeed::None }
    }
}

/// An answer that was to tell whose an object is, and does not, is replaced whatever it is: to refuse it otherwise would
/// tell a missing object from a foreign one.
fn is_replaced(exchange: &Exchange) -> bool {
    let failed = |response: &Response| !response.status.is_success();
    exchange.awaits_answer && exchange.response.as_ref().is_some_and(failed)
}

fn with_body(exchange: &Exchange) -> Option<(&Response, &crate::exchange::Body)> {
    let response = exchange.response.as_ref()?;
    Some((response, response.body.as_ref()?))
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

/// For the record, not for the caller: what is wrong with the service's answer is not the caller's to know.
fn refuse(violations: &[Violation]) -> Step {
    let mut listed: Vec<String> = violations.iter().take(LISTED_MAX).map(line).collect();
    if violations.len() > LISTED_MAX {
        listed.push(format!("and {} more", violations.len() - LISTED_MAX));
    }
    let report = Edit::Report(listed.join("; "));
    Step::RefuseWith(vec![report], Box::new(Refusal::new(Code::UpstreamInvalid)))
}

fn line(violation: &Violation) -> String {
    let Violation { place, pointer, rule, expected } = violation;
    format!("{place} {pointer} {rule}: {expected}").replace("  ", " ")
}
