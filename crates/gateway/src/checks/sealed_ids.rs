//! Shows callers sealed ids in the place of the service's own: in bodies, in header fields, in URLs, and in errors.
//!
//! Where it is watched nothing is sealed or opened; what would be, and which ids stand where nobody declared them, is in
//! the records. Off, the API is as if nothing were to be sealed.

mod fields;
mod known;
mod rest;
#[cfg(test)]
pub(super) mod tests;

use std::sync::Arc;

use http::HeaderMap;
use model::{Mode, Owasp, Phase};
use openapi::{ContentType, MediaKind};
use policy::decide::Subject;
use policy::sealing::{Names, sealed};

use super::{answer, media_type};
use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::evidence::Service;
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::seals::{SWITCH, Seals};
use crate::shared::Shared;
use known::Known;
use rest::Rest;

pub struct SealedIds {
    seals: Seals,
    names: Names,
    /// Whether the answer may hold ids at all.
    reads_body: bool,
    service: Option<Arc<Service>>,
    shared: Arc<Shared>,
}

impl Build for SealedIds {
    const ABOUT: About = About {
        name: SWITCH,
        phase: Phase::Authorize,
        owasp: &[Owasp::Api1, Owasp::Api3],
        summary: "Shows callers sealed ids in the place of the service's own.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(seals) = Seals::of(preparation)? else { return Ok(None) };
        let names = Names::of(&seals.authorization().bindings);
        let is_declared = seals.plan().is_some_and(|plan| !plan.sealed.is_empty());
        let reads_body = is_declared || names.stand_in_answer_of(seals.operation());
        let (service, shared) = (preparation.service.cloned(), Arc::clone(preparation.shared));
        Ok(Some(Self { seals, names, reads_body, service, shared }))
    }
}

impl Check for SealedIds {
    fn step(&self, _exchange: &Exchange, _answers: &Answers) -> Step {
        Step::pass()
    }

    fn reads_response_head(&self) -> bool {
        true
    }

    fn on_response_head(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        match (&exchange.response, &exchange.subject) {
            (Some(response), Some(subject)) => self.fields(exchange, response, subject),
            (None, _) => Step::pass(),
            (Some(_), None) => Step::Fail("nobody to seal them for".to_owned()),
        }
    }

    fn response_body(&self) -> BodyNeed {
        if self.reads_body { BodyNeed::Whole } else { BodyNeed::None }
    }

    fn on_response_body(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let Some(subject) = &exchange.subject else {
            return Step::Fail("nobody to seal them for".to_owned());
        };
        let Some(response) = &exchange.response else { return Step::pass() };
        let Some(body) = response.body.as_ref().filter(|body| !body.bytes.is_empty()) else {
            return Step::pass();
        };
        let showings = self.seals.plan().map(|plan| plan.sealed.shows.as_slice()).unwrap_or_default();
        if !answer::is_json(&response.headers) {
            if !response.status.is_success() {
                // It may well say which ones it means.
                return answer::status_alone(response, body.bytes.len());
            }
            if showings.is_empty() && !may_be_json(&response.headers) {
                // A file has no places for ids.
                return Step::pass();
            }
        }
        let tape = match answer::read(exchange) {
            Ok(Some(tape)) => tape,
            Ok(None) => match body.json() {
                Ok(tape) => return self.error(exchange, subject, tape.root()),
                Err(_) => return answer::unfilterable("the answer is not well-formed JSON"),
            },
            Err(step) => return step,
        };
        let mut known = Known::of(self, exchange, subject);
        let mut count = 0_usize;
        let mut seal = |kind: &Arc<str>, id: &str| {
            count += 1;
            self.seals.seal(kind, id, subject).inspect(|_| known.add(kind, id))
        };
        let declared = match sealed(tape.root(), showings, &mut seal) {
            Ok(spans) => spans,
            Err(fault) => return answer::unfilterable(&fault.to_string()),
        };
        let mut rest = Rest::new(self, exchange, subject, known).beside(&declared);
        rest.values(tape.root(), None);
        rest.finish(count, declared)
    }
}

impl SealedIds {
    /// What an error says is not declared: ids of the request are sealed wherever they stand in it.
    fn error(&self, exchange: &Exchange, subject: &Subject, root: tape::Node<'_>) -> Step {
        let mut rest = Rest::new(self, exchange, subject, Known::of(self, exchange, subject)).of_error();
        rest.values(root, None);
        rest.finish(0, Vec::new())
    }
}

/// Whether somebody may read the answer as JSON, whatever it is encoded in.
fn may_be_json(headers: &HeaderMap) -> bool {
    let said = media_type::content_type(headers).ok().flatten().and_then(ContentType::parse);
    said.is_none_or(|said| said.kind() == MediaKind::Json)
}

/// The answer is as it is forwarded, with what was put into it.
fn changed(spans: Vec<(std::ops::Range<usize>, bytes::Bytes)>, report: String) -> Step {
    if spans.is_empty() {
        return Step::pass();
    }
    Step::Continue(vec![Edit::SpliceResponse(spans), Edit::Report(report)])
}
