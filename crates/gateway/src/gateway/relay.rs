//! The answer: the upstream's, less what may not pass, or a refusal.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::Body;
use model::{Code, Outcome};
use net::ResponseBody;
use net::upstream::{Delivered, UpstreamBody};

use super::Gateway;
use super::beat;
use super::flow::is_head;
use crate::cors;
use crate::edits::{Effects, say_nothing_of_the_whole};
use crate::exchange;
use crate::observe::Flight;
use crate::observe::body::{ObservedBody, Tee};
use crate::pipeline::buffers::{counted, read_whole};
use crate::pipeline::gather::Gather;
use crate::pipeline::{Hook, Stop};
use crate::reply;
use crate::settings::Cors;
use crate::upstream::{is_for_caches, is_not_relayed, strip_response};

/// Relays the upstream's answer through the checks that asked for it.
pub(super) async fn answer(
    gateway: Arc<Gateway>,
    mut flight: Box<Flight>,
    sent: Delivered,
    cors: Option<&Cors>,
) -> Response<ResponseBody> {
    let Delivered { status, fields, body, .. } = sent;
    let mut headers = fields.into_table();
    strip_response(&mut headers);
    let has_switched = status == StatusCode::SWITCHING_PROTOCOLS && flight.plan.websocket.is_some();
    if status.is_informational() && !has_switched {
        // Among them a 101 that nobody asked for.
        return refuse(flight, Code::UpstreamInvalid.into(), cors);
    }
    if status.is_server_error() {
        return failure(flight, status, &headers, cors);
    }
    let reads_body = flight.plan.holds_response || flight.plan.tees_response;
    if !reads_body {
        // The request's bytes have done their duty; a long answer must not hold them.
        flight.run.exchange.body = None;
        flight.reservation = None;
    }
    flight.run.exchange.response = Some(exchange::Response { status, headers, body: None });
    if let Err(stop) = show(&gateway, &mut flight, Hook::ResponseHead).await {
        return self::stop(flight, stop, cors).await;
    }
    if has_switched {
        let headers = take_headers(&mut flight);
        let response = head(&flight, status, headers, cors);
        return crate::tunnel::begin(&gateway, flight, response, body)
            .unwrap_or_else(|flight| refuse(flight, Code::UpstreamInvalid.into(), cors));
    }
    let has_body = !is_head(&flight) && !body.is_end_stream();
    if is_head(&flight)
        && flight.plan.holds_response
        && let Some(response) = &mut flight.run.exchange.response
    {
        // They would tell of a body that no check has looked through.
        response.headers.remove(CONTENT_LENGTH);
        say_nothing_of_the_whole(&mut response.headers);
    }
    // An answer that is to decide decides also when it is empty.
    if (has_body || flight.run.exchange.answer_decides()) && flight.plan.holds_response {
        return Box::pin(hold(&gateway, flight, body, cors)).await;
    }
    let tee = (has_body && flight.plan.tees_response).then(|| tee(gateway, &flight));
    // The checks of a tee read the head when the body has passed; otherwise it is free to go.
    let headers = if tee.is_some() { response_headers(&flight) } else { take_headers(&mut flight) };
    let mut response = head(&flight, status, headers, cors);
    flight.answering(status.as_u16());
    *response.body_mut() = observed(flight, body, tee);
    response
}

/// Whether nobody has to look at the answer's head: no check, and nothing in it but fields that go by their names.
pub(super) fn is_passed_on(flight: &Flight, sent: &Delivered, cors: Option<&Cors>) -> bool {
    let status = sent.status;
    let has_body = (status.is_success() || status.is_client_error()) && status != StatusCode::NO_CONTENT;
    has_body
        && cors.is_none()
        && sent.fields.are_plain()
        && !flight.plan.looks_at_response
        && flight.plan.websocket.is_none()
        && !is_head(flight)
}

