//! Runs the checks of an operation in order: asks their questions, applies their modes, records what they said.

pub(crate) mod buffers;
pub(crate) mod capped;
pub(crate) mod gather;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use model::{CheckTrace, Clock, Code, Mode, Phase, QuestionTrace, Refusal, Verdict};

use crate::asker::{Asker, Who};
use crate::check::{BodyNeed, Check, Edit, Step};
use crate::edits::{self, Effects};
use crate::exchange::Exchange;
use crate::metrics::Metrics;
use crate::question::Answers;
use crate::snapshot::PreparedCheck;

/// How often a check may ask before its request is refused.
///
/// What one object takes: its lock, four sources, another object that it leads to, and that one's. Questions that do not
/// depend on each other are one round.
const ROUNDS_MAX: usize = 24;

/// One request on its way through the checks.
pub(crate) struct Run {
    pub(crate) exchange: Exchange,
    pub(crate) effects: Effects,
    pub(crate) traces: Vec<CheckTrace>,
}

/// A refusal, and the check that gave it; `None` when it was the route or the pipeline itself.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) refusal: Box<Refusal>,
    pub(crate) check: Option<&'static str>,
}

impl From<Code> for Stop {
    #[cold]
    fn from(code: Code) -> Self {
        Self { refusal: Box::new(Refusal::new(code)), check: None }
    }
}

/// Which face of a check is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    Request,
    ResponseHead,
    ResponseBody,
}

/// What the checks run on.
pub(crate) struct Runner<'a> {
    pub(crate) asker: &'a Arc<Asker>,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) metrics: &'a Metrics,
    pub(crate) question_timeout: Duration,
    pub(crate) tape_limits: &'a tape::Limits,
}

/// What one check came to.
struct Ruling {
    verdict: Verdict,
    code: Option<Code>,
    reason: Option<String>,
    stop: Option<Box<Refusal>>,
}

