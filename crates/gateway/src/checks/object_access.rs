//! Refuses requests for objects that are not the caller's: the ids are found in the request, whose the objects are is
//! found out from the sources that the bindings name, and the policies decide on each.
//!
//! An object that the caller may not touch and one that is not there are the same to the caller. What has an effect is
//! decided on before it leaves, while nobody else changes the object; what has none may be decided on by its answer.

mod answered;
mod gather;
pub(super) mod ids;
mod judge;
pub(super) mod located;
mod renames;

use std::sync::Arc;

use http::header::IF_MATCH;
use model::{AuthorizationTrace, Code, Judgement, Mode, Owasp, Phase, Refusal};
use policy::Known;
use policy::bindings::{Action, IdPlace};
use policy::decide::Subject;
use policy::plan::{Bound, Plan, Source};

use super::function_access;
use super::subject::{identity_of, is_outdated, key_of};
use super::writes::Reader;
use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::evidence::{Digest, Service};
use crate::exchange::Exchange;
use crate::locks::Wanted;
use crate::objects::{ObjectKey, ObjectName};
use crate::question::{Answers, Question};
use crate::shared::Shared;
use gather::{Gathered, Gathering};
use ids::Named;

/// Objects that one request may name.
const OBJECTS_MAX: usize = 256;

pub struct ObjectAccess {
    service: Arc<Service>,
    shared: Arc<Shared>,
    plan: Arc<Plan>,
    /// Where the check is watched, it must not make anybody wait.
    locks: bool,
    /// Where somebody asks what is written.
    reader: Option<Reader>,
    reads_body: bool,
    reads_answer: bool,
}

impl Build for ObjectAccess {
    const ABOUT: About = About {
        name: "object_access",
        phase: Phase::Authorize,
        owasp: &[Owasp::Api1],
        summary: "Refuses requests for objects that the caller may not touch, as if they were not there.",
        default_mode: Mode::Enforce,
        may_watch: true,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let (Some(service), Some(operation)) = (preparation.service, preparation.operation) else {
            return Ok(None);
        };
        let Some(plan) = service.authorization.plan(&operation.id).filter(|plan| !plan.deny) else {
            return Ok(None);
        };
        let modes = preparation.api.operation_modes.get(&*operation.id);
        let mode = modes.and_then(|modes| modes.get(Self::ABOUT.name));
        let mode = mode.or_else(|| preparation.api.modes.get(Self::ABOUT.name));
        let is_watched = mode.is_some_and(|mode| *mode == Mode::Watch);
        let decides = |source: &Source| matches!(source, Source::External);
        let asks_what_is_written = service.authorization.decider.asks_what_is_written(&operation.id)
            || plan.objects.iter().any(|bound| bound.sources.iter().any(decides));
        Ok(Some(Self {
            service: Arc::clone(service),
            shared: Arc::clone(preparation.shared),
            locks: !plan.safe && !is_watched,
            reader: asks_what_is_written.then(|| Reader::new(plan, &*service.authorization.decider)),
            reads_body: asks_what_is_written
                || plan.takes.is_some()
                || plan.objects.iter().any(names_in_body),
            reads_answer: reads_answer(plan),
            plan: Arc::clone(plan),
        }))
    }
}

fn names_in_body(bound: &Bound) -> bool {
    let within = |source: &Source| match source {
        Source::Related(related) => names_in_body(related),
        Source::Producer(producing) => fills_from_body(&producing.call.parameters),
        Source::List(listing) => fills_from_body(&listing.call.parameters),
        Source::Resolver(resolving) => fills_from_body(&resolving.call.parameters),
        _ => false,
    };
    matches!(bound.id, IdPlace::Body(_))
        || bound.parent.as_deref().is_some_and(names_in_body)
        || bound.sources.iter().any(within)
}

fn fills_from_body(parameters: &[(IdPlace, IdPlace)]) -> bool {
    parameters.iter().any(|(_, from)| matches!(from, IdPlace::Body(_)))
}

fn reads_answer(plan: &Plan) -> bool {
    let awaits = |bound: &Bound| bound.sources.iter().any(|source| matches!(source, Source::Response));
    let shows = |bound: &Bound| plan.shows.iter().any(|shown| shown.kind == bound.resource.name);
    let learns = plan.action == Action::Create && !plan.shows.is_empty();
    learns || plan.objects.iter().any(|bound| (plan.safe && awaits(bound)) || shows(bound))
}

impl Check for ObjectAccess {
    fn step(&self, exchange: &Exchange, answers: &Answers) -> Step {
        renames::noted(self, exchange, self.judged(exchange, answers))
    }

