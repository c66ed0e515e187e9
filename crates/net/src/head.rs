//! Request heads of HTTP/1: found, cut out, and either well-formed in every respect or refused (RFC 9112).

mod fault;
mod framing;
mod host;
mod scan;

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Version, header};

use crate::Limits;
use crate::chunked::Decoder;
use crate::hop;

pub use fault::HeadFault;
pub(crate) use framing::{length_of, length_of_values, response_body};
pub(crate) use host::{agrees, is_well_formed};
pub(crate) use scan::Scan;

/// A head that may be acted upon.
#[derive(Debug)]
pub(crate) struct Head {
    /// Origin form or `*`; headers as received.
    pub request: Request<()>,
    pub body: Decoder,
    /// The client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
    pub keep_alive: bool,
}

/// Reads one whole head (up to and with its empty line). `lines` is how many lines it has before the empty one.
pub(crate) fn parse(raw: &Bytes, lines: usize, limits: &Limits) -> Result<Head, HeadFault> {
    check_version(raw)?;
    let mut room = Room::for_lines(lines);
    let mut parsed = httparse::Request::new(&mut []);
    match parsed.parse_with_uninit_headers(raw, room.fields(lines)) {
        Ok(httparse::Status::Complete(length)) if length == raw.len() => {}
        _ => return Err(HeadFault::Syntax),
    }
    let (Some(method), Some(target), Some(minor)) = (parsed.method, parsed.path, parsed.version) else {
        return Err(HeadFault::Syntax);
    };
    if target.len() > limits.target_bytes_max {
        return Err(HeadFault::TargetTooLong);
    }
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| HeadFault::Syntax)?;
    if method == Method::CONNECT {
        return Err(HeadFault::Connect);
    }
    let (headers, telling) = collect(raw, parsed.headers)?;
    if headers.len() > limits.headers_max {
        return Err(HeadFault::HeadersTooMany);
    }
    let version = if minor == 0 { Version::HTTP_10 } else { Version::HTTP_11 };
    let body = if telling.framing { framing::request_body(&headers, version)? } else { Decoder::Done };
    let host = host::of(&headers)?;
    let uri = read_target(raw, target, &method, host)?;
    if telling.connection {
        check_connection(&headers)?;
    }
    let expects_continue = telling.expect && read_expectation(&headers)?;
    let keep_alive = match version {
        Version::HTTP_10 => hop::has_option(&headers, "keep-alive") && !hop::has_option(&headers, "close"),
        _ => !telling.connection || !hop::has_option(&headers, "close"),
    };
    let expects_continue = expects_continue && version == Version::HTTP_11 && !body.is_done();
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.version_mut() = version;
    *request.headers_mut() = headers;
    Ok(Head { request, body, expects_continue, keep_alive })
}

/// Fields that need no memory but the stack's.
const FIELDS_ON_STACK: usize = 64;

type Slot<'b> = MaybeUninit<httparse::Header<'b>>;

/// Room for as many fields as a head has lines. Made where it stays: to move it would be to copy all of it.
pub(crate) struct Room<'b> {
    few: [Slot<'b>; FIELDS_ON_STACK],
    many: Vec<Slot<'b>>,
}

impl<'b> Room<'b> {
    pub(crate) fn for_lines(lines: usize) -> Self {
        let many = if lines > FIELDS_ON_STACK { lines } else { 0 };
        Self {
            few: [const { MaybeUninit::uninit() }; FIELDS_ON_STACK],
            many: vec![MaybeUninit::uninit(); many],
        }
    }

    pub(crate) fn fields(&mut self, lines: usize) -> &mut [Slot<'b>] {
        self.few.get_mut(..lines).unwrap_or(&mut self.many)
    }
}

/// A request line that is well-formed but for a version that is not ours is told so (RFC 9110 section 15.6.6).
fn check_version(raw: &[u8]) -> Result<(), HeadFault> {
    let line = raw.get(..memchr::memchr(b'\r', raw).unwrap_or(raw.len())).unwrap_or_default();
    let Some((words, version)) = line.split_last_chunk::<8>() else { return Err(HeadFault::Syntax) };
    let spaces = words.iter().filter(|byte| **byte == b' ').count();
    if spaces != 2 || words.last() != Some(&b' ') {
        return Err(HeadFault::Syntax);
    }
    match version {
        b"HTTP/1.1" | b"HTTP/1.0" => Ok(()),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Err(HeadFault::Version)
        }
        _ => Err(HeadFault::Syntax),
    }
}

