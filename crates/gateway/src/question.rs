//! What a check may ask of the outside world, and what comes back. The runner answers; a check never awaits.

use std::sync::Arc;

use crate::settings::{Introspection, Jwt};

/// One question. Equal keys are coalesced while one is under way.
#[derive(Debug, Clone)]
pub enum Question {
    /// The issuer's current keys, because `kid` is not among the cached ones or none are cached.
    Keys { jwt: Arc<Jwt>, kid: Option<String> },
    /// RFC 7662 introspection of a token. The token is not part of any record.
    Introspect { settings: Arc<Introspection>, token: model::Secret<String>, fingerprint: [u8; 32] },
}

impl Question {
    /// The word in records and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Keys { .. } => "keys",
            Self::Introspect { .. } => "introspect",
        }
    }
}

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    #[error("the question timed out")]
    TimedOut,
    #[error("the question's budget is used up")]
    OverBudget,
    #[error("the question failed")]
    Failed,
}

#[derive(Debug, Clone)]
pub enum Answer {
    Keys(Arc<token::KeySet>),
    /// The members of the introspection answer, `active` included.
    Introspected(Arc<serde_json::Map<String, serde_json::Value>>),
    None(NoAnswer),
}

/// The answers to a check's questions so far, in the order in which they were asked.
#[derive(Debug, Default)]
pub struct Answers {
    answers: Vec<Answer>,
}

impl Answers {
    pub fn push(&mut self, answer: Answer) {
        self.answers.push(answer);
    }

    pub fn get(&self, index: usize) -> Option<&Answer> {
        self.answers.get(index)
    }

    pub fn last(&self) -> Option<&Answer> {
        self.answers.last()
    }

    pub fn len(&self) -> usize {
        self.answers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }
}
