//! Inspection of a response that has already passed: for checks in `watch`.

use std::borrow::Cow;
use std::sync::Arc;

use model::{CheckTrace, Mode, Verdict};

use crate::check::BodyNeed;
use crate::exchange;
use crate::observe::Flight;
use crate::observe::body::Tee;
use crate::pipeline::Hook;

/// Runs the body checks on what the tee took in, off the answer's path; the flight ends with it.
pub(crate) fn later(mut flight: Box<Flight>, mut tee: Tee) {
    let Some(bytes) = tee.whole() else {
        skipped(&mut flight);
        return;
    };
    if let Some(response) = &mut flight.run.exchange.response {
        response.body = Some(exchange::Body::new(bytes, flight.snapshot.tape_limits.clone()));
    }
    tokio::spawn(async move {
        let (snapshot, plan) = (Arc::clone(&flight.snapshot), Arc::clone(&flight.plan));
        let runner = tee.gateway.runner(&snapshot);
        // Only checks in `watch` read a tee, and they do not stop anything.
        let _ = runner.response(&plan.checks, Hook::ResponseBody, &mut flight.run).await;
        drop(flight);
        drop(tee);
    });
}

/// Says in the record that a check has not seen the body.
fn skipped(flight: &mut Flight) {
    for check in flight.plan.checks.iter().filter(|check| check.response_body == BodyNeed::Whole) {
        check.metrics.count(Verdict::Error, 0);
        flight.run.traces.push(CheckTrace {
            name: Cow::Borrowed(check.about.name),
            phase: check.about.phase,
            mode: Mode::Watch,
            verdict: Verdict::Error,
            code: None,
            reason: Some("the response was too large to be inspected".to_owned()),
            duration_ns: 0,
            questions: Vec::new(),
        });
    }
}