    fn request_body(&self) -> Option<BodyNeed> {
        Some(if self.reads_body { BodyNeed::Whole } else { BodyNeed::None })
    }

    fn reads_response_head(&self) -> bool {
        !self.plan.safe || !self.plan.objects.is_empty()
    }

    fn on_response_head(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        answered::head(self, exchange)
    }

    fn response_body(&self) -> BodyNeed {
        if self.reads_answer { BodyNeed::Whole } else { BodyNeed::None }
    }

    fn on_response_body(&self, exchange: &Exchange, answers: &Answers) -> Step {
        answered::body(self, exchange, answers)
    }
}

impl ObjectAccess {
    fn judged(&self, exchange: &Exchange, answers: &Answers) -> Step {
        let (Some(subject), Some(caller)) = (&exchange.subject, &exchange.caller) else {
            return Step::Fail("it is not known who calls".to_owned());
        };
        if is_outdated(&self.shared, exchange) {
            return outdated();
        }
        let named = match ids::named(&self.plan.objects, exchange) {
            Ok(named) if named.len() <= OBJECTS_MAX => named,
            Ok(_) => return not_found(Judgement::Absent, "more objects are named than may be"),
            Err(fault) => return not_found(Judgement::Absent, fault.words()),
        };
        if named.is_empty() {
            return self.without_objects(exchange, subject);
        }
        let written = match self.written(exchange) {
            Ok(written) => written,
            Err(refusal) => return Step::Refuse(refusal),
        };
        let at = Standpoint { check: self, exchange, subject, identity: identity_of(caller), written };
        if self.locks {
            if let Some(refusal) = at.cheaply(&named) {
                return refusal;
            }
            match answers.lock() {
                None => return Step::Ask(vec![Question::Lock(at.wanted(&named))]),
                Some(Err(())) => return busy(),
                Some(Ok(_)) => {}
            }
        }
        at.decide(&named, answers)
    }

    fn key(&self, object: ObjectName<'_>) -> ObjectKey {
        self.shared.objects.key(&self.service.api.name, object)
    }

    /// Names of what the request writes, where somebody asks for them.
    fn written(&self, exchange: &Exchange) -> Result<Vec<Arc<str>>, Box<Refusal>> {
        self.reader.as_ref().map_or_else(|| Ok(Vec::new()), |reader| reader.written(exchange))
    }

    /// Everything that a caller has. No type is called so.
    fn key_of_own(&self, identity: Option<[u8; 32]>) -> Option<ObjectKey> {
        key_of(&self.shared, &self.service, "\0own", identity)
    }

    /// The operation as such is decided on here where it depends on what is written, or its objects are left out.
    fn without_objects(&self, exchange: &Exchange, subject: &Subject) -> Step {
        let is_open = self.plan.takes.is_some() || self.reader.is_some();
        if self.plan.list.is_some() || (self.plan.objects.is_empty() && !is_open) {
            return Step::pass();
        }
        let written = match self.written(exchange) {
            Ok(written) => written,
            Err(refusal) => return Step::Refuse(refusal),
        };
        let decision =
            function_access::decide(&self.service.authorization, &self.plan, subject, exchange, &written);
        let decided = Edit::Decided(Box::new(function_access::trace(&decision)));
        if decision.allowed {
            Step::Continue(vec![decided])
        } else {
            Step::RefuseWith(vec![decided], Box::new(Refusal::new(Code::FunctionDenied)))
        }
    }
}

/// One request, as it is seen from the check.
struct Standpoint<'a> {
    check: &'a ObjectAccess,
    exchange: &'a Exchange,
    subject: &'a Arc<Subject>,
    identity: Option<[u8; 32]>,
    written: Vec<Arc<str>>,
}