/// Passes the fields on as they were read, with ours beside them.
pub(super) fn pass_on(mut flight: Box<Flight>, sent: Delivered) -> Response<ResponseBody> {
    let Delivered { status, mut fields, body, .. } = sent;
    // The request's bytes have done their duty; a long answer must not hold them.
    flight.run.exchange.body = None;
    flight.reservation = None;
    let effects = &flight.run.effects;
    let is_said =
        |name: &[u8]| effects.response_headers.iter().any(|(ours, _)| ours.as_str().as_bytes() == name);
    fields.take_away(|name| is_not_relayed(name) || is_said(name) || is_withheld(effects, name));
    fields.say(reply::REQUEST_ID, &flight.run.exchange.request_id);
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = status;
    put_edits(&flight, response.headers_mut());
    reply::rate_limit_headers(&flight.run.effects.limits, response.headers_mut());
    flight.answering(status.as_u16());
    *response.body_mut() = observed(flight, body, None).with_fields(fields);
    response
}

/// The body, and the flight's end with it.
fn observed(mut flight: Box<Flight>, mut body: UpstreamBody, tee: Option<Tee>) -> ResponseBody {
    match (body.take_whole(), tee) {
        (Some(whole), None) => {
            flight.response_bytes = u64::try_from(whole.len()).unwrap_or(u64::MAX);
            flight.ended(Outcome::Allowed);
            ResponseBody::whole(whole)
        }
        (whole, tee) => {
            let body = whole.map_or(body, UpstreamBody::whole);
            ResponseBody::boxed(ObservedBody::new(body, flight, tee))
        }
    }
}

/// Shows the response to the operation's checks, which for a long list costs a call each and nothing more.
async fn show(gateway: &Gateway, flight: &mut Flight, hook: Hook) -> Result<(), Stop> {
    let (snapshot, plan) = (Arc::clone(&flight.snapshot), Arc::clone(&flight.plan));
    gateway.runner(&snapshot).response(&plan.checks, hook, &mut flight.run).await
}

/// Holds the answer back until the checks have read the whole of it.
async fn hold(
    gateway: &Gateway,
    mut flight: Box<Flight>,
    body: UpstreamBody,
    cors: Option<&Cors>,
) -> Response<ResponseBody> {
    let sizes = flight.snapshot.settings.sizes;
    let gather = Gather::new(gateway.buffers.reserve(), sizes.body_bytes_max, sizes.buffered_bytes_max);
    let bytes = match read_whole(body, gather).await {
        // A caller who reads slowly holds them for as long.
        Ok((bytes, reservation)) => counted(bytes, reservation),
        Err(fault) => {
            use crate::pipeline::buffers::BufferFault::{Body, Full, TooLarge};
            let code = match fault {
                Full => Code::Overloaded,
                TooLarge => Code::UpstreamInvalid,
                Body(net::BodyError::TimedOut) => Code::UpstreamTimeout,
                Body(_) => Code::UpstreamInvalid,
            };
            if let (TooLarge, Some(upstream)) = (fault, flight.upstream.as_mut()) {
                upstream.error = Some("the response is larger than body_bytes_max".to_owned());
            }
            return self::stop(flight, code.into(), cors).await;
        }
    };
    if let Some(response) = &mut flight.run.exchange.response {
        response.body = Some(exchange::Body::new(bytes.clone(), flight.snapshot.tape_limits.clone()));
    }
    if let Err(stop) = show(gateway, &mut flight, Hook::ResponseBody).await {
        return self::stop(flight, stop, cors).await;
    }
    let response = flight.run.exchange.response.as_ref();
    let status = response.map_or(StatusCode::OK, |response| response.status);
    // What the checks made of it.
    let bytes = response.and_then(|response| response.body.as_ref()).map_or(bytes, |body| body.bytes.clone());
    let headers = take_headers(&mut flight);
    let mut response = head(&flight, status, headers, cors);
    response.headers_mut().remove(CONTENT_LENGTH);
    flight.answering(status.as_u16());
    flight.response_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    flight.ended(Outcome::Allowed);
    *response.body_mut() = ResponseBody::whole(bytes);
    response
}

fn tee(gateway: Arc<Gateway>, flight: &Flight) -> Tee {
    let sizes = flight.snapshot.settings.sizes;
    let gather = Gather::new(gateway.buffers.reserve(), sizes.body_bytes_max, sizes.buffered_bytes_max);
    Tee { gateway, gather: Some(gather) }
}

