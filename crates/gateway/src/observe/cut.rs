//! Answers that last: they end when their caller is blocked while they are under way.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body::{Body, SizeHint};
use model::{CheckTrace, Code, Mode, Outcome, Phase, Verdict};
use net::upstream::UpstreamBody;

use super::Flight;
use crate::blocks::{Hit, Watching};

/// An answer with no more than this to come is over before anybody could be blocked.
const SHORT_BYTES: u64 = 64 << 10;

/// Waits for the block of one answer's caller; nothing is made before the answer has been waited for once.
#[derive(Default)]
pub(super) struct Cutter(Option<Pin<Box<dyn Future<Output = Hit> + Send>>>);

impl Cutter {
    /// Called when the upstream has nothing to say right now.
    pub(super) fn poll(
        &mut self,
        inner: &UpstreamBody,
        flight: &Flight,
        context: &mut Context<'_>,
    ) -> Poll<Hit> {
        if self.0.is_none() && is_short(&inner.size_hint()) {
            return Poll::Pending;
        }
        self.wait(flight, context)
    }

    /// Called for every piece that passes: an upstream may always have something to say.
    pub(super) fn look(&mut self, flight: &Flight, context: &mut Context<'_>) -> Option<Hit> {
        if flight.response_bytes <= SHORT_BYTES {
            return None;
        }
        match self.wait(flight, context) {
            Poll::Ready(hit) => Some(hit),
            Poll::Pending => None,
        }
    }

    fn wait(&mut self, flight: &Flight, context: &mut Context<'_>) -> Poll<Hit> {
        let waiting = self.0.get_or_insert_with(|| {
            let mut watching = flight.watching();
            Box::pin(async move { watching.blocked().await })
        });
        waiting.as_mut().poll(context)
    }
}

fn is_short(to_come: &SizeHint) -> bool {
    to_come.upper().is_some_and(|bytes| bytes <= SHORT_BYTES)
}

impl Flight {
    /// Waits for a block of this request's caller, address, operation or API.
    pub(crate) fn watching(&self) -> Watching {
        let exchange = &self.run.exchange;
        Watching::new(
            Arc::clone(&self.observer.shared),
            exchange.peer.address,
            Arc::clone(&self.plan.api),
            Arc::clone(&self.plan.id),
            exchange.caller.clone(),
        )
    }

    /// The answer was cut off because of a block; its status has been sent already, and stays.
    pub(crate) fn blocked(&mut self, hit: &Hit) {
        let (check, phase) = match hit.kind.is_of_callers() {
            true => ("blocked_callers", Phase::Identify),
            false => ("blocked_requests", Phase::Connect),
        };
        self.ending.outcome = Outcome::Refused;
        self.ending.code = Some(Code::Blocked);
        self.ending.check = Some(check);
        self.run.traces.push(CheckTrace {
            name: Cow::Borrowed(check),
            phase,
            mode: Mode::Enforce,
            verdict: Verdict::Refuse,
            code: Some(Code::Blocked),
            reason: Some(format!("cut off while it lasted: block {} of this {}", hit.id, hit.kind.word())),
            duration_ns: 0,
            questions: Vec::new(),
        });
    }
}
