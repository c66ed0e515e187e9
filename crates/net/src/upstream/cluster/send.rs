//! One request through a cluster: to an endpoint, and to another where the first failed and it is safe.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::Body;

use super::Cluster;
use crate::BodyError;
use crate::upstream::choose::Choice;
use crate::upstream::endpoint::{Lease, now_ms};
use crate::upstream::health::is_gateway_failure;
use crate::upstream::http1::{Answered, Attempt};
use crate::upstream::upload::Load;
use crate::upstream::{Delivered, Failure, RequestHead, Trial, UpstreamError, UpstreamErrorKind, gather};

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

/// A request on its way to the head of its answer, see [`Cluster::send`].
#[must_use]
pub struct Delivery<'r>(Way<'r>);

#[allow(
    clippy::large_enum_variant,
    reason = "the large one is the ordinary one, and a box would cost an allocation"
)]
enum Way<'r> {
    /// `None` when it is over.
    Short(Option<Direct<'r>>),
    /// In a box, because it is large and seldom gone.
    Long(Pin<Box<dyn Future<Output = Result<Delivered, Undelivered>> + Send + 'r>>),
}

/// The ordinary way: a first try, on a connection that waited for it.
struct Direct<'r> {
    cluster: &'r Cluster,
    head: &'r RequestHead,
    terms: Terms,
    started: Instant,
    /// The load once more, where that is possible.
    copy: Option<Load>,
    // Dropped in this order: a connection is gone before its place is free.
    attempt: Attempt<'r>,
    lease: Lease,
}

impl Future for Delivery<'_> {
    type Output = Result<Delivered, Undelivered>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let way = &mut self.0;
        if let Way::Short(short) = way {
            let Some(direct) = short else { return Poll::Pending };
            let outcome = ready!(direct.attempt.poll(context));
            let Some(direct) = short.take() else { return Poll::Pending };
            let Direct { cluster, head, terms, started, copy, lease, attempt } = direct;
            let mut load = None;
            match attempt.end(&lease.endpoint.pool, &mut load, outcome) {
                Ok(answered) => {
                    return Poll::Ready(Ok(cluster.judge(answered, lease).delivered(1, started, Vec::new())));
                }
                Err(failure) => {
                    let begun = Begun { lease, failed: Some((failure, copy)) };
                    *way = Way::Long(Box::pin(cluster.insist(head, load, terms, started, Some(begun))));
                }
            }
        }
        match way {
            Way::Long(long) => long.as_mut().poll(context),
            Way::Short(_) => Poll::Pending,
        }
    }
}

impl Cluster {
    /// Sends a request to an endpoint and waits for the head of the answer; see [`crate::upstream::Pool::send`] for
    /// what is sent. A try that failed before a byte of an answer is repeated at another endpoint where nothing of the
    /// request was sent, or where `terms` allow it, within the budget and the time of the first.
    pub fn send<'r, B>(self: &'r Arc<Self>, head: &'r RequestHead, body: B, terms: Terms) -> Delivery<'r>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        self.keep();
        self.budget.count_request();
        let started = Instant::now();
        match () {
            () if body.is_end_stream() => self.begin(head, Load::whole(Bytes::new()), terms, started),
            () if terms.is_whole => Delivery(Way::Long(Box::pin(async move {
                match gather(body).await {
                    Ok(whole) => self.begin(head, Load::whole(whole), terms, started).await,
                    Err(error) => Err(Trying::new(started).end(error, None)),
                }
            }))),
            () => self.begin(head, Load::stream(body), terms, started),
        }
    }

    /// An endpoint at once, and a connection that is at hand; or whatever it takes.
    fn begin<'r>(
        &'r self,
        head: &'r RequestHead,
        load: Load,
        terms: Terms,
        started: Instant,
    ) -> Delivery<'r> {
        let copy = load.replay();
        let mut load = Some(load);
        let begun = match self.choose(&[]) {
            Choice::Taken(lease) => {
                let trial = self.trial(terms, Duration::ZERO, started);
                match lease.endpoint.pool.begin(head, &mut load, trial) {
                    Some(attempt) => {
                        let direct = Direct { cluster: self, head, terms, started, copy, lease, attempt };
                        return Delivery(Way::Short(Some(direct)));
                    }
                    None => Some(Begun { lease, failed: None }),
                }
            }
            _ => None,
        };
        Delivery(Way::Long(Box::pin(self.insist(head, load, terms, started, begun))))
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
