//! One GET of the API with the caller's credential, and its answer read whole.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use net::upstream::{RequestHead, Terms};
use openapi::{ContentType, Match, MediaKind, NormalPath, Operation};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::bindings::IdPlace;

use super::{ANSWER_BYTES_MAX, ANSWERS_BYTES_MAX, Ask, Evidence, Service};
use crate::pipeline::buffers::{Reservation, read_whole};
use crate::pipeline::gather::Gather;
use crate::upstream::ForwardBody;

/// Everything but what RFC 3986 section 2.3 leaves as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why there is no answer that says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no such thing, or not for this caller.
    Absent,
    Unknown(&'static str),
}

impl Fault {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Absent => "the service says that there is nothing of the kind for this caller",
            Self::Unknown(words) => words,
        }
    }
}

/// The calls of one question.
pub(super) struct Calling<'a> {
    evidence: &'a Evidence,
    pub(super) ask: &'a Ask,
    pub(super) sent: u32,
}

impl<'a> Calling<'a> {
    pub(super) fn new(evidence: &'a Evidence, ask: &'a Ask) -> Self {
        Self { evidence, ask, sent: 0 }
    }

    /// With the parameters of the question and `own` ones.
    pub(super) async fn get(&mut self, own: &[(IdPlace, Arc<str>)]) -> Result<Reply, Fault> {
        let values: Vec<(&IdPlace, &str)> =
            self.ask.parameters.iter().chain(own).map(|(place, value)| (place, &**value)).collect();
        let operation = self.ask.what.operation();
        let target = target(&self.ask.service, operation, &values)?;
        self.send(target, &values).await
    }

    /// With another query in place of whatever the question has.
    pub(super) async fn get_query(&mut self, query: &str) -> Result<Reply, Fault> {
        let values: Vec<(&IdPlace, &str)> =
            self.ask.parameters.iter().map(|(place, value)| (place, &**value)).collect();
        let base = target(&self.ask.service, self.ask.what.operation(), &values)?;
        let target = PathAndQuery::try_from(format!("{}?{query}", base.path()))
            .map_err(|_| Fault::Unknown("the link to the next page is not well-formed"))?;
        self.send(target, &values).await
    }

    async fn send(&mut self, target: PathAndQuery, values: &[(&IdPlace, &str)]) -> Result<Reply, Fault> {
        let (evidence, ask) = (self.evidence, self.ask);
        if ask.what.operation().method != "GET" {
            return Err(Fault::Unknown("the operation is no GET"));
        }
        let Some(carried) = &ask.headers else { return Err(Fault::Unknown("the credential cannot be sent")) };
        let calls_max = ask.service.api.authorization_limits.evidence_calls_max;
        if !evidence.budget.take(ask.identity, calls_max, evidence.clock.monotonic_ns()) {
            return Err(Fault::Unknown("the caller's budget of calls is used up"));
        }
        let mut headers = HeaderMap::clone(carried);
        for (place, value) in values {
            if let IdPlace::Header(name) = place {
                let pair = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
                let (Ok(name), Ok(value)) = pair else { return Err(Fault::Absent) };
                headers.insert(name, value);
            }
        }
        let head = RequestHead::new(Method::GET, &[target.as_str()]);
        let mut head = head.map_err(|_| Fault::Unknown("the target is not well-formed"))?;
        for (name, value) in &headers {
            head.put(name, value);
        }
        let place = match &ask.service.gate {
            None => None,
            Some(gate) => {
                let place = gate.enter(ask.importance);
                Some(place.ok_or(Fault::Unknown("the service has as many requests as it may"))?)
            }
        };
        self.sent += 1;
        evidence.counts.calls.fetch_add(1, Ordering::Relaxed);
        let terms = Terms { is_whole: true, may_repeat: true };
        let sent = ask.service.upstream.cluster.send(&head, ForwardBody::Empty, terms).await;
        // Until the head of the answer, like any request.
        drop(place);
        let sent = sent.map_err(|_| Fault::Unknown("the service gave no answer"))?;
        judge(sent.status)?;
        let gather = Gather::new(evidence.buffers.reserve(), ANSWER_BYTES_MAX, ANSWERS_BYTES_MAX);
        let read = read_whole(sent.body, gather).await;
        let (bytes, reservation) = read.map_err(|_| Fault::Unknown("the answer cannot be read whole"))?;
        Ok(Reply { headers: sent.fields.into_table(), bytes, _reservation: reservation })
    }
}

/// What an answer's status says. Whatever the service refuses this caller is, for this caller, not there.
fn judge(status: StatusCode) -> Result<(), Fault> {
    match status.as_u16() {
        200 => Ok(()),
        400 | 401 | 403 | 404 | 410 | 422 => Err(Fault::Absent),
        _ => Err(Fault::Unknown("the service answered with a status that says nothing of the object")),
    }
}

/// The path and query of a call. A value that would lead to another operation, or make another value of itself on the
/// way, names nothing that is there.
fn target(
    service: &Service,
    operation: &Arc<Operation>,
    values: &[(&IdPlace, &str)],
) -> Result<PathAndQuery, Fault> {
    let mut path = String::new();
    let mut rest = &*operation.template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or(Fault::Unknown("the path's template is odd"))?;
        let found =
            values.iter().find(|(place, _)| matches!(place, IdPlace::Path(known) if **known == *name));
        let (_, value) = found.ok_or(Fault::Unknown("a parameter of the path has no value"))?;
        path.push_str(before);
        path.extend(utf8_percent_encode(value, ESCAPED));
        rest = after;
    }
    path.push_str(rest);
    let normal = NormalPath::new(&path).map_err(|_| Fault::Absent)?;
    let Match::Operation { operation: found, values: read } =
        service.api.description.router().find("GET", &normal)
    else {
        return Err(Fault::Absent);
    };
    let is_same = |(name, value): &(Arc<str>, String)| {
        values.iter().any(|(place, wanted)| {
            matches!(place, IdPlace::Path(known) if known == name) && **wanted == **value
        })
    };
    if !Arc::ptr_eq(found, operation) || !read.iter().all(is_same) {
        return Err(Fault::Absent);
    }
    let mut text = format!("{}{}", service.upstream.base_path, normal.as_str());
    let mut separator = '?';
    for (place, value) in values {
        let IdPlace::Query(name) = place else { continue };
        text.push(separator);
        text.extend(utf8_percent_encode(name, ESCAPED));
        text.push('=');
        text.extend(utf8_percent_encode(value, ESCAPED));
        separator = '&';
    }
    PathAndQuery::try_from(text).map_err(|_| Fault::Unknown("the path of the call is not well-formed"))
}

/// An answer with status 200.
pub(super) struct Reply {
    pub(super) headers: HeaderMap,
    bytes: Bytes,
    _reservation: Reservation,
}

impl Reply {
    /// The body as JSON in UTF-8, or why it cannot be read.
    pub(super) fn json(&self, limits: &tape::Limits) -> Result<tape::Tape, &'static str> {
        if self.headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err("the answer is encoded");
        }
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type =
            content_type.and_then(ContentType::parse).ok_or("the answer has no readable media type")?;
        let charset = content_type.parameter("charset");
        if content_type.kind() != MediaKind::Json
            || charset.is_some_and(|charset| !charset.eq_ignore_ascii_case("utf-8"))
        {
            return Err("the answer is not JSON in UTF-8");
        }
        tape::json::parse(self.bytes.clone(), limits).map_err(|_| "the answer is not well-formed JSON")
    }

    pub(super) fn etag(&self) -> Option<HeaderValue> {
        self.headers.get(ETAG).cloned()
    }
}
