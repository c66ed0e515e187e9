//! One request from its head to the beginning of its answer.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body;
use model::{Code, Outcome, Phase, Refusal};
use net::upstream::{Delivered, RequestHead, Terms, Undelivered};
use net::{Connection, RequestBody, ResponseBody};

use super::{Gateway, relay};
use crate::check::BodyNeed;
use crate::concurrency::Place;
use crate::cors;
use crate::edits::Effects;
use crate::exchange::{self, Exchange, Head, Peer};
use crate::observe::{self, Flight, Forwarded};
use crate::origin::{Entrance, Origin};
use crate::pipeline::buffers::{BufferFault, read_whole};
use crate::pipeline::capped::{BodyWatch, CappedBody};
use crate::pipeline::gather::Gather;
use crate::pipeline::{Run, Runner, Stop};
use crate::reply;
use crate::route::{self, Routed};
use crate::snapshot::{ApiPlan, Snapshot};
use crate::upstream::{self, ForwardBody};

impl Gateway {
    /// Never fails: whatever happens becomes an answer, and the flight's end its record.
    pub(super) async fn flow(self: Arc<Self>, opened: Opened, body: RequestBody) -> Response<ResponseBody> {
        let Opened { mut flight, api, refusal, preflight } = opened;
        if let (Some(api), Some(method)) = (&api, preflight) {
            return Box::pin(self.preflight(api, flight, method)).await;
        }
        let cors = api.as_deref().and_then(|api| api.cors.as_ref());
        let stop = match (&api, refusal) {
            (Some(api), None) => {
                // Not matched on where it is waited for: it would be kept, with all its room, to the end.
                let (head, Sending { body, terms, place }) = match self.pass(api, &mut flight, body).await {
                    Ok(passed) => passed,
                    Err(stop) => return Box::pin(relay::stop(flight, stop, cors)).await,
                };
                let sent = api.upstream.cluster.send(&head, body, terms).await;
                drop(head);
                self.note_sent(&mut flight, place, &sent);
                match sent {
                    Ok(sent) if relay::is_passed_on(&flight, &sent, cors) => {
                        return relay::pass_on(flight, sent);
                    }
                    // In a box, like what is seldom: it is large, and would be moved with every request.
                    Ok(sent) => return Box::pin(relay::answer(self, flight, sent, cors)).await,
                    Err(undelivered) => upstream_stop(undelivered, &mut flight, api),
                }
            }
            (_, refusal) => Box::pin(self.turn_down(refusal, &mut flight)).await,
        };
        Box::pin(relay::stop(flight, stop, cors)).await
    }

    /// Opens a request under the snapshot in force.
    pub(super) fn take(
        &self,
        entrance: &Entrance,
        connection: &Connection,
        request: Request<RequestBody>,
    ) -> (Opened, RequestBody) {
        let snapshot = self.snapshot.load_full();
        let (parts, body) = request.into_parts();
        (self.open(&snapshot, entrance, connection, parts, &body), body)
    }

