//! Refuses what rules take for an attack, and answers that they take for a leak.

#[cfg(test)]
mod tests;

use model::{Code, Mode, Owasp, Phase, Refusal};
use openapi::{ContentType, MediaKind, Operation};

use super::media_type;
use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::{Exchange, Response};
use crate::question::Answers;
use crate::waf::{Bounds, Exclude, Inspection, Objection, Proven, Ruled};

pub struct Waf {
    sets: Vec<Ruled>,
    bounds: Bounds,
    proven: Proven,
    body: BodyNeed,
    /// Bodies of answers are inspected too.
    answers: bool,
    /// Some rule looks at answers' heads.
    heads: bool,
}

impl Build for Waf {
    const ABOUT: About = About {
        name: "waf",
        phase: Phase::Inspect,
        owasp: &[Owasp::Api8, Owasp::Api10],
        summary: "Refuses requests that rules take for an attack, and answers that they take for a leak.",
        default_mode: Mode::Watch,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let Some(waf) = preparation.api.waf.as_deref().filter(|waf| !waf.sets.is_empty()) else {
            return Ok(None);
        };
        let id = preparation.operation.map(|operation| operation.id.as_ref());
        let said =
            preparation.operation.map(|operation| described(operation)).transpose()?.unwrap_or_default();
        let own = id.and_then(|id| waf.operations.get(id)).map(Vec::as_slice).unwrap_or_default();
        let mut sets = Vec::with_capacity(waf.sets.len());
        for set in &waf.sets {
            let exclusions = waf.exclusions(set, own.iter().chain(&said))?;
            sets.push(Ruled { name: set.name, rules: set.rules.clone(), exclusions });
        }
        let answers =
            waf.answers && preparation.operation.is_none_or(|one| one.extension.get("websocket").is_none());
        let heads = sets.iter().any(|set| set.rules.runs(seclang::Phase::ResponseHeaders));
        let body = match preparation.operation {
            // Only what is refused otherwise cannot come in other words.
            Some(operation) if preparation.enforces("media_type") && !takes_words(operation) => {
                BodyNeed::None
            }
            _ => BodyNeed::Whole,
        };
        let proven = match preparation.operation.filter(|_| waf.skip_proven) {
            Some(operation) => {
                Proven::of(operation, preparation.enforces("parameters"), preparation.enforces("body"))
            }
            None => Proven::default(),
        };
        Ok(Some(Self { sets, bounds: waf.bounds, proven, body, answers, heads }))
    }
}

impl Check for Waf {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let (inspection, objection) =
            Inspection::of_request(&self.sets, &self.bounds, &self.proven, exchange);
        let Some(objection) = objection else {
            if inspection.is_idle() {
                return Step::pass();
            }
            return Step::Continue(vec![Edit::Inspected(Box::new(inspection))]);
        };
        let code = match objection {
            Objection::Rule { .. } => Code::AttackSuspected,
            Objection::Exhausted { .. } => Code::InspectionExceeded,
        };
        let edits = vec![Edit::Report(objection.text()), Edit::Inspected(Box::new(inspection))];
        Step::RefuseWith(edits, Box::new(Refusal::new(code)))
    }

    fn request_body(&self) -> Option<BodyNeed> {
        Some(self.body)
    }

    fn reads_response_head(&self) -> bool {
        self.heads || self.answers
    }

    fn on_response_head(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let (Some(inspection), Some(response)) = (&exchange.inspection, &exchange.response) else {
            return Step::pass();
        };
        leak(inspection.of_head(response))
    }

    fn response_body(&self) -> BodyNeed {
        if self.answers { BodyNeed::Whole } else { BodyNeed::None }
    }

    fn on_response_body(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        let body = exchange.response.as_ref().and_then(|response| response.body.as_ref());
        let (Some(inspection), Some(body)) = (&exchange.inspection, body) else { return Step::pass() };
        if !exchange.response.as_ref().is_some_and(is_text) {
            return Step::pass();
        }
        let is_encoded = exchange.response.as_ref().is_some_and(|one| media_type::is_encoded(&one.headers));
        if is_encoded && !body.bytes.is_empty() && inspection.reads_answer() {
            // It was asked for without a coding, so that rules can read it.
            let edits = vec![Edit::Report("rules cannot read an answer with a content coding".to_owned())];
            return Step::RefuseWith(edits, Box::new(Refusal::new(Code::InspectionExceeded)));
        }
        leak(inspection.of_body(&body.bytes))
    }
}

fn leak(found: Result<Option<Objection>, String>) -> Step {
    match found {
        Err(broken) => Step::Fail(broken),
        Ok(None) => Step::pass(),
        Ok(Some(objection)) => {
            let edits = vec![Edit::Report(objection.text())];
            let code = match objection {
                Objection::Rule { .. } => Code::LeakSuspected,
                Objection::Exhausted { .. } => Code::InspectionExceeded,
            };
            Step::RefuseWith(edits, Box::new(Refusal::new(code)))
        }
    }
}

/// Whether an answer is of a type that people or programs read as text, or does not say.
fn is_text(response: &Response) -> bool {
    let Some(value) = response.headers.get(http::header::CONTENT_TYPE) else { return true };
    let media = value.to_str().ok().and_then(ContentType::parse);
    media.is_none_or(|media| {
        media.kind() != MediaKind::Opaque
            || ["xml", "javascript"].iter().any(|word| media.essence.contains(word))
    })
}

/// What the operation's `x-bartizan` excludes.
fn described(operation: &Operation) -> Result<Vec<Exclude>, String> {
    operation.extension.get("waf").map_or_else(|| Ok(Vec::new()), Exclude::read_all)
}

/// Whether a body may be of a kind that rules read; others stream through uninspected.
fn takes_words(operation: &Operation) -> bool {
    let content = operation.body.iter().flat_map(|body| &body.content);
    content.into_iter().any(|media| {
        media.range.contains('*')
            || ContentType::parse(&media.range)
                .is_none_or(|range| range.kind() != MediaKind::Opaque || range.essence.contains("xml"))
    })
}