impl Runner<'_> {
    /// Runs the checks one after the other until one refuses.
    pub(crate) async fn request(&self, checks: &[PreparedCheck], run: &mut Run) -> Result<(), Stop> {
        if checks.is_empty() {
            return Ok(());
        }
        let mut now_ns = self.clock.monotonic_ns();
        let mut rest = checks.iter();
        while let Some((prepared, asks)) = self.until_one_asks(&mut rest, run, &mut now_ns)? {
            // In a box: seldom done, and large beside the rest.
            now_ns = Box::pin(self.converse(prepared, Hook::Request, asks, run, now_ns)).await?;
        }
        Ok(())
    }

    /// Runs checks as long as they can say at once what they have to say; `None` when there is none left.
    fn until_one_asks<'c>(
        &self,
        checks: &mut std::slice::Iter<'c, PreparedCheck>,
        run: &mut Run,
        now_ns: &mut u64,
    ) -> Result<Option<(&'c PreparedCheck, Step)>, Stop> {
        let answers = Answers::default();
        for prepared in checks {
            match self.step(prepared, Hook::Request, &run.exchange, &answers) {
                asks @ Step::Ask(_) => return Ok(Some((prepared, asks))),
                step => *now_ns = self.settle(prepared, step, Vec::new(), run, *now_ns)?,
            }
        }
        Ok(None)
    }

    /// Shows the response to the checks that asked for it, in reverse order; those that validate come first of all, since
    /// the others may take out what the description requires.
    pub(crate) async fn response(
        &self,
        checks: &[PreparedCheck],
        hook: Hook,
        run: &mut Run,
    ) -> Result<(), Stop> {
        let reads = |prepared: &&PreparedCheck| match hook {
            Hook::ResponseBody => prepared.response_body == BodyNeed::Whole,
            Hook::Request | Hook::ResponseHead => prepared.reads_response_head,
        };
        let mut now_ns = None;
        let validates = |prepared: &&PreparedCheck| prepared.about.phase == Phase::Validate;
        let first = checks.iter().rev().filter(validates);
        let rest = checks.iter().rev().filter(|prepared| !validates(prepared));
        for prepared in first.chain(rest).filter(reads) {
            let started_ns = now_ns.unwrap_or_else(|| self.clock.monotonic_ns());
            now_ns = Some(self.show(prepared, hook, run, started_ns).await?);
        }
        Ok(())
    }

    /// Shows the response to one check.
    async fn show(
        &self,
        prepared: &PreparedCheck,
        hook: Hook,
        run: &mut Run,
        started_ns: u64,
    ) -> Result<u64, Stop> {
        match self.step(prepared, hook, &run.exchange, &Answers::default()) {
            // Most checks have nothing to say of a response head; a line for each would bury the others.
            Step::Continue(edits) if edits.is_empty() && hook == Hook::ResponseHead => Ok(started_ns),
            // In a box: seldom done, and large beside the rest.
            asks @ Step::Ask(_) => Box::pin(self.converse(prepared, hook, asks, run, started_ns)).await,
            step => self.settle(prepared, step, Vec::new(), run, started_ns),
        }
    }

    /// Rules over what a check has said, and writes it down. Returns when it ended, which is when the next one begins:
    /// reading the clock is not free.
    fn settle(
        &self,
        prepared: &PreparedCheck,
        step: Step,
        questions: Vec<QuestionTrace>,
        run: &mut Run,
        started_ns: u64,
    ) -> Result<u64, Stop> {
        let ruling = self.rule(prepared.mode, step, run);
        let ended_ns = self.clock.monotonic_ns();
        let duration_ns = ended_ns.saturating_sub(started_ns);
        prepared.metrics.count(ruling.verdict, duration_ns);
        run.traces.push(CheckTrace {
            name: Cow::Borrowed(prepared.about.name),
            phase: prepared.about.phase,
            mode: prepared.mode,
            verdict: ruling.verdict,
            code: ruling.code,
            reason: ruling.reason,
            duration_ns,
            questions,
        });
        match ruling.stop {
            Some(refusal) => Err(Stop { refusal, check: Some(prepared.about.name) }),
            None => Ok(ended_ns),
        }
    }

    /// Asks what the check asks, steps it again with all answers so far, and settles what it says in the end.
    async fn converse(
        &self,
        prepared: &PreparedCheck,
        hook: Hook,
        step: Step,
        run: &mut Run,
        started_ns: u64,
    ) -> Result<u64, Stop> {
        let (step, questions) = self.ask(prepared, hook, step, run).await;
        self.settle(prepared, step, questions, run, started_ns)
    }

    async fn ask(
        &self,
        prepared: &PreparedCheck,
        hook: Hook,
        mut step: Step,
        run: &Run,
    ) -> (Step, Vec<QuestionTrace>) {
        let who = Who::of(run.exchange.caller.as_ref(), run.exchange.peer.address);
        let (mut answers, mut traces) = (Answers::default(), Vec::new());
        for _ in 0..ROUNDS_MAX {
            let Step::Ask(questions) = step else { return (step, traces) };
            if questions.is_empty() {
                return (Step::Fail("the check asked for nothing".to_owned()), traces);
            }
            for question in questions {
                let question = question.with_request(run);
                let key = question.key();
                let deadline = question.deadline().unwrap_or(self.question_timeout);
                let asked = self.asker.ask(question, &who, deadline).await;
                answers.push_of(key, asked.answer);
                traces.push(asked.trace);
            }
            step = self.step(prepared, hook, &run.exchange, &answers);
        }
        match step {
            Step::Ask(_) => (Step::Fail("the check asked too often".to_owned()), traces),
            step => (step, traces),
        }
    }

    /// One call of the check. A panic is an error of the check like any other, and counted.
    fn step(&self, prepared: &PreparedCheck, hook: Hook, exchange: &Exchange, answers: &Answers) -> Step {
        let check: &dyn Check = prepared.check.as_ref();
        let call = || match hook {
            Hook::Request => check.step(exchange, answers),
            Hook::ResponseHead => check.on_response_head(exchange, answers),
            Hook::ResponseBody => check.on_response_body(exchange, answers),
        };
        // The check sees the exchange by shared reference, so a panic leaves nothing half-written behind.
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| {
            self.metrics.check_panics.increment(1);
            Step::Fail("the check panicked".to_owned())
        })
    }

    fn rule(&self, mode: Mode, step: Step, run: &mut Run) -> Ruling {
        match step {
            Step::Continue(edits) if edits.is_empty() => {
                Ruling { verdict: Verdict::Pass, code: None, reason: None, stop: None }
            }
            Step::Continue(edits) => self.rule_edits(mode, edits, run),
            Step::Refuse(refusal) => refuse(mode, refusal, None),
            Step::RefuseWith(edits, refusal) => {
                let edited = self.rule_edits(mode, edits, run);
                if edited.verdict == Verdict::Error { edited } else { refuse(mode, refusal, edited.reason) }
            }
            Step::Fail(reason) => fail(mode, reason),
            Step::Ask(_) => fail(mode, "the check asked too often".to_owned()),
        }
    }

    fn rule_edits(&self, mode: Mode, edits: Vec<Edit>, run: &mut Run) -> Ruling {
        let applied = match mode {
            Mode::Enforce => edits::apply(edits, &mut run.exchange, &mut run.effects, self.tape_limits),
            Mode::Watch | Mode::Off => Ok(edits::reports(edits, &mut run.exchange, &mut run.effects)),
        };
        match applied {
            Ok(applied) => Ruling {
                verdict: if applied.changed { Verdict::Edit } else { Verdict::Pass },
                code: None,
                reason: applied.report,
                stop: None,
            },
            Err(fault) => fail(mode, fault.to_string()),
        }
    }
}

fn refuse(mode: Mode, refusal: Box<Refusal>, report: Option<String>) -> Ruling {
    let detail = (!refusal.detail.is_empty()).then(|| refusal.detail.clone());
    let reason = match (detail, report) {
        (Some(detail), Some(report)) => Some(format!("{detail}; {report}")),
        (detail, report) => detail.or(report),
    };
    Ruling {
        verdict: Verdict::Refuse,
        code: Some(refusal.code),
        reason,
        stop: (mode == Mode::Enforce).then_some(refusal),
    }
}

fn fail(mode: Mode, reason: String) -> Ruling {
    Ruling {
        verdict: Verdict::Error,
        code: Some(Code::InternalError),
        reason: Some(reason),
        stop: (mode == Mode::Enforce).then(|| Box::new(Refusal::new(Code::InternalError))),
    }
}