    /// Routes, and begins the flight.
    pub(super) fn open(
        &self,
        snapshot: &Arc<Snapshot>,
        entrance: &Entrance,
        connection: &Connection,
        parts: Parts,
        body: &RequestBody,
    ) -> Opened {
        let clock = self.observer.clock.as_ref();
        let (received_unix_ms, received_ns) = (clock.unix_ms(), clock.monotonic_ns());
        let host = host_of(&parts.headers, &parts.uri);
        let method = parts.method.as_str();
        let routed =
            route::find(snapshot, route::without_port(&host), method, parts.uri.path(), parts.uri.query());
        let preflight = preflight_target(&routed, &parts);
        let Routed { api, mut plan, route, mut template, refusal } = routed;
        let mut preflight_method = None;
        if let Some((target, target_method)) = preflight {
            template = Some(Arc::clone(&target.template));
            if let Some(target_plan) = api.as_ref().and_then(|api| api.plan_of(&target)) {
                plan = Arc::clone(target_plan);
            }
            preflight_method = Some(target_method);
        }
        let sample_per_10k = snapshot.settings.telemetry.as_ref().map_or(0, |one| one.sample_per_10k);
        let Origin { address, from } = entrance.origin(connection, &parts.headers);
        let websocket = plan.websocket.as_ref().filter(|_| refusal.is_none());
        let handshake = websocket.map(|websocket| {
            let cors = api.as_ref().and_then(|api| api.cors.as_ref());
            websocket.judge(&parts, connection.tls, cors)
        });
        let (handshake, refusal) = match handshake.transpose() {
            Ok(handshake) => (handshake, refusal),
            Err(unfit) => (None, Some(unfit)),
        };
        let mut headers = parts.headers;
        net::strip_hop_by_hop(&mut headers);
        let exchange = Exchange {
            request_id: self.request_ids.next(received_unix_ms),
            trace: self.trace_ids.continue_or_begin(&headers, sample_per_10k),
            received_unix_ms,
            received_ns,
            peer: Peer { address, from, tls: connection.tls, protocol: protocol(parts.version) },
            head: Head { method: parts.method, host, headers, has_body: !body.is_end_stream() },
            route,
            caller: None,
            subject: None,
            objects: Vec::new(),
            opened: Vec::new(),
            awaits_answer: false,
            authorization: None,
            inspection: None,
            body: None,
            response: None,
        };
        let traces = Vec::with_capacity(plan.checks.len());
        let run = Run { exchange, effects: Effects::default(), traces };
        let mut flight = Flight::begin(Arc::clone(&self.observer), Arc::clone(snapshot), run, plan, template);
        flight.handshake = handshake;
        Opened { flight, api, refusal, preflight: preflight_method }
    }

    /// What goes nowhere is counted and limited like anything else before it is refused.
    async fn turn_down(&self, refusal: Option<Box<Refusal>>, flight: &mut Flight) -> Stop {
        let Flight { snapshot, plan, run, .. } = flight;
        let (counted, _) = plan.split(Phase::Limit);
        match self.runner(snapshot).request(counted, run).await {
            Ok(()) => {
                let refusal = refusal.unwrap_or_else(|| Box::new(Code::InternalError.into()));
                Stop { refusal, check: None }
            }
            Err(stop) => stop,
        }
    }

    /// The checks, with the body between them at its time, and then the request as it is forwarded.
    async fn pass(
        &self,
        api: &ApiPlan,
        flight: &mut Flight,
        body: RequestBody,
    ) -> Result<(RequestHead, Sending), Stop> {
        {
            let Flight { snapshot, plan, run, .. } = &mut *flight;
            let (before_body, _) = plan.around_body();
            self.runner(snapshot).request(before_body, run).await?;
        }
        let streaming = match body.is_end_stream() {
            true => None,
            // In a box: what holds a body is large, and most requests have none.
            false => Box::pin(self.take_body(flight, body)).await?,
        };
        {
            let Flight { snapshot, plan, run, .. } = &mut *flight;
            let (_, after_body) = plan.around_body();
            self.runner(snapshot).request(after_body, run).await?;
        }
        self.compose(api, flight, streaming)
    }

    pub(super) fn runner<'a>(&'a self, snapshot: &'a Snapshot) -> Runner<'a> {
        Runner {
            asker: &self.asker,
            clock: self.observer.clock.as_ref(),
            metrics: &self.observer.metrics,
            question_timeout: snapshot.settings.timeouts.question,
            tape_limits: &snapshot.tape_limits,
        }
    }

    /// Reads the body whole when a check needs it; otherwise hands back a body that will stream under its cap.
    /// Returns `None` when the body is in the exchange.
    async fn take_body(&self, flight: &mut Flight, body: RequestBody) -> Result<Option<CappedBody>, Stop> {
        let bytes_max = flight.plan.body_bytes_max;
        if body.size_hint().lower() > u64::try_from(bytes_max).unwrap_or(u64::MAX) {
            return Err(Code::BodyTooLarge.into());
        }
        let watch = Arc::new(BodyWatch::default());
        flight.request_watch = Some(Arc::clone(&watch));
        if flight.plan.body != BodyNeed::Whole {
            return Ok(Some(CappedBody::new(body, bytes_max, watch)));
        }
        let body = CappedBody::new(body.in_large_pieces(), bytes_max, watch);
        let process_bytes_max = flight.snapshot.settings.sizes.buffered_bytes_max;
        let gather = Gather::new(self.buffers.reserve(), bytes_max, process_bytes_max);
        let read = read_whole(body, gather).await;
        let (bytes, reservation) = read.map_err(|fault| body_stop(fault, flight))?;
        flight.reservation = Some(reservation);
        let limits = flight.snapshot.tape_limits.clone();
        flight.run.exchange.body = Some(exchange::Body::new(bytes, limits));
        Ok(None)
    }