/// Which of the fields that say something of the message itself are there. Most heads have few of them, and a head
/// without them is not searched for each.
#[derive(Debug, Default, Clone, Copy)]
struct Telling {
    /// `Transfer-Encoding`, `Content-Length`.
    framing: bool,
    /// `Connection`, `Upgrade`, `HTTP2-Settings`.
    connection: bool,
    expect: bool,
}

impl Telling {
    fn note(&mut self, name: &HeaderName) {
        match name.as_str().as_bytes().first() {
            Some(b'c') => {
                self.framing |= *name == header::CONTENT_LENGTH;
                self.connection |= *name == header::CONNECTION;
            }
            Some(b't') => self.framing |= *name == header::TRANSFER_ENCODING,
            Some(b'u') => self.connection |= *name == header::UPGRADE,
            Some(b'h') => self.connection |= name.as_str() == "http2-settings",
            Some(b'e') => self.expect |= *name == header::EXPECT,
            _ => {}
        }
    }
}

fn collect(raw: &Bytes, fields: &[httparse::Header<'_>]) -> Result<(HeaderMap, Telling), HeadFault> {
    let mut headers = HeaderMap::with_capacity(fields.len());
    let mut telling = Telling::default();
    for field in fields {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| HeadFault::Syntax)?;
        // `slice_ref` of an empty slice would look for its address in vain.
        let bytes = if field.value.is_empty() { Bytes::new() } else { raw.slice_ref(field.value) };
        let value = HeaderValue::from_maybe_shared(bytes).map_err(|_| HeadFault::Syntax)?;
        telling.note(&name);
        headers.try_append(name, value).map_err(|_| HeadFault::HeadersTooMany)?;
    }
    Ok((headers, telling))
}

/// Origin form, absolute form that agrees with Host, or `*` with OPTIONS (RFC 9112 section 3.2).
fn read_target(raw: &Bytes, target: &str, method: &Method, host: &str) -> Result<Uri, HeadFault> {
    if target.bytes().any(|byte| !(0x21..=0x7e).contains(&byte) || byte == b'#') {
        return Err(HeadFault::Target);
    }
    if target.starts_with('/') {
        return path_and_query(raw.slice_ref(target.as_bytes()));
    }
    if target == "*" && method == Method::OPTIONS {
        return Ok(Uri::from_static("*"));
    }
    let rest = strip_scheme(target).ok_or(HeadFault::Target)?;
    let (authority, path) =
        rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len())).ok_or(HeadFault::Target)?;
    if !host::is_well_formed(authority) || !host::agrees(authority, host) {
        return Err(HeadFault::HostMismatch);
    }
    match path {
        "" if method == Method::OPTIONS => Ok(Uri::from_static("*")),
        "" => Ok(Uri::from_static("/")),
        path if path.starts_with('?') => path_and_query(Bytes::from(format!("/{path}"))),
        path => path_and_query(raw.slice_ref(path.as_bytes())),
    }
}

fn strip_scheme(target: &str) -> Option<&str> {
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let (front, rest) = target.split_at_checked(scheme.len())?;
        front.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

fn path_and_query(text: Bytes) -> Result<Uri, HeadFault> {
    let target = PathAndQuery::from_maybe_shared(text.clone()).map_err(|_| HeadFault::Target)?;
    // What is parsed must be what was sent: nothing dropped, nothing repaired.
    if target.as_str().as_bytes() == text { Ok(Uri::from(target)) } else { Err(HeadFault::Target) }
}

fn check_connection(headers: &HeaderMap) -> Result<(), HeadFault> {
    if hop::names_an_essential(headers) {
        return Err(HeadFault::ConnectionNames);
    }
    let h2c = headers.get_all(header::UPGRADE).into_iter().any(|value| {
        value
            .as_bytes()
            .split(|byte| *byte == b',')
            .any(|protocol| protocol.trim_ascii().eq_ignore_ascii_case(b"h2c"))
    });
    if h2c || headers.contains_key("http2-settings") { Err(HeadFault::Upgrade) } else { Ok(()) }
}

fn read_expectation(headers: &HeaderMap) -> Result<bool, HeadFault> {
    let mut values = headers.get_all(header::EXPECT).into_iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(false),
        (Some(value), None) if value.as_bytes().eq_ignore_ascii_case(b"100-continue") => Ok(true),
        _ => Err(HeadFault::Expectation),
    }
}

#[cfg(test)]
mod tests;
