//! One request and its answer: append-only, fields in the order in which they become known.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use model::{AddressFrom, Caller};
use tape::Tape;

/// The noun of the data plane. Checks read it; only the runner writes it.
pub struct Exchange {
    /// Ours, 26 characters; unique per process start and sortable by time.
    pub request_id: Arc<str>,
    pub trace: TraceContext,
    /// When the head was whole.
    pub received_unix_ms: u64,
    pub received_ns: u64,
    pub peer: Peer,
    pub head: Head,
    pub route: Route,
    /// Set by Identify.
    pub caller: Option<Caller>,
    /// Whom policies see; set where the API's authorization is configured.
    pub subject: Option<Arc<policy::decide::Subject>>,
    /// The objects that the request concerns, with what is known of them.
    pub objects: Vec<policy::Known>,
    /// Sealed ids of the request, opened. The route, the header fields and the body have the service's own in their place.
    pub opened: Vec<OpenedId>,
    /// Whether objects are decided on by the answer itself.
    pub awaits_answer: bool,
    /// How it was decided, as far as it was.
    pub authorization: Option<Box<model::AuthorizationTrace>>,
    /// What rules found, and what they keep for the answer.
    pub inspection: Option<Box<crate::waf::Inspection>>,
    /// Set when something asked for the whole body and it arrived.
    pub body: Option<Body>,
    /// Set when the upstream answered.
    pub response: Option<Response>,
}

impl Exchange {
    /// Whether the answer is still to say of an object whose it is, be there a body or not.
    pub(crate) fn answer_decides(&self) -> bool {
        self.awaits_answer || self.objects.iter().any(|known| known.facts.unconfirmed)
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Whom the request counts under: limits, locks, records, and what the upstream is told all go by this one.
    pub address: IpAddr,
    /// How the address was found, where proxies are trusted.
    pub from: Option<AddressFrom>,
    pub tls: bool,
    /// `http/1.0`, `http/1.1` or `h2`.
    pub protocol: &'static str,
}

pub struct Head {
    pub method: Method,
    pub host: String,
    /// As received, less hop-by-hop fields.
    pub headers: HeaderMap,
    /// Whether a body follows, known from the framing before a byte of it is read. It may yet turn out to be empty.
    pub has_body: bool,
}

/// A sealed id, and what it was sealed from. Neither is for records.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OpenedId {
    /// The resource type.
    pub kind: Arc<str>,
    pub id: Arc<str>,
    pub sealed: Arc<str>,
}

impl std::fmt::Debug for OpenedId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OpenedId").field(&self.kind).finish()
    }
}

/// Where the request goes.
pub struct Route {
    pub api: Arc<str>,
    /// `None` for the synthetic `unmatched` operation.
    pub operation: Option<Arc<openapi::Operation>>,
    /// The normalised path: what is validated is what is forwarded.
    pub path: openapi::NormalPath,
    /// Decoded values of the template's parameters, in the template's order.
    pub path_values: Vec<(Arc<str>, String)>,
    /// Without `?`.
    pub query: Option<String>,
}

/// W3C Trace Context: the incoming trace goes on, or a new one begins.
#[derive(Debug, Clone, Copy)]
pub struct TraceContext {
    pub trace_id: u128,
    /// Our own span.
    pub span_id: u64,
    pub parent_id: Option<u64>,
    pub sampled: bool,
}

/// The whole body, parsed lazily and once.
pub struct Body {
    pub bytes: Bytes,
    limits: tape::Limits,
    tape: OnceLock<Result<Tape, tape::Fault>>,
}

impl Body {
    pub fn new(bytes: Bytes, limits: tape::Limits) -> Self {
        Self { bytes, limits, tape: OnceLock::new() }
    }

    /// The body as JSON; every caller gets the same tape.
    pub fn json(&self) -> Result<&Tape, &tape::Fault> {
        self.tape.get_or_init(|| tape::json::parse(self.bytes.clone(), &self.limits)).as_ref()
    }

    /// Lets go of what [`Body::json`] holds, which may be more than the body itself; it is made again when asked for.
    pub(crate) fn forget_tape(&mut self) {
        self.tape = OnceLock::new();
    }
}

/// The upstream's answer, as far as it is known.
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Option<Body>,
}
