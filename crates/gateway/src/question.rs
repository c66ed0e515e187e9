//! What a check may ask of the outside world, and what comes back. The runner answers; a check never awaits.

use std::sync::Arc;

use crate::decision_point::Evaluation;
use crate::evidence::{Ask, Found};
use crate::locks::{Held, Wanted};
use crate::settings::{Jwt, OpaqueTokens};

/// One question. Equal keys are coalesced while one is under way.
#[derive(Debug, Clone)]
pub enum Question {
    /// The issuer's current keys, because `kid` is not among the cached ones or none are cached.
    Keys { jwt: Arc<Jwt>, kid: Option<String> },
    /// Whether a token is good, and who holds it. The token is not part of any record.
    Introspect { settings: Arc<OpaqueTokens>, token: model::Secret<String>, fingerprint: [u8; 32] },
    /// Something that the API itself knows of an object or of the caller, asked with the caller's credential.
    Evidence(Box<Ask>),
    /// What a decision point of others says of an object.
    Evaluate(Box<Evaluation>),
    /// The objects that the request is about to change, for itself alone.
    Lock(Wanted),
}

impl Question {
    /// The word in records and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Keys { .. } => "keys",
            Self::Introspect { .. } => "introspect",
            Self::Evidence(ask) => ask.what.word(),
            Self::Evaluate(_) => "evaluate",
            Self::Lock(_) => "lock",
        }
    }

    /// With the fields that carry the caller's credential, where it is asked on the caller's behalf.
    pub(crate) fn with_request(mut self, run: &crate::pipeline::Run) -> Self {
        if let Self::Evidence(ask) = &mut self {
            ask.importance = ask.service.importance(&run.exchange);
            ask.headers = crate::upstream::on_behalf(run, &ask.service.api).ok().map(Arc::new);
        }
        self
    }

    /// How long it may take, where what it is about says so.
    pub(crate) fn deadline(&self) -> Option<std::time::Duration> {
        match self {
            Self::Evidence(ask) => Some(ask.service.api.authorization_limits.evidence_timeout),
            Self::Evaluate(evaluation) => Some(evaluation.timeout),
            Self::Keys { .. } | Self::Introspect { .. } | Self::Lock(_) => None,
        }
    }

    /// What its answer is found by, for questions of which a check asks several.
    pub(crate) fn key(&self) -> Option<[u8; 32]> {
        match self {
            Self::Evidence(ask) => Some(ask.key()),
            Self::Evaluate(evaluation) => Some(evaluation.key()),
            Self::Keys { .. } | Self::Introspect { .. } | Self::Lock(_) => None,
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
    /// The members of the answer about a token, `active` included.
    Introspected {
        members: Arc<serde_json::Map<String, serde_json::Value>>,
        /// When it was asked for, which may be before whoever got it came.
        begun_ns: u64,
    },
    Evidence(Arc<Found>),
    Evaluated(Arc<policy::authzen::Answer>),
    Locked(Arc<Held>),
    None(NoAnswer),
}

/// The answers to a check's questions so far, in the order in which they were asked.
#[derive(Debug, Default)]
pub struct Answers {
    answers: Vec<Answer>,
    /// Of those answers that have one.
    keys: Vec<(usize, [u8; 32])>,
}

impl Answers {
    pub fn push(&mut self, answer: Answer) {
        self.answers.push(answer);
    }

    pub(crate) fn push_of(&mut self, key: Option<[u8; 32]>, answer: Answer) {
        self.keys.extend(key.map(|key| (self.answers.len(), key)));
        self.answers.push(answer);
    }

    /// The answer to the question with this key.
    pub(crate) fn of(&self, key: &[u8; 32]) -> Option<&Answer> {
        let (index, _) = self.keys.iter().find(|(_, known)| known == key)?;
        self.answers.get(*index)
    }

    /// The locks that were asked for.
    pub(crate) fn lock(&self) -> Option<Result<&Arc<Held>, ()>> {
        let unkeyed = |index: &usize| !self.keys.iter().any(|(keyed, _)| keyed == index);
        self.answers.iter().enumerate().filter(|(index, _)| unkeyed(index)).find_map(|(_, answer)| {
            match answer {
                Answer::Locked(held) => Some(Ok(held)),
                Answer::None(_) => Some(Err(())),
                _ => None,
            }
        })
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
