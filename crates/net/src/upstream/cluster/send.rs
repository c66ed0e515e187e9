//! One request through a cluster: to an endpoint, and to another where the first failed and it is safe.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::Body;

use super::Cluster;
use crate::BodyError;
use crate::upstream::choose::Choice;
use crate::upstream::endpoint::{Lease, now_ms};
use crate::upstream::health::is_gateway_failure;
use crate::upstream::http1::Answered;
use crate::upstream::upload::Load;
use crate::upstream::{Delivered, Failure, RequestHead, Trial, UpstreamError, UpstreamErrorKind, gather};

/// A body on its way to be whole.
type Gathering = Pin<Box<dyn Future<Output = Result<Bytes, UpstreamError>> + Send>>;

/// Why there is no answer, and when it may go better, in seconds.
type Refused = (UpstreamError, Option<u64>);

/// What may be done with a request.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// The body is at hand: it is gathered before anything is sent.
    pub is_whole: bool,
    /// To have it done twice is as good as once (RFC 9110 section 9.2.2).
    pub may_repeat: bool,
}

/// A try that failed and was followed by another, or was the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedTry {
    pub address: SocketAddr,
    pub error: UpstreamError,
}

/// A request without an answer.
#[derive(Debug)]
pub struct Undelivered {
    pub error: UpstreamError,
    /// How often it was sent, to whatever endpoint; 0: it was not.
    pub attempts: u32,
    /// Every try; empty when no endpoint was asked.
    pub failed: Vec<FailedTry>,
    /// For 503: when it may go better, in seconds.
    pub retry_after_s: Option<u64>,
    /// From the call to its end.
    pub took: Duration,
}