impl Standpoint<'_> {
    /// The refusal, where what costs nothing is enough for one.
    fn cheaply(&self, named: &[Named<'_>]) -> Option<Step> {
        let answers = Answers::default();
        let mut gathering = Gathering::new(self, &answers).cheap();
        for one in named {
            if let Gathered::Known(facts) = gathering.object(one.bound, &one.id, one.parent.as_deref())
                && gathering.suffices(one.bound, &facts)
                && !judge::object(self, one, &facts).allowed
            {
                let mut trace = AuthorizationTrace::new(Judgement::Denied);
                gathering.tell(&mut trace);
                return Some(refuse(trace));
            }
        }
        None
    }

    fn wanted(&self, named: &[Named<'_>]) -> Wanted {
        let mut objects: Vec<ObjectKey> = named.iter().map(|one| self.check.key(one.name())).collect();
        objects.sort_unstable();
        objects.dedup();
        let mut digest = Digest::default();
        digest.bytes(&self.identity.unwrap_or_default());
        if self.identity.is_none() {
            digest.text(&self.exchange.peer.address.to_string());
        }
        let [a, b, c, d, e, f, g, h, ..] = digest.finish();
        let timeouts = &self.check.service.timeouts;
        let limits = &self.check.service.api.authorization_limits;
        // Long enough for finding it out, and for the service to answer: a lock that is lost earlier protects nothing.
        let hold = timeouts.upstream_head + limits.evidence_timeout.saturating_mul(4) + timeouts.body;
        Wanted {
            objects,
            principal: u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            wait: limits.lock_wait,
            hold,
        }
    }

    fn decide(&self, named: &[Named<'_>], answers: &Answers) -> Step {
        let mut gathering = Gathering::new(self, answers);
        let gathered: Vec<Gathered> =
            named.iter().map(|one| gathering.object(one.bound, &one.id, one.parent.as_deref())).collect();
        let wanted = gathering.take_wanted();
        if !wanted.is_empty() {
            return Step::Ask(wanted);
        }
        let mut trace = AuthorizationTrace::new(Judgement::Allowed);
        gathering.tell(&mut trace);
        let mut known = Vec::with_capacity(named.len());
        for (one, gathered) in named.iter().zip(gathered) {
            let (judged, facts) = judge::gathered(self, one, gathered, &mut trace);
            judge::tell(&mut trace, one, judged, &facts);
            trace.decision = judge::worse(trace.decision, judged);
            known.push(Known {
                resource: Arc::clone(&one.bound.resource.name),
                id: Arc::clone(&one.id),
                facts,
            });
        }
        match trace.decision {
            Judgement::Denied | Judgement::Absent => return refuse(trace),
            Judgement::Unknown => {
                let now_unix_ms = self.check.shared.clock.unix_ms();
                self.check.shared.standing.failed(&self.check.service.api.name, &trace, now_unix_ms);
                return unavailable(trace);
            }
            Judgement::Allowed | Judgement::Awaiting => {}
        }
        self.observe(named);
        let mut edits = vec![Edit::Objects(known)];
        if trace.decision == Judgement::Awaiting {
            edits.push(Edit::AwaitAnswer);
        }
        edits.push(Edit::Decided(Box::new(trace)));
        if let Some(Ok(held)) = answers.lock() {
            edits.push(Edit::Hold(Arc::clone(held)));
        }
        if let (true, [_], Some(etag)) = (self.check.plan.if_match, named, gathering.take_etag())
            // A condition of the caller's own stands, unless it is none.
            && self.exchange.head.headers.get(IF_MATCH).is_none_or(|value| value == "*")
        {
            edits.push(Edit::SetRequestHeader(IF_MATCH, etag));
        }
        Step::Continue(edits)
    }
}

impl Standpoint<'_> {
    /// Only ids that somebody may name count: what a thief tries says nothing of how they are made.
    fn observe(&self, named: &[Named<'_>]) {
        let (standing, api) = (&self.check.shared.standing, &self.check.service.api.name);
        for (place, one) in named.iter().enumerate() {
            let kind = &one.bound.resource.name;
            if named.iter().take(place).any(|before| before.bound.resource.name == *kind) {
                continue;
            }
            let of_kind = named.iter().filter(|other| other.bound.resource.name == *kind);
            standing.observe(api, kind, || of_kind.map(|one| Arc::clone(&one.id)).collect());
        }
    }
}

fn refuse(trace: AuthorizationTrace) -> Step {
    Step::RefuseWith(vec![Edit::Decided(Box::new(trace))], Box::new(Refusal::new(Code::ObjectNotFound)))
}

fn unavailable(trace: AuthorizationTrace) -> Step {
    let refusal = Refusal::new(Code::EvidenceUnavailable).retry_after_s(1);
    Step::RefuseWith(vec![Edit::Decided(Box::new(trace))], Box::new(refusal))
}

/// Why is for the record: to the caller there is no such object.
fn not_found(judged: Judgement, why: &str) -> Step {
    let mut trace = AuthorizationTrace::new(judged);
    trace.faults.push(why.to_owned());
    refuse(trace)
}

fn outdated() -> Step {
    let mut trace = AuthorizationTrace::new(Judgement::Unknown);
    trace.faults.push("the caller may have another name by now".to_owned());
    unavailable(trace)
}

fn busy() -> Step {
    let mut trace = AuthorizationTrace::new(Judgement::Unknown);
    trace.faults.push("the object stayed locked for as long as it was waited for".to_owned());
    let refusal = Refusal::new(Code::ObjectBusy).retry_after_s(1);
    Step::RefuseWith(vec![Edit::Decided(Box::new(trace))], Box::new(refusal))
}
