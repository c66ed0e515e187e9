//! Answers the questions of checks: with a deadline, within a budget, and once for all who ask the same.

mod budget;
pub(crate) mod outside;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{Clock, QuestionTrace};
use tokio::sync::watch;

use budget::Budgets;
pub(crate) use budget::Who;

use crate::metrics::Metrics;
use crate::question::{Answer, NoAnswer, Question};
use crate::settings::TokenAuthority;

/// Fetches that one principal, or one address without one, may cause within a minute. Many users can stand behind one
/// address, each with a token to introspect, so it is far above what one of them needs.
pub const QUESTIONS_PER_MINUTE_MAX: u32 = 6_000;

/// The world outside, as far as checks may ask it.
pub trait Outside: Send + Sync + 'static {
    /// When the last change was that an answer to this has to show: nobody who asks after it waits for an answer to whoever
    /// asked before. 0 where nothing changes.
    fn last_change_ns(&self, _question: &Question) -> u64 {
        0
    }

    fn answer<'a>(&'a self, question: &'a Question) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;
}

/// What makes two questions the same question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Keys { issuer: Arc<str>, source: Option<String> },
    Introspect { endpoint: String, shown_as: ShownAs, fingerprint: [u8; 32] },
    Evidence([u8; 32]),
}

/// Who the endpoint takes us for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum ShownAs {
    /// By its id.
    Client(String),
    /// Whoever holds the token, after this word.
    Holder(Arc<str>),
}

type UnderWay = watch::Receiver<Option<Answer>>;

pub(crate) struct Asker {
    outside: Arc<dyn Outside>,
    /// With the last change before each was asked.
    under_way: Mutex<HashMap<(Key, u64), UnderWay>>,
    budgets: Budgets,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

impl Asker {
    pub(crate) fn new(outside: Arc<dyn Outside>, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Arc<Self> {
        let budgets = Budgets::new(QUESTIONS_PER_MINUTE_MAX);
        Arc::new(Self { outside, under_way: Mutex::default(), budgets, clock, metrics })
    }

    /// Always answers, at the latest when `deadline` is over. Must run within a Tokio runtime.
    pub(crate) async fn ask(self: &Arc<Self>, question: Question, who: &Who, deadline: Duration) -> Asked {
        let started = self.clock.monotonic_ns();
        let kind = question.kind();
        let answer = match &question {
            // Bounded by itself, and nobody else's answer.
            Question::Lock(_) => self.outside.answer(&question).await,
            _ => match self.join_or_begin(question, who, deadline) {
                Ok(receiver) => await_answer(receiver, deadline).await,
                Err(over_budget) => Answer::None(over_budget),
            },
        };
        let duration_us = self.clock.monotonic_ns().saturating_sub(started) / 1_000;
        let outcome = match &answer {
            Answer::None(NoAnswer::TimedOut) => "timed_out",
            Answer::None(NoAnswer::OverBudget) => "over_budget",
            Answer::None(NoAnswer::Failed) => "failed",
            _ => "answered",
        };
        self.metrics.count_question(kind, outcome, duration_us);
        Asked { answer, trace: QuestionTrace { kind: kind.into(), outcome: outcome.into(), duration_us } }
    }

    /// Only whoever begins a fetch pays for it: many callers with one new key are one question.
    fn join_or_begin(
        self: &Arc<Self>,
        question: Question,
        who: &Who,
        deadline: Duration,
    ) -> Result<UnderWay, NoAnswer> {
        let key = (Key::of(&question), self.outside.last_change_ns(&question));
        let mut under_way = self.lock();
        let entry = match under_way.entry(key.clone()) {
            // A closed channel without an answer is a fetch that panicked.
            Entry::Occupied(entry) if entry.get().has_changed().is_ok() => return Ok(entry.get().clone()),
            entry => entry,
        };
        // Calls of the API itself have a budget of their own, which counts each of them.
        let is_ours = matches!(question, Question::Evidence(_));
        if !is_ours && !self.budgets.take(who, self.clock.monotonic_ns()) {
            return Err(NoAnswer::OverBudget);
        }
        let (sender, receiver) = watch::channel(None);
        match entry {
            Entry::Occupied(mut stale) => {
                stale.insert(receiver.clone());
            }
            Entry::Vacant(free) => {
                free.insert(receiver.clone());
            }
        }
        drop(under_way);
        // A task of its own, so that the fetch does not die with the caller who happened to begin it.
        let asker = Arc::clone(self);
        tokio::spawn(async move {
            let answer = tokio::time::timeout(deadline, asker.outside.answer(&question)).await;
            asker.lock().remove(&key);
            sender.send_replace(Some(answer.unwrap_or(Answer::None(NoAnswer::TimedOut))));
        });
        Ok(receiver)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Key, u64), UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer, and its line in the record.
pub(crate) struct Asked {
    pub(crate) answer: Answer,
    pub(crate) trace: QuestionTrace,
}

async fn await_answer(mut receiver: UnderWay, deadline: Duration) -> Answer {
    match tokio::time::timeout(deadline, receiver.wait_for(Option::is_some)).await {
        Ok(Ok(answer)) => answer.clone().unwrap_or(Answer::None(NoAnswer::Failed)),
        Ok(Err(_)) => Answer::None(NoAnswer::Failed),
        Err(_) => Answer::None(NoAnswer::TimedOut),
    }
}

impl Key {
    /// The `kid` is left out: whatever key was missing, the whole set is fetched.
    fn of(question: &Question) -> Self {
        match question {
            Question::Keys { jwt, .. } => Self::Keys {
                issuer: Arc::clone(&jwt.issuer),
                source: match &jwt.keys {
                    crate::settings::KeySource::JwksUri(uri) => Some(uri.clone()),
                    _ => None,
                },
            },
            Question::Introspect { settings, fingerprint, .. } => Self::Introspect {
                endpoint: settings.endpoint.clone(),
                shown_as: match &settings.asked {
                    TokenAuthority::Introspection { client_id, .. } => ShownAs::Client(client_id.clone()),
                    TokenAuthority::Service { scheme } => ShownAs::Holder(Arc::clone(scheme)),
                },
                fingerprint: *fingerprint,
            },
            Question::Evidence(ask) => Self::Evidence(ask.key()),
            Question::Evaluate(evaluation) => Self::Evidence(evaluation.key()),
            // Never asked for together.
            Question::Lock(_) => Self::Evidence([0; 32]),
        }
    }
}