impl Cluster {
    /// Sends a request to an endpoint and waits for the head of the answer; see [`crate::upstream::Pool::send`] for
    /// what is sent. A try that failed before a byte of an answer is repeated at another endpoint where nothing of the
    /// request was sent, or where `terms` allow it, within the budget and the time of the first.
    pub fn send<B>(
        self: &Arc<Self>,
        head: &RequestHead,
        body: B,
        terms: Terms,
    ) -> impl Future<Output = Result<Delivered, Undelivered>> + Send
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        self.keep();
        self.budget.count_request();
        let started = Instant::now();
        // In a box: the future of a request is moved, and most have no body to gather.
        let load = match () {
            () if body.is_end_stream() => Ok(Load::whole(Bytes::new())),
            () if terms.is_whole => Err(Box::pin(gather(body)) as Gathering),
            () => Ok(Load::stream(body)),
        };
        self.deliver(head, load, terms, started)
    }

    /// The ordinary way is here: an endpoint at once, a connection at hand, an answer. The rest is in a box, because it is
    /// large and seldom gone.
    async fn deliver(
        &self,
        head: &RequestHead,
        load: Result<Load, Gathering>,
        terms: Terms,
        started: Instant,
    ) -> Result<Delivered, Undelivered> {
        let load = match load {
            Ok(load) => load,
            Err(gathering) => match gathering.await {
                Ok(whole) => Load::whole(whole),
                Err(error) => return Err(Trying::new(started).end(error, None)),
            },
        };
        let copy = load.replay();
        let mut load = Some(load);
        let Choice::Taken(lease) = self.choose(&[]) else {
            return Box::pin(self.insist(head, load, terms, started, None)).await;
        };
        let pool = &lease.endpoint.pool;
        let trial = self.trial(terms, Duration::ZERO, started);
        let failed = match pool.begin(head, &mut load, trial) {
            Some((shelf, mut attempt)) => {
                let outcome = poll_fn(|context| attempt.poll(context)).await;
                match attempt.end(pool, shelf, &mut load, outcome) {
                    Ok(answered) => {
                        return Ok(self.judge(answered, lease).delivered(1, started, Vec::new()));
                    }
                    Err(failure) => Some((failure, copy)),
                }
            }
            None => None,
        };
        Box::pin(self.insist(head, load, terms, started, Some(Begun { lease, failed }))).await
    }

    /// Whatever it takes: waiting for a place, another connection, another endpoint.
    async fn insist(
        &self,
        head: &RequestHead,
        load: Option<Load>,
        terms: Terms,
        started: Instant,
        begun: Option<Begun>,
    ) -> Result<Delivered, Undelivered> {
        let mut trying = Trying::new(started);
        match self.try_in_turn(head, load, terms, begun, &mut trying).await {
            Ok(answered) => Ok(answered.delivered(trying.attempts, started, trying.failed)),
            Err((error, retry_after_s)) => Err(trying.end(error, retry_after_s)),
        }
    }

    async fn try_in_turn(
        &self,
        head: &RequestHead,
        mut load: Option<Load>,
        terms: Terms,
        begun: Option<Begun>,
        trying: &mut Trying,
    ) -> Result<Answered, Refused> {
        let (mut lease, mut first, mut since) = match begun {
            Some(Begun { lease, failed }) => (lease, failed, trying.started),
            None => (self.place(&[], true).await?, None, Instant::now()),
        };
        loop {
            let trial = self.trial(terms, since.saturating_duration_since(trying.started), since);
            match lease.endpoint.pool.exchange(head, &mut load, trial, first.take()).await {
                Ok((answered, attempts)) => {
                    trying.attempts += attempts;
                    return Ok(self.judge(answered, lease));
                }
                Err((failure, attempts)) => {
                    trying.attempts += attempts;
                    let retries_left = self.config.retries.attempts > trying.retries();
                    let may_go_on = load.is_some() && retries_left;
                    lease = self.elsewhere(failure, lease, may_go_on, trying).await?;
                    since = Instant::now();
                }
            }
        }
    }

    /// After a failure: another endpoint, where the request may go there.
    async fn elsewhere(
        &self,
        failure: Failure,
        mut lease: Lease,
        may_go_on: bool,
        trying: &mut Trying,
    ) -> Result<Lease, Refused> {
        self.blame(&failure, &mut lease);
        trying.failed.push(FailedTry { address: lease.endpoint.address, error: failure.error });
        let has_time = trying.started.elapsed() < self.config.upstream.head;
        if !failure.is_of_the_endpoint() || !may_go_on || !has_time {
            return Err((failure.error, None));
        }
        // Another endpoint at once, or none: who failed already waits no longer.
        let Ok(next) = self.place(&trying.failed, false).await else {
            return Err((failure.error, None));
        };
        if self.budget.withdraw(now_ms()) { Ok(next) } else { Err((failure.error, None)) }
    }

    /// A try that begins now, after so much time has gone.
    fn trial(&self, terms: Terms, spent: Duration, begun: Instant) -> Trial {
        let left = self.config.upstream.head.saturating_sub(spent);
        let patience = self.config.retries.per_try.map_or(left, |per_try| per_try.min(left));
        Trial { may_repeat: terms.may_repeat, may_reuse: true, patience, begun }
    }

    /// What an answer says of its endpoint.
    fn judge(&self, answered: Answered, mut lease: Lease) -> Answered {
        if is_gateway_failure(answered.status) {
            lease.failed("the service answered 502, 503 or 504");
        } else {
            lease.succeeded();
        }
        Answered { body: answered.body.holding(lease), ..answered }
    }

    /// The client's own failures are not the endpoint's.
    #[cold]
    fn blame(&self, failure: &Failure, lease: &mut Lease) {
        if !matches!(failure.error.kind, UpstreamErrorKind::RequestBody(_)) {
            lease.failed(failure.error.detail);
        }
    }
}

impl Answered {
    fn delivered(self, attempts: u32, started: Instant, failed: Vec<FailedTry>) -> Delivered {
        let Self { status, version, fields, body, address, reused, at } = self;
        let took = at.saturating_duration_since(started);
        Delivered { status, version, fields, body, address, reused, attempts, took, failed }
    }
}

/// A place at an endpoint, and how a first try there has failed, with its load once more.
struct Begun {
    lease: Lease,
    failed: Option<(Failure, Option<Load>)>,
}

/// What has been tried so far.
struct Trying {
    failed: Vec<FailedTry>,
    attempts: u32,
    started: Instant,
}

impl Trying {
    fn new(started: Instant) -> Self {
        Self { failed: Vec::new(), attempts: 0, started }
    }

    fn retries(&self) -> u32 {
        u32::try_from(self.failed.len()).unwrap_or(u32::MAX)
    }

    #[cold]
    fn end(self, error: UpstreamError, retry_after_s: Option<u64>) -> Undelivered {
        let Self { failed, attempts, started } = self;
        Undelivered { error, attempts, failed, retry_after_s, took: started.elapsed() }
    }
}
