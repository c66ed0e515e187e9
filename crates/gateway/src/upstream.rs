//! Turns an exchange into the request that is forwarded, and the upstream's answer into what may be relayed.

mod clusters;
mod identity;
mod legacy;
mod strip;
#[cfg(test)]
mod tests;
mod told;

use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body::{Body, Frame, SizeHint};
use model::Code;
use net::BodyError;
use net::upstream::Terms;
use openapi::{KeyLocation, Location, SchemeKind};

pub(crate) use clusters::{Upstream, Upstreams};
pub use strip::NEVER_FROM_OUTSIDE;
pub(crate) use strip::strip_response;
pub(crate) use told::service;
pub use told::{EndpointStatus, NameStatus, ServiceStatus};

use crate::pipeline::Run;
use crate::pipeline::capped::CappedBody;
use crate::reply::X_REQUEST_ID;
use crate::settings::Api;
use crate::snapshot::ApiPlan;
use crate::trace::{TRACEPARENT, TRACESTATE};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Fields that we add to most requests, with some room.
const OURS: usize = 8;

/// The body that is forwarded.
pub(crate) enum ForwardBody {
    Empty,
    Whole(Bytes),
    Stream(CappedBody),
}

impl ForwardBody {
    /// Whether the request can be sent a second time.
    fn is_at_hand(&self) -> bool {
        !matches!(self, Self::Stream(_))
    }
}

/// What may be done with this request: repeated where its operation, or else its method, is idempotent.
pub(crate) fn terms(is_idempotent: bool, body: &ForwardBody) -> Terms {
    Terms { is_whole: body.is_at_hand(), may_repeat: is_idempotent && body.is_at_hand() }
}

/// For the record.
pub(crate) fn tried(failed: &[net::upstream::FailedTry]) -> Vec<model::FailedTry> {
    let told = |failed: &net::upstream::FailedTry| model::FailedTry {
        address: failed.address.to_string(),
        error: failed.error.to_string(),
    };
    failed.iter().map(told).collect()
}

/// The path that the upstream sees for this request.
pub(crate) fn target(run: &Run, upstream: &Upstream) -> Result<PathAndQuery, Code> {
    let route = &run.exchange.route;
    let path = run.effects.path.as_deref().unwrap_or(route.path.as_str());
    let query = match &run.effects.query {
        Some(edited) => edited.as_deref(),
        None => route.query.as_deref(),
    };
    let length = upstream.base_path.len() + path.len() + query.map_or(0, |query| query.len() + 1);
    let mut text = String::with_capacity(length);
    text.push_str(&upstream.base_path);
    text.push_str(path);
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    PathAndQuery::from_maybe_shared(Bytes::from(text)).map_err(|_| Code::InternalError)
}

