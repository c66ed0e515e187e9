//! One request's way through the rule sets, and what they found.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use model::{InspectionTrace, RuleMatch, Score, SeenValue};
use seclang::input::Input;
use seclang::{Exclusions, Exhausted, Match, Outcome, Phase, RuleSet, Transaction};

use super::{Bounds, Proven, received};
use crate::exchange::{self, Exchange};

/// A set as one operation uses it.
pub(crate) struct Ruled {
    pub(crate) name: &'static str,
    pub(crate) rules: Arc<RuleSet>,
    pub(crate) exclusions: Exclusions,
}

/// What rules keep between a request and its answer. Checks see an exchange by shared reference, hence the lock; nobody
/// else ever holds it.
pub struct Inspection(Mutex<State>);

impl std::fmt::Debug for Inspection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspection").finish_non_exhaustive()
    }
}

struct State {
    ways: Vec<Way>,
    trace: InspectionTrace,
}

/// One set's transaction.
struct Way {
    set: &'static str,
    rules: Arc<RuleSet>,
    transaction: Transaction,
    input: Input,
    /// Matches of the transaction that are in the trace.
    told: usize,
    /// The set has objected: what it would say of an answer is of no more interest.
    objected: bool,
    /// The set shows bodies of answers to its rules unless `ctl:responseBodyAccess` says otherwise.
    answers: bool,
}

/// Why a request or an answer is not to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Objection {
    Rule { set: &'static str, rule: u64 },
    Exhausted { set: &'static str, limit: &'static str },
}

impl Objection {
    /// For the record.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Rule { set, rule } => format!("rule {rule} of {set}"),
            Self::Exhausted { set, limit } => format!("the rules of {set} came to their limit {limit}"),
        }
    }
}

impl Inspection {
    /// Runs the phases of the request.
    pub(crate) fn of_request(
        sets: &[Ruled],
        bounds: &Bounds,
        proven: &Proven,
        exchange: &Exchange,
    ) -> (Self, Option<Objection>) {
        let mut state = State { ways: Vec::with_capacity(sets.len()), trace: InspectionTrace::default() };
        let mut objection = None;
        for set in sets {
            let body = exchange.body.as_ref().map(|body| body.bytes.clone());
            let mut way = Way::new(set, bounds, exchange);
            let objected = way.request(body, proven);
            state.told(&mut way, objected, &mut objection);
            state.ways.push(way);
        }
        (Self(Mutex::new(state)), objection)
    }

    /// Runs the phase of an answer's head.
    pub(crate) fn of_head(&self, response: &exchange::Response) -> Result<Option<Objection>, String> {
        self.each(|way| {
            way.input.respond(received::response(response));
            way.run(Phase::ResponseHeaders)
        })
    }

    /// Runs the phase of an answer's body.
    pub(crate) fn of_body(&self, body: &Bytes) -> Result<Option<Objection>, String> {
        self.each(|way| {
            if way.reads_answer() {
                way.input.read_response_body(body);
            }
            let ruled = way.run(Phase::ResponseBody);
            way.answer_beyond().or(ruled)
        })
    }

    /// Whether rules are shown the body of the answer: `ctl:responseBodyAccess` of all of them can say no.
    pub(crate) fn reads_answer(&self) -> bool {
        self.0.lock().is_ok_and(|state| state.ways.iter().any(Way::reads_answer))
    }

    fn each(&self, mut run: impl FnMut(&mut Way) -> Option<Objection>) -> Result<Option<Objection>, String> {
        let mut state = self.0.lock().map_err(|_| "an inspection broke off".to_owned())?;
        let State { ways, .. } = &mut *state;
        let mut ways = std::mem::take(ways);
        let mut objection = None;
        for way in ways.iter_mut().filter(|way| !way.objected) {
            let objected = run(way);
            state.told(way, objected, &mut objection);
        }
        state.ways = ways;
        Ok(objection)
    }

    /// Whether there is anything to record, or an answer to wait for.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.lock().is_ok_and(|state| state.trace.is_empty() && !state.ways.iter().any(Way::waits))
    }

    /// Runs the rules of the last phase, and says what all of them found; `None`: nothing.
    pub(crate) fn end(self) -> Option<Box<InspectionTrace>> {
        let mut state = self.0.into_inner().ok()?;
        let mut ways = std::mem::take(&mut state.ways);
        for way in &mut ways {
            // Logging refuses nothing, and what it exhausts changes nothing any more.
            let _ = way.transaction.run(Phase::Logging, &way.input);
            state.tell(&way.transaction, way.set, &mut way.told);
            state.trace.steps = state.trace.steps.saturating_add(way.transaction.fuel_used());
        }
        (!state.trace.is_empty()).then(|| Box::new(state.trace))
    }
}