    /// Makes the request that is forwarded, takes its place among those in flight, and lets locks know that it is on its
    /// way.
    fn compose(
        &self,
        api: &ApiPlan,
        flight: &mut Flight,
        streaming: Option<CappedBody>,
    ) -> Result<(RequestHead, Sending), Stop> {
        if let Some(body) = &mut flight.run.exchange.body {
            // The checks of the request have read it, and an upstream may take its time.
            body.forget_tape();
        }
        let body = match (streaming, &flight.run.exchange.body) {
            (Some(streaming), _) => ForwardBody::Stream(streaming),
            (None, Some(body)) => ForwardBody::Whole(body.bytes.clone()),
            (None, None) => ForwardBody::Empty,
        };
        // How long an answer takes says nothing of the service while the caller is still sending.
        let is_measured = !matches!(body, ForwardBody::Stream(_));
        let place = self.place(api, flight)?.map(|place| (place, is_measured));
        flight.upstream_span_id = self.trace_ids.next();
        let terms = upstream::terms(flight.plan.is_idempotent(&flight.run.exchange.head.method), &body);
        let reads_response = flight.plan.holds_response || flight.plan.tees_response;
        let mut head = upstream::request(&flight.run, api, flight.upstream_span_id, reads_response)?;
        if let Some(handshake) = flight.handshake.take() {
            let max = flight.snapshot.settings.sizes.websockets_per_caller_max;
            let seat = self.shared.websockets.take(&flight.run.exchange, max);
            flight.seat = Some(seat.map_err(|refusal| Stop { refusal, check: None })?);
            head.offer(handshake);
        }
        if flight.run.effects.held.iter().any(|held| !held.sent()) {
            return Err(Code::ObjectBusy.into());
        }
        if let Some(renaming) = &mut flight.run.effects.renaming {
            renaming.sent();
        }
        // Counted as one attempt before it begins, so that an aborted one is in the record.
        flight.upstream = Some(Forwarded::to(&api.upstream.label));
        Ok((head, Sending { body, terms, place }))
    }

    /// What the answer of an upstream, or that there is none, means for metrics, places, locks and the record.
    fn note_sent(
        &self,
        flight: &mut Flight,
        place: Option<(Place, bool)>,
        sent: &Result<Delivered, Undelivered>,
    ) {
        let took = sent.as_ref().map_or_else(|undelivered| undelivered.took, |sent| sent.took);
        let took_ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        flight.plan.metrics.upstream.record(took_ns);
        if let Some((place, is_measured)) = place {
            let code = sent.as_ref().err().map(|undelivered| undelivered.error.code());
            if is_measured && code.is_none_or(|code| code == Code::UpstreamTimeout) {
                place.answered(took_ns, code.is_some(), self.observer.clock.monotonic_ns());
            }
        }
        // Before the locks are let go of.
        if let Some(mut renaming) = flight.run.effects.renaming.take() {
            let may_be_made = match sent {
                Ok(sent) => renaming.may_be_made(sent.status),
                Err(undelivered) => !was_never_sent(undelivered),
            };
            renaming.ended(may_be_made);
        }
        if !flight.run.effects.held.is_empty() {
            let is_known = sent.as_ref().map_or_else(was_never_sent, |_| true);
            let held = std::mem::take(&mut flight.run.effects.held);
            held.iter().filter(|_| is_known).for_each(|held| held.settled());
        }
        if let (Ok(sent), Some(upstream)) = (sent, &mut flight.upstream) {
            upstream.place = observe::Place::Address(sent.address);
            upstream.status = Some(sent.status.as_u16());
            (upstream.reused, upstream.attempts) = (sent.reused, sent.attempts);
            upstream.head_us = took_ns / 1_000;
            if !sent.failed.is_empty() {
                upstream.tried = upstream::tried(&sent.failed);
            }
        }
    }