/// Builds the request. Order: what came less what may not pass, the checks' edits, then what only we may say.
pub(crate) fn request(
    run: &Run,
    api: &ApiPlan,
    span_id: u64,
    holds_response: bool,
    body: ForwardBody,
) -> Result<Request<ForwardBody>, Code> {
    let mut headers = headers(run, &api.settings)?;
    if holds_response {
        // A body that is to be read has to be readable.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    say_where_from(run, span_id, &mut headers)?;
    identity::inject(run, &api.settings.identity, &mut headers)?;
    let mut request = Request::new(body);
    *request.method_mut() = run.exchange.head.method.clone();
    *request.uri_mut() = target(run, &api.upstream)?.into();
    *request.headers_mut() = headers;
    Ok(request)
}

/// The fields of a question to the API on the caller's behalf: the caller's credential as it would be forwarded, and
/// what only we may say. Of the request at hand nothing else goes along.
pub(crate) fn on_behalf(run: &Run, api: &Api) -> Result<HeaderMap, Code> {
    let mut carried = HeaderMap::with_capacity(OURS * 2);
    for (name, value) in &headers(run, api)? {
        let of_a_scheme = |scheme: &openapi::SecurityScheme| {
            matches!(&scheme.kind, SchemeKind::ApiKey { location: KeyLocation::Header, name: carrier }
                if carrier.eq_ignore_ascii_case(name.as_str()))
        };
        if *name == AUTHORIZATION || api.description.security_schemes.values().any(of_a_scheme) {
            carried.append(name.clone(), value.clone());
        }
    }
    carried.insert(ACCEPT, HeaderValue::from_static("application/json"));
    carried.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    say_where_from(run, run.exchange.trace.span_id, &mut carried)?;
    identity::inject(run, &api.identity, &mut carried)?;
    Ok(carried)
}

/// What came less what may not pass, and the checks' edits.
fn headers(run: &Run, api: &Api) -> Result<HeaderMap, Code> {
    let exchange = &run.exchange;
    let incoming = &exchange.head.headers;
    let mut headers = HeaderMap::with_capacity(incoming.len() + OURS);
    // The checked API is the only thing between a caller and a forged identity: stripped on every path, always.
    for (name, value) in incoming {
        if strip::passes(name, api.identity.forward_credential, |name| is_declared(run, api, name)) {
            headers.append(name, value.clone());
        }
    }
    if exchange.trace.parent_id.is_some() {
        for value in incoming.get_all(TRACESTATE) {
            headers.append(TRACESTATE, value.clone());
        }
    }
    for (name, value) in &run.effects.request_headers {
        match value {
            Some(value) => headers.insert(name, value.clone()),
            None => headers.remove(name),
        };
    }
    Ok(headers)
}

/// Whether the operation declares a header of this name, or a scheme of the API carries its credential there.
fn is_declared(run: &Run, api: &Api, name: &str) -> bool {
    let operation = run.exchange.route.operation.as_ref();
    let mut parameters = operation.iter().flat_map(|operation| &operation.parameters);
    let schemes = &api.description.security_schemes;
    parameters
        .any(|parameter| parameter.location == Location::Header && parameter.name.eq_ignore_ascii_case(name))
        || schemes.values().any(|scheme| match &scheme.kind {
            SchemeKind::ApiKey { location: KeyLocation::Header, name: carrier } => {
                carrier.eq_ignore_ascii_case(name)
            }
            _ => false,
        })
}

fn say_where_from(run: &Run, span_id: u64, headers: &mut HeaderMap) -> Result<(), Code> {
    let exchange = &run.exchange;
    let internal = |_| Code::InternalError;
    let address = address_text(exchange.peer.address);
    headers.insert(X_FORWARDED_FOR, HeaderValue::try_from(address).map_err(internal)?);
    let scheme = if exchange.peer.tls { "https" } else { "http" };
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(scheme));
    headers.insert(X_FORWARDED_HOST, HeaderValue::from_str(&exchange.head.host).map_err(internal)?);
    headers.insert(X_REQUEST_ID, HeaderValue::from_str(&exchange.request_id).map_err(internal)?);
    headers.insert(TRACEPARENT, exchange.trace.traceparent(span_id));
    Ok(())
}

/// Like `to_string`, which for the four numbers of an IPv4 address does much more than is needed.
fn address_text(address: IpAddr) -> Vec<u8> {
    let IpAddr::V4(address) = address else { return address.to_string().into_bytes() };
    let mut text = Vec::with_capacity("255.255.255.255".len());
    for number in address.octets() {
        if !text.is_empty() {
            text.push(b'.');
        }
        for (unit, from) in [(100, 100), (10, 10), (1, 0)] {
            if number >= from {
                text.push(b'0' + number / unit % 10);
            }
        }
    }
    text
}

impl Body for ForwardBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        match this {
            Self::Empty => Poll::Ready(None),
            Self::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                *this = Self::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Stream(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Whole(_) => false,
            Self::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Whole(bytes) => SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Self::Stream(body) => body.size_hint(),
        }
    }
}