impl State {
    fn tell(&mut self, transaction: &Transaction, set: &'static str, told: &mut usize) {
        for found in transaction.matches().iter().skip(*told) {
            self.trace.push(rule_match(set, found));
        }
        *told = transaction.matches().len();
    }

    /// Every set has its say, so that one that is tried beside another is seen; the first objection counts.
    fn told(&mut self, way: &mut Way, objected: Option<Objection>, first: &mut Option<Objection>) {
        self.tell(&way.transaction, way.set, &mut way.told);
        way.objected |= objected.is_some();
        if let Some(objection) = objected.filter(|_| first.is_none()) {
            self.refused(&objection);
            *first = Some(objection);
        }
    }

    fn refused(&mut self, objection: &Objection) {
        match objection {
            Objection::Rule { rule, .. } => self.trace.refused_by = Some(*rule),
            Objection::Exhausted { limit, .. } => self.trace.exhausted = Some((*limit).to_owned()),
        }
    }
}

impl Way {
    fn new(set: &Ruled, bounds: &Bounds, exchange: &Exchange) -> Self {
        let (transaction, input) = bounds.begin(&set.rules, &set.exclusions, received::request(exchange));
        let answers = transaction.response_body_access();
        let rules = Arc::clone(&set.rules);
        Self { set: set.name, rules, transaction, input, told: 0, objected: false, answers }
    }

    /// Where a set of files says `SecResponseBodyAccess Off`, the gateway's `answers` has decided, and `ctl` says nothing.
    fn reads_answer(&self) -> bool {
        !self.answers || self.transaction.response_body_access()
    }

    fn request(&mut self, body: Option<Bytes>, proven: &Proven) -> Option<Objection> {
        proven.of_query(&mut self.input);
        if let Some(objection) = self.run(Phase::RequestHeaders) {
            return Some(objection);
        }
        if self.transaction.request_body_access() {
            // An empty body too: rules ask which processor was chosen.
            self.input.read_body(body.unwrap_or_default(), &self.transaction.body_wanted());
            proven.of_body(&mut self.input);
        }
        let ruled = self.run(Phase::RequestBody);
        // A body that was cut off is an error to rules as well; the limit is why.
        self.beyond().or(ruled)
    }

    /// What the rules were not shown cannot be passed by them.
    fn beyond(&self) -> Option<Objection> {
        let limit = self.input.beyond_limit()?;
        Some(Objection::Exhausted { set: self.set, limit })
    }

    /// The same of an answer.
    fn answer_beyond(&self) -> Option<Objection> {
        let is_cut = self.input.is_response_cut();
        is_cut.then_some(Objection::Exhausted { set: self.set, limit: "body_bytes_max" })
    }

    fn run(&mut self, phase: Phase) -> Option<Objection> {
        match self.transaction.run(phase, &self.input) {
            Outcome::Continue => None,
            Outcome::Interrupted(interruption) => {
                Some(Objection::Rule { set: self.set, rule: interruption.rule_id })
            }
            Outcome::Exhausted(exhausted) => {
                // As the gateway file calls it.
                let limit = if exhausted == Exhausted::Fuel { "work_max" } else { exhausted.limit() };
                Some(Objection::Exhausted { set: self.set, limit })
            }
        }
    }

    fn waits(&self) -> bool {
        [Phase::ResponseHeaders, Phase::ResponseBody].into_iter().any(|phase| self.rules.runs(phase))
    }
}

/// Characters of a message that are recorded.
const MESSAGE_CHARS_MAX: usize = 256;

/// The name of a score may be put together from words of the caller.
fn score_for_record(name: &str) -> String {
    let (collection, member) = name.split_once('.').unwrap_or(("tx", name));
    format!("{collection}.{}", model::name_for_record(member))
}

fn rule_match(set: &str, found: &Match) -> RuleMatch {
    RuleMatch {
        set: set.to_owned(),
        rule: found.rule_id,
        place: format!("{}:{}", found.place.file, found.place.line),
        phase: found.phase.number(),
        message: found.message.chars().take(MESSAGE_CHARS_MAX).collect(),
        severity: found.severity.map(|severity| severity.name().to_owned()),
        tags: found.tags.clone(),
        refuses: found.refuses,
        seen: found
            .seen
            .iter()
            .map(|seen| SeenValue {
                variable: SeenValue::variable_for_record(&seen.name),
                shape: seen.shape.clone(),
                bytes: seen.length_bytes as u64,
            })
            .collect(),
        scored: found
            .scored
            .iter()
            .map(|sum| Score {
                name: score_for_record(&sum.name),
                before: sum.before,
                change: sum.change,
                after: sum.after,
            })
            .collect(),
    }
}