    /// Answers a CORS preflight from the configuration, limited like anything else.
    async fn preflight(
        &self,
        api: &ApiPlan,
        mut flight: Box<Flight>,
        method: String,
    ) -> Response<ResponseBody> {
        let snapshot = Arc::clone(&flight.snapshot);
        let plan = Arc::clone(&flight.plan);
        let (connect, _) = plan.split(Phase::Connect);
        if let Err(stop) = self.runner(&snapshot).request(connect, &mut flight.run).await {
            return relay::refuse(flight, stop, api.cors.as_ref());
        }
        let mut response = Response::new(ResponseBody::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if let Some(cors) = &api.cors {
            *response.headers_mut() = cors::preflight(cors, &method, &flight.run.exchange.head.headers);
        }
        if let Ok(id) = HeaderValue::from_str(&flight.run.exchange.request_id) {
            response.headers_mut().insert(reply::X_REQUEST_ID, id);
        }
        flight.answering(StatusCode::NO_CONTENT.as_u16());
        flight.ended(Outcome::Allowed);
        response
    }
}

/// What goes along with the head of a request.
struct Sending {
    body: ForwardBody,
    terms: Terms,
    /// Among the requests in flight, and whether the answer says how the service is.
    place: Option<(Place, bool)>,
}

pub(super) struct Opened {
    pub(super) flight: Box<Flight>,
    api: Option<Arc<ApiPlan>>,
    refusal: Option<Box<Refusal>>,
    /// The method that a preflight asks for; the flight's plan is then that of its operation.
    preflight: Option<String>,
}

/// The operation that a preflight is about, when OPTIONS itself is not declared and CORS is configured.
fn preflight_target(routed: &Routed, parts: &Parts) -> Option<(Arc<openapi::Operation>, String)> {
    let method = cors::preflight_method(&parts.method, &parts.headers)?;
    let api = routed.api.as_ref().filter(|api| api.cors.is_some() && routed.route.operation.is_none())?;
    match api.settings.description.router().find(method, &routed.route.path) {
        openapi::Match::Operation { operation, .. } => Some((Arc::clone(operation), method.to_owned())),
        _ => None,
    }
}

/// HTTP/2 has it in the target, HTTP/1 in the header; `net` has made sure that there is one.
pub(super) fn host_of(headers: &http::HeaderMap, uri: &http::Uri) -> String {
    if let Some(authority) = uri.authority() {
        return authority.as_str().to_owned();
    }
    // What `net` takes for a host is ASCII.
    let host = headers.get(http::header::HOST).and_then(|value| value.to_str().ok());
    host.unwrap_or_default().to_owned()
}

pub(super) fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "http/1.0",
        Version::HTTP_2 => "h2",
        _ => "http/1.1",
    }
}

/// Whether the service has certainly not seen anything of the request.
fn was_never_sent(undelivered: &Undelivered) -> bool {
    use net::upstream::UpstreamErrorKind::{Overloaded, Unavailable};
    undelivered.attempts == 0 || matches!(undelivered.error.kind, Overloaded | Unavailable)
}

/// Why the body could not be read: the cap's own word first, because it ends the body as if it had been stopped.
#[cold]
fn body_stop(fault: BufferFault, flight: &Flight) -> Stop {
    let said = flight.request_watch.as_ref().and_then(|watch| watch.fault());
    let code = said.unwrap_or_else(|| fault.code());
    let mut stop = Stop::from(code);
    if code == Code::Overloaded {
        stop.refusal.retry_after_s = Some(1);
    }
    stop
}

/// What the caller is told of an upstream's failure: the caller's own body first, then the kind of failure.
#[cold]
fn upstream_stop(undelivered: Undelivered, flight: &mut Flight, api: &ApiPlan) -> Stop {
    let said = flight.request_watch.as_ref().and_then(|watch| watch.fault());
    let Undelivered { error, attempts, mut failed, retry_after_s, took: _ } = undelivered;
    let mut upstream = Forwarded::to(&api.upstream.label);
    if let Some(last) = failed.pop() {
        upstream.place = observe::Place::Address(last.address);
    }
    (upstream.attempts, upstream.error) = (attempts, Some(error.to_string()));
    upstream.tried = upstream::tried(&failed);
    flight.upstream = Some(upstream);
    let mut stop = Stop::from(said.unwrap_or_else(|| error.code()));
    stop.refusal.retry_after_s = retry_after_s;
    stop
}

/// Whether the method's answer has no body whatever its headers say (RFC 9110 section 9.3.2).
pub(super) fn is_head(flight: &Flight) -> bool {
    flight.run.exchange.head.method == Method::HEAD
}