fn response_headers(flight: &Flight) -> HeaderMap {
    flight.run.exchange.response.as_ref().map(|response| response.headers.clone()).unwrap_or_default()
}

fn take_headers(flight: &mut Flight) -> HeaderMap {
    flight.run.exchange.response.take().map(|response| response.headers).unwrap_or_default()
}

/// The upstream's head with what we add to it.
fn head(
    flight: &Flight,
    status: StatusCode,
    mut headers: HeaderMap,
    cors: Option<&Cors>,
) -> Response<ResponseBody> {
    let is_withheld = |name: &&HeaderName| is_withheld(&flight.run.effects, name.as_str().as_bytes());
    for name in headers.keys().filter(is_withheld).cloned().collect::<Vec<_>>() {
        headers.remove(name);
    }
    put_edits(flight, &mut headers);
    add_common(flight, &mut headers, cors);
    reply::rate_limit_headers(&flight.run.effects.limits, &mut headers);
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Whether a field of the service's is not for the caller, because the checks have said so of the whole answer.
fn is_withheld(effects: &Effects, name: &[u8]) -> bool {
    effects.is_private && is_for_caches(name)
}

/// What the checks want said, in any answer.
fn put_edits(flight: &Flight, headers: &mut HeaderMap) {
    for (name, value) in &flight.run.effects.response_headers {
        headers.insert(name, value.clone());
    }
    if flight.run.effects.is_private {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
}

fn add_common(flight: &Flight, headers: &mut HeaderMap, cors: Option<&Cors>) {
    if let Ok(id) = HeaderValue::from_str(&flight.run.exchange.request_id) {
        headers.insert(reply::X_REQUEST_ID, id);
    }
    if let Some(cors) = cors {
        cors::response(cors, &flight.run.exchange.head.headers, headers);
    }
}

/// A safe answer in place of an upstream's 5xx, whose body is never read.
fn failure(
    mut flight: Box<Flight>,
    status: StatusCode,
    upstream: &HeaderMap,
    cors: Option<&Cors>,
) -> Response<ResponseBody> {
    let mut response = reply::upstream_failure(status, &flight.run.exchange.request_id, is_head(&flight));
    if let Some(value) = upstream.get(RETRY_AFTER) {
        response.headers_mut().insert(RETRY_AFTER, value.clone());
    }
    reply::rate_limit_headers(&flight.run.effects.limits, response.headers_mut());
    add_common(&flight, response.headers_mut(), cors);
    flight.answering(status.as_u16());
    flight.ended(Outcome::Failed);
    finish(flight, response)
}

/// Like [`refuse`]; that there is no such object, or that it cannot be known, is said on the beat, so that the time says
/// nothing more.
pub(super) async fn stop(flight: Box<Flight>, mut stop: Stop, cors: Option<&Cors>) -> Response<ResponseBody> {
    let exchange = &flight.run.exchange;
    let is_unread = matches!(stop.refusal.code, Code::UpstreamInvalid | Code::ResponseUnfilterable);
    if is_unread && exchange.answer_decides() && exchange.response.is_some() {
        // An answer that was to tell whose an object is, and cannot be read, shows none.
        stop.refusal = Box::new(Code::ObjectNotFound.into());
    }
    if beat::keeps(stop.refusal.code) {
        beat::next(&flight).await;
    }
    refuse(flight, stop, cors)
}

/// Turns a stop into the answer, and ends the flight.
pub(super) fn refuse(mut flight: Box<Flight>, stop: Stop, cors: Option<&Cors>) -> Response<ResponseBody> {
    flight.stopped(&stop);
    let limits = &flight.run.effects.limits;
    let head = is_head(&flight);
    let mut response = reply::refusal(&stop.refusal, &flight.run.exchange.request_id, limits, head);
    put_edits(&flight, response.headers_mut());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    add_common(&flight, response.headers_mut(), cors);
    finish(flight, response)
}

fn finish(mut flight: Box<Flight>, response: Response<bytes::Bytes>) -> Response<ResponseBody> {
    flight.response_bytes = u64::try_from(response.body().len()).unwrap_or(u64::MAX);
    response.map(ResponseBody::whole)
}
