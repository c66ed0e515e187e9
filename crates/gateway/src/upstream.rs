//! Turns an exchange into the request that is forwarded, and the upstream's answer into what may be relayed.

mod clusters;
mod identity;
mod legacy;
mod strip;
#[cfg(test)]
mod tests;
mod told;

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body::{Body, Frame, SizeHint};
use model::{Code, with_address_text};
use net::BodyError;
use net::upstream::Piece::{Text, Written};
use net::upstream::{RequestHead, Terms};
use openapi::{KeyLocation, Location, SchemeKind};

pub(crate) use clusters::{Upstream, Upstreams};
pub use strip::NEVER_FROM_OUTSIDE;
pub(crate) use strip::{is_for_caches, is_not_relayed, strip_response};
pub(crate) use told::service;
pub use told::{EndpointStatus, NameStatus, ServiceStatus};

use crate::pipeline::Run;
use crate::pipeline::capped::CappedBody;
use crate::settings::Api;
use crate::snapshot::ApiPlan;
use crate::trace::TRACESTATE;

/// A field that a check has set, or taken away.
type Edited = (HeaderName, Option<HeaderValue>);

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

/// The path and query that the upstream sees for this request, in pieces.
fn target<'a>(run: &'a Run, upstream: &'a Upstream) -> [&'a str; 4] {
    let route = &run.exchange.route;
    let path = run.effects.path.as_deref().unwrap_or(route.path.as_str());
    let query = match &run.effects.query {
        Some(edited) => edited.as_deref(),
        None => route.query.as_deref(),
    };
    let mark = if query.is_some() { "?" } else { "" };
    [&upstream.base_path, path, mark, query.unwrap_or_default()]
}

/// Writes the request's head. Order: what came less what may not pass, the checks' edits, then what only we may say.
pub(crate) fn request(
    run: &Run,
    api: &ApiPlan,
    span_id: u64,
    holds_response: bool,
) -> Result<RequestHead, Code> {
    let mut head = RequestHead::new(run.exchange.head.method.clone(), &target(run, &api.upstream))
        .map_err(|_| Code::InternalError)?;
    // A body that is to be read has to be readable.
    let is_replaced = |name: &HeaderName| holds_response && *name == ACCEPT_ENCODING;
    fields(run, &api.settings, |name, value| {
        if !is_replaced(name) {
            head.put(name, value);
        }
    });
    if holds_response {
        say(&mut head, &ACCEPT_ENCODING, b"identity")?;
    }
    say_where_from(run, span_id, &mut head)?;
    identity::inject(run, &api.settings.identity, &mut head)?;
    Ok(head)
}

/// The fields of a question to the API on the caller's behalf: the caller's credential as it would be forwarded, and
/// what only we may say. Of the request at hand nothing else goes along.
pub(crate) fn on_behalf(run: &Run, api: &Api) -> Result<HeaderMap, Code> {
    let mut carried = RequestHead::new(Method::GET, &["/"]).map_err(|_| Code::InternalError)?;
    fields(run, api, |name, value| {
        let of_a_scheme = |scheme: &openapi::SecurityScheme| {
            matches!(&scheme.kind, SchemeKind::ApiKey { location: KeyLocation::Header, name: carrier }
                if carrier.eq_ignore_ascii_case(name.as_str()))
        };
        let is_said_below = *name == ACCEPT || *name == ACCEPT_ENCODING;
        let is_of_a_scheme = || api.description.security_schemes.values().any(of_a_scheme);
        if *name == AUTHORIZATION || (!is_said_below && is_of_a_scheme()) {
            carried.put(name, value);
        }
    });
    say(&mut carried, &ACCEPT, b"application/json")?;
    say(&mut carried, &ACCEPT_ENCODING, b"identity")?;
    say_where_from(run, run.exchange.trace.span_id, &mut carried)?;
    identity::inject(run, &api.identity, &mut carried)?;
    Ok(carried.fields())
}

/// What came less what may not pass, and the checks' edits.
fn fields(run: &Run, api: &Api, mut put: impl FnMut(&HeaderName, &HeaderValue)) {
    let exchange = &run.exchange;
    let incoming = &exchange.head.headers;
    let edits = &run.effects.request_headers;
    let is_edited = |edits: &[Edited], name: &HeaderName| edits.iter().any(|(edited, _)| edited == name);
    let token = api.identity.legacy_token.as_deref();
    let mut put = |name: &HeaderName, value: &HeaderValue| {
        if !token.is_some_and(|token| legacy::displaces(token, name)) {
            put(name, value);
        }
    };
    // The checked API is the only thing between a caller and a forged identity: stripped on every path, always.
    for (name, value) in incoming {
        if !is_edited(edits, name)
            && strip::passes(name, api.identity.forward_credential, |name| is_declared(run, api, name))
        {
            put(name, value);
        }
    }
    if exchange.trace.parent_id.is_some() && !is_edited(edits, &TRACESTATE) {
        for value in incoming.get_all(TRACESTATE) {
            put(&TRACESTATE, value);
        }
    }
    for (at, (name, value)) in edits.iter().enumerate() {
        // The last word on a name counts, and none of a check on what only we may say.
        let is_said_again = is_edited(edits.get(at + 1..).unwrap_or_default(), name);
        if let Some(value) = value.as_ref().filter(|_| !is_said_again && !strip::is_ours(name)) {
            put(name, value);
        }
    }
}

/// Adds a field of our own. What cannot stand in it is our error.
fn say(head: &mut RequestHead, name: &HeaderName, text: &[u8]) -> Result<(), Code> {
    head.put_text(name, text).map_err(|_| Code::InternalError)
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

/// `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`, `X-Request-Id` and `traceparent`: they go along with every
/// request, and so are written together.
fn say_where_from(run: &Run, span_id: u64, head: &mut RequestHead) -> Result<(), Code> {
    let exchange = &run.exchange;
    let proto_and_host: &'static [u8] = match exchange.peer.tls {
        true => b"\r\nx-forwarded-proto: https\r\nx-forwarded-host: ",
        false => b"\r\nx-forwarded-proto: http\r\nx-forwarded-host: ",
    };
    let parent = exchange.trace.traceparent(span_id);
    let said = with_address_text(exchange.peer.address, |address| {
        head.put_lines([
            Written(b"x-forwarded-for: "),
            Text(address.as_bytes()),
            Written(proto_and_host),
            Text(exchange.head.host.as_bytes()),
            Written(b"\r\nx-request-id: "),
            Text(exchange.request_id.as_bytes()),
            Written(b"\r\ntraceparent: "),
            Text(&parent),
            Written(b"\r\n"),
        ])
    });
    said.map_err(|_| Code::InternalError)
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
