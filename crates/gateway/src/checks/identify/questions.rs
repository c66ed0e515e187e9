//! Which questions a request needs answered, so that each answer finds the scheme it is for.

use std::sync::Arc;

use super::outcome::Look;
use super::scheme::Scheme;
use crate::question::{Answer, Answers, Question};
use crate::settings::KeySource;

/// Every question the request may need, in the order of the schemes. It is made from the request and the configuration
/// alone and so is the same on every step, whatever was remembered in between: asked is all of it or nothing.
pub(super) struct Plan {
    questions: Vec<Question>,
    /// By scheme: the position of its question.
    positions: Vec<Option<usize>>,
}

pub(super) fn plan(schemes: &[Scheme], look: &Look<'_>) -> Plan {
    let mut plan = Plan { questions: Vec::new(), positions: Vec::new() };
    for scheme in schemes {
        let position = scheme.question(look).map(|question| {
            let known = plan.questions.iter().position(|asked| are_the_same(asked, &question));
            known.unwrap_or_else(|| {
                plan.questions.push(question);
                plan.questions.len() - 1
            })
        });
        plan.positions.push(position);
    }
    plan
}

impl Plan {
    pub(super) fn answer<'a>(&self, scheme: usize, answers: &'a Answers) -> Option<&'a Answer> {
        answers.get(self.positions.get(scheme).copied().flatten()?)
    }

    pub(super) fn into_questions(self) -> Vec<Question> {
        self.questions
    }
}

fn are_the_same(one: &Question, other: &Question) -> bool {
    match (one, other) {
        (Question::Keys { jwt, kid }, Question::Keys { jwt: other_jwt, kid: other_kid }) => {
            let same_source = match (&jwt.keys, &other_jwt.keys) {
                (KeySource::JwksUri(one), KeySource::JwksUri(other)) => one == other,
                (KeySource::Discovery, KeySource::Discovery) => true,
                _ => false,
            };
            same_source && jwt.issuer == other_jwt.issuer && kid == other_kid
        }
        (
            Question::Introspect { settings, fingerprint, .. },
            Question::Introspect { settings: other_settings, fingerprint: other_fingerprint, .. },
        ) => Arc::ptr_eq(settings, other_settings) && fingerprint == other_fingerprint,
        _ => false,
    }
}
