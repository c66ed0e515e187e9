//! A request judged by the checks alone, for `explain`: nothing is sent or asked, and no quota of a gateway is used.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use model::{Clock, Code, Finding, Mode, Phase, Refusal, SystemClock};
use serde::Serialize;

use super::plan::{PlannedRefusal, build};
use crate::check::{Edit, Step};
use crate::edits::{self, Effects};
use crate::exchange::{Body, Exchange, Head, Peer, TraceContext};
use crate::question::Answers;
use crate::route::{self, Routed};
use crate::settings::Settings;
use crate::shared::Shared;
use crate::snapshot::{PreparedCheck, Snapshot};

/// A request that is not sent.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    pub method: Method,
    /// May be empty when an API is served under every host.
    pub host: String,
    /// A path with or without a query.
    pub target: String,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
}

/// What the request would meet, as far as it can be known without asking anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rehearsed {
    /// In the order in which they ran, up to the first refusal.
    pub checks: Vec<RehearsedCheck>,
    pub refused: Option<PlannedRefusal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RehearsedCheck {
    pub name: &'static str,
    pub mode: Mode,
    pub verdict: RehearsedVerdict,
    /// The refusal's slug; in `watch` it refuses nothing.
    pub code: Option<&'static str>,
    /// Without values of the request.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RehearsedVerdict {
    Pass,
    Edit,
    Refuse,
    Error,
    /// It depends on an answer of the issuer.
    Asks,
    /// It depends on who the caller is, which only the issuer can say.
    Unknown,
}

/// Runs the checks of these settings over the request.
///
/// # Errors
/// The findings for which the settings cannot come into force.
pub fn rehearse(settings: Settings, request: Rehearsal) -> Result<Rehearsed, Vec<Finding>> {
    let clock = Arc::new(SystemClock::default());
    let shared = Shared::new(Arc::clone(&clock) as Arc<dyn Clock>, &settings.sizes);
    let snapshot = build(settings, &shared)?;
    let (path, query) = match request.target.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (request.target.clone(), None),
    };
    let host = route::without_port(&request.host);
    let Routed { plan, route, refusal, .. } =
        route::find(&snapshot, host, request.method.as_str(), &path, query.as_deref());
    let mut stage = Stage {
        exchange: exchange(request, route, &snapshot, clock.as_ref()),
        effects: Effects::default(),
        is_unknown: false,
    };
    // What the route refuses is counted first, as when it is served.
    let (counted, _) = plan.split(Phase::Limit);
    let checks = if refusal.is_some() { counted } else { &plan.checks };
    let mut rehearsed = Rehearsed { checks: Vec::with_capacity(checks.len()), refused: None };
    for prepared in checks {
        let (line, refused) = stage.run(prepared, &snapshot.tape_limits);
        rehearsed.checks.push(line);
        if let Some(refused) = refused.filter(|_| prepared.mode == Mode::Enforce) {
            rehearsed.refused = Some(planned(*refused));
            return Ok(rehearsed);
        }
    }
    rehearsed.refused = refusal.map(|refusal| planned(*refusal));
    Ok(rehearsed)
}

struct Stage {
    exchange: Exchange,
    effects: Effects,
    /// A check before this one asks who the caller is.
    is_unknown: bool,
}

impl Stage {
    fn run(
        &mut self,
        prepared: &PreparedCheck,
        tape_limits: &tape::Limits,
    ) -> (RehearsedCheck, Option<Box<Refusal>>) {
        let about = prepared.about;
        let mut line = RehearsedCheck {
            name: about.name,
            mode: prepared.mode,
            verdict: RehearsedVerdict::Unknown,
            code: None,
            reason: None,
        };
        if self.is_unknown && about.phase <= Phase::Permit {
            return (line, None);
        }
        let refused = match prepared.check.step(&self.exchange, &Answers::default()) {
            Step::Continue(edits) => return self.apply(edits, line, prepared.mode, tape_limits),
            Step::Refuse(refusal) | Step::RefuseWith(_, refusal) => {
                line.verdict = RehearsedVerdict::Refuse;
                line.reason = (!refusal.detail.is_empty()).then(|| refusal.detail.clone());
                refusal
            }
            Step::Ask(questions) => {
                self.is_unknown = true;
                line.verdict = RehearsedVerdict::Asks;
                line.reason = questions.first().map(|question| question.kind().to_owned());
                return (line, None);
            }
            Step::Fail(reason) => {
                line.verdict = RehearsedVerdict::Error;
                line.reason = Some(reason);
                Box::new(Refusal::new(Code::InternalError))
            }
        };
        line.code = Some(refused.code.slug());
        (line, Some(refused))
    }

    fn apply(
        &mut self,
        edits: Vec<Edit>,
        mut line: RehearsedCheck,
        mode: Mode,
        tape_limits: &tape::Limits,
    ) -> (RehearsedCheck, Option<Box<Refusal>>) {
        let applied = match mode {
            Mode::Enforce => edits::apply(edits, &mut self.exchange, &mut self.effects, tape_limits),
            Mode::Watch | Mode::Off => Ok(edits::reports(edits, &mut self.exchange, &mut self.effects)),
        };
        match applied {
            Ok(applied) => {
                line.verdict = if applied.changed { RehearsedVerdict::Edit } else { RehearsedVerdict::Pass };
                line.reason = applied.report;
                (line, None)
            }
            Err(fault) => {
                line.verdict = RehearsedVerdict::Error;
                line.code = Some(Code::InternalError.slug());
                line.reason = Some(fault.to_string());
                (line, Some(Box::new(Refusal::new(Code::InternalError))))
            }
        }
    }
}

pub(super) fn exchange(
    request: Rehearsal,
    route: crate::exchange::Route,
    snapshot: &Snapshot,
    clock: &dyn Clock,
) -> Exchange {
    let mut headers = request.headers;
    net::strip_hop_by_hop(&mut headers);
    Exchange {
        request_id: Arc::from("rehearsal"),
        trace: TraceContext { trace_id: 1, span_id: 1, parent_id: None, sampled: false },
        received_unix_ms: clock.unix_ms(),
        received_ns: clock.monotonic_ns(),
        peer: Peer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), from: None, tls: true, protocol: "http/1.1" },
        head: Head { method: request.method, host: request.host, headers, has_body: request.body.is_some() },
        route,
        caller: None,
        subject: None,
        objects: Vec::new(),
        opened: Vec::new(),
        awaits_answer: false,
        authorization: None,
        inspection: None,
        body: request.body.map(|bytes| Body::new(bytes, snapshot.tape_limits.clone())),
        response: None,
    }
}

fn planned(refusal: Refusal) -> PlannedRefusal {
    PlannedRefusal { code: refusal.code.slug(), status: refusal.code.status(), allow: refusal.allow }
}
