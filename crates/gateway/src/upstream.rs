//! Turns an exchange into the request that is forwarded, and the upstream's answer into what may be relayed.

mod identity;
mod strip;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, HOST};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body::{Body, Frame, SizeHint};
use model::Code;
use net::BodyError;
use net::upstream::{Pool, Scheme, UpstreamConfig};
use openapi::{KeyLocation, Location, SchemeKind};

pub use strip::NEVER_FROM_OUTSIDE;
pub(crate) use strip::strip_response;

use crate::pipeline::Run;
use crate::pipeline::capped::CappedBody;
use crate::reply::X_REQUEST_ID;
use crate::settings::{Api, Timeouts};
use crate::snapshot::ApiPlan;
use crate::trace::{TRACEPARENT, TRACESTATE};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Where one API is forwarded to.
pub(crate) struct Upstream {
    pub(crate) pool: Arc<Pool>,
    host: HeaderValue,
    /// Stands before every path; empty or beginning with `/`.
    base_path: String,
    /// `http://host:port`, for people.
    pub(crate) label: String,
}

/// The pools, by what makes them what they are; one survives a reload when nothing of that changed.
#[derive(Default)]
pub(crate) struct Upstreams {
    pools: Mutex<HashMap<String, Arc<Pool>>>,
}

impl Upstreams {
    pub(crate) fn get(&self, api: &Api, timeouts: &Timeouts) -> Result<Arc<Upstream>, String> {
        let settings = &api.upstream;
        let default_port = if settings.scheme == "https" { 443 } else { 80 };
        let authority = if settings.port == default_port {
            settings.host.clone()
        } else {
            format!("{}:{}", settings.host, settings.port)
        };
        let host = HeaderValue::from_str(&authority).map_err(|_| "its host is not well-formed".to_owned())?;
        let key = format!("{settings:?} {timeouts:?}");
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let pool = match pools.get(&key) {
            Some(pool) => Arc::clone(pool),
            None => {
                let pool = Arc::new(Pool::new(config(api, timeouts)?).map_err(|fault| fault.to_string())?);
                pools.insert(key, Arc::clone(&pool));
                pool
            }
        };
        Ok(Arc::new(Upstream {
            pool,
            host,
            base_path: settings.base_path.clone().unwrap_or_else(|| api.base_path.clone()),
            label: format!("{}://{authority}", settings.scheme),
        }))
    }

    /// Lets go of pools that no snapshot uses any more.
    pub(crate) fn drop_unused(&self) {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|_, pool| Arc::strong_count(pool) > 1);
    }
}

fn config(api: &Api, timeouts: &Timeouts) -> Result<UpstreamConfig, String> {
    let settings = &api.upstream;
    let scheme = match settings.scheme.as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return Err("its scheme is neither http nor https".to_owned()),
    };
    let mut config = UpstreamConfig::new(scheme, settings.host.as_str(), settings.port);
    config.http2 = settings.http2;
    config.tls.clone_from(&settings.tls);
    config.connect = timeouts.upstream_connect;
    config.head = timeouts.upstream_head;
    config.body = timeouts.upstream_body;
    Ok(config)
}

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

/// Whether sending it twice means the same as sending it once (RFC 9110 section 9.2.2), and can be done.
pub(crate) fn is_replayable(method: &Method, body: &ForwardBody) -> bool {
    let idempotent = [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS, Method::TRACE];
    idempotent.contains(method) && body.is_at_hand()
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
    let exchange = &run.exchange;
    let incoming = &exchange.head.headers;
    let mut headers = HeaderMap::with_capacity(incoming.len() + 12);
    // The checked API is the only thing between a caller and a forged identity: stripped on every path, always.
    for (name, value) in incoming {
        if strip::passes(name, api.settings.identity.forward_credential, |name| is_declared(run, api, name)) {
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
    if holds_response {
        // A body that is to be read has to be readable.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    headers.insert(HOST, api.upstream.host.clone());
    say_where_from(run, span_id, &mut headers)?;
    identity::inject(run, &api.settings.identity, &mut headers)?;
    let mut request = Request::new(body);
    *request.method_mut() = exchange.head.method.clone();
    *request.uri_mut() = target(run, &api.upstream)?.into();
    *request.headers_mut() = headers;
    Ok(request)
}

/// Whether the operation declares a header of this name, or a scheme of the API carries its credential there.
fn is_declared(run: &Run, api: &ApiPlan, name: &str) -> bool {
    let operation = run.exchange.route.operation.as_ref();
    let mut parameters = operation.iter().flat_map(|operation| &operation.parameters);
    let schemes = &api.settings.description.security_schemes;
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
    let address = HeaderValue::try_from(exchange.peer.address.to_string()).map_err(internal)?;
    headers.insert(X_FORWARDED_FOR, address);
    let scheme = if exchange.peer.tls { "https" } else { "http" };
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(scheme));
    headers.insert(X_FORWARDED_HOST, HeaderValue::from_str(&exchange.head.host).map_err(internal)?);
    headers.insert(X_REQUEST_ID, HeaderValue::from_str(&exchange.request_id).map_err(internal)?);
    headers.insert(TRACEPARENT, exchange.trace.traceparent(span_id));
    Ok(())
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
