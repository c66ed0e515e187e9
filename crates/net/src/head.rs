//! Request heads of HTTP/1: found, cut out, and either well-formed in every respect or refused (RFC 9112).

mod block;
mod fault;
mod framing;
mod host;
mod line;
mod scan;

use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Version, header};

use crate::Limits;
use crate::chunked::Decoder;
use crate::hop;
use crate::tables;
use crate::upstream::Scheme;

pub(crate) use block::is_value;
pub use fault::HeadFault;
pub(crate) use framing::{length_of, length_of_values, response_body};
pub(crate) use host::{agrees, is_well_formed};
pub(crate) use line::{Lines, field, is, trim};
pub(crate) use scan::Scan;

/// A head that may be acted upon.
#[derive(Debug)]
pub(crate) struct Head {
    /// Origin form or `*`; headers as received.
    pub request: Request<()>,
    /// What a target in absolute form says.
    pub scheme: Option<Scheme>,
    pub body: Decoder,
    /// The client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
    pub keep_alive: bool,
}

/// Reads one whole head, as [`Scan`] has found it: up to and with its empty line. `lines` is how many it has before that.
pub(crate) fn parse(raw: &Bytes, lines: usize, limits: &Limits) -> Result<Head, HeadFault> {
    let mut rest = Lines::of(raw);
    let RequestLine { method, target, version } = request_line(rest.next().unwrap_or_default())?;
    if target.len() > limits.target_bytes_max {
        return Err(HeadFault::TargetTooLong);
    }
    if method == Method::CONNECT {
        return Err(HeadFault::Connect);
    }
    let (headers, telling) = collect(raw, rest, lines)?;
    if headers.len() > limits.headers_max {
        return Err(HeadFault::HeadersTooMany);
    }
    let body = if telling.framing { framing::request_body(&headers, version)? } else { Decoder::Done };
    let host = host::of(telling.hosts, telling.host)?;
    let (uri, scheme) = read_target(raw, target, &method, host)?;
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
    Ok(Head { request, scheme, body, expects_continue, keep_alive })
}

struct RequestLine<'h> {
    method: Method,
    target: &'h [u8],
    version: Version,
}

/// Three words with one space between them (RFC 9112 section 3). A line that is well-formed but for a version that is not
/// ours is told so (RFC 9110 section 15.6.6).
fn request_line(line: &[u8]) -> Result<RequestLine<'_>, HeadFault> {
    let (words, version) = line.split_last_chunk::<8>().ok_or(HeadFault::Syntax)?;
    let words = words.strip_suffix(b" ").ok_or(HeadFault::Syntax)?;
    let space = words.iter().position(|byte| *byte == b' ').ok_or(HeadFault::Syntax)?;
    let (method, target) = words.split_at_checked(space).ok_or(HeadFault::Syntax)?;
    let target = target.get(1..).unwrap_or_default();
    // Looks at all bytes: that goes by many at a time.
    let odd = |found, byte: &u8| found | (*byte <= b' ') | (*byte == 0x7f);
    if target.is_empty() || target.iter().fold(false, odd) {
        return Err(HeadFault::Syntax);
    }
    let version = match version {
        b"HTTP/1.1" => Version::HTTP_11,
        b"HTTP/1.0" => Version::HTTP_10,
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            return Err(HeadFault::Version);
        }
        _ => return Err(HeadFault::Syntax),
    };
    let method = Method::from_bytes(method).map_err(|_| HeadFault::Syntax)?;
    Ok(RequestLine { method, target, version })
}

/// Which of the fields that say something of the message itself are there. Most heads have few of them, and a head
/// without them is not searched for each.
#[derive(Debug, Default, Clone, Copy)]
struct Telling<'h> {
    /// The first `Host`, and how many there are.
    host: &'h [u8],
    hosts: usize,
    /// `Transfer-Encoding`, `Content-Length`.
    framing: bool,
    /// `Connection`, `Upgrade`, `HTTP2-Settings`.
    connection: bool,
    expect: bool,
}

impl<'h> Telling<'h> {
    fn note(&mut self, name: &HeaderName, value: &'h [u8]) {
        match name.as_str().as_bytes().first() {
            Some(b'c') => {
                self.framing |= *name == header::CONTENT_LENGTH;
                self.connection |= *name == header::CONNECTION;
            }
            Some(b't') => self.framing |= *name == header::TRANSFER_ENCODING,
            Some(b'u') => self.connection |= *name == header::UPGRADE,
            Some(b'h') if *name == header::HOST => {
                if self.hosts == 0 {
                    self.host = value;
                }
                self.hosts += 1;
            }
            Some(b'h') => self.connection |= name.as_str() == "http2-settings",
            Some(b'e') => self.expect |= *name == header::EXPECT,
            _ => {}
        }
    }
}

fn collect<'h>(
    raw: &'h Bytes,
    mut fields: Lines<'h>,
    lines: usize,
) -> Result<(HeaderMap, Telling<'h>), HeadFault> {
    // One of the lines is the request's own.
    let mut headers = tables::take(lines.saturating_sub(1));
    let mut telling = Telling::default();
    for line in fields.by_ref() {
        let (name, value) = field(line).ok_or(HeadFault::Syntax)?;
        let name = HeaderName::from_bytes(name).map_err(|_| HeadFault::Syntax)?;
        telling.note(&name, value);
        // `slice_ref` of an empty slice would look for its address in vain.
        let bytes = if value.is_empty() { Bytes::new() } else { raw.slice_ref(value) };
        let value = HeaderValue::from_maybe_shared(bytes).map_err(|_| HeadFault::Syntax)?;
        headers.try_append(name, value).map_err(|_| HeadFault::HeadersTooMany)?;
    }
    if fields.is_over() { Ok((headers, telling)) } else { Err(HeadFault::Syntax) }
}

/// Origin form, absolute form that agrees with Host, or `*` with OPTIONS (RFC 9112 section 3.2).
fn read_target(
    raw: &Bytes,
    target: &[u8],
    method: &Method,
    host: &[u8],
) -> Result<(Uri, Option<Scheme>), HeadFault> {
    if target.iter().fold(false, |found, byte| found | (*byte > 0x7e) | (*byte == b'#')) {
        return Err(HeadFault::Target);
    }
    if target.first() == Some(&b'/') {
        return path_and_query(raw.slice_ref(target), target).map(|uri| (uri, None));
    }
    if target == b"*" && method == Method::OPTIONS {
        return Ok((Uri::from_static("*"), None));
    }
    let target = std::str::from_utf8(target).map_err(|_| HeadFault::Target)?;
    let (scheme, rest) = split_scheme(target).ok_or(HeadFault::Target)?;
    let (authority, path) =
        rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len())).ok_or(HeadFault::Target)?;
    if !host::is_well_formed(authority.as_bytes()) || !host::agrees(authority.as_bytes(), host) {
        return Err(HeadFault::HostMismatch);
    }
    let uri = match path {
        "" if method == Method::OPTIONS => Uri::from_static("*"),
        "" => Uri::from_static("/"),
        path if path.starts_with('?') => {
            let path = format!("/{path}");
            path_and_query(Bytes::copy_from_slice(path.as_bytes()), path.as_bytes())?
        }
        path => path_and_query(raw.slice_ref(path.as_bytes()), path.as_bytes())?,
    };
    Ok((uri, Some(scheme)))
}

fn split_scheme(target: &str) -> Option<(Scheme, &str)> {
    let (word, rest) = target.split_once("://")?;
    scheme(word).map(|scheme| (scheme, rest))
}

/// The schemes that are served; letter case does not count (RFC 9110 section 4.2.3).
pub(crate) fn scheme(word: &str) -> Option<Scheme> {
    match () {
        () if word.eq_ignore_ascii_case("http") => Some(Scheme::Http),
        () if word.eq_ignore_ascii_case("https") => Some(Scheme::Https),
        () => None,
    }
}

fn path_and_query(bytes: Bytes, text: &[u8]) -> Result<Uri, HeadFault> {
    let target = PathAndQuery::from_maybe_shared(bytes).map_err(|_| HeadFault::Target)?;
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

/// Whether the client waits for `100 Continue`; there is nothing else that it may expect (RFC 9110 section 10.1.1).
pub(crate) fn read_expectation(headers: &HeaderMap) -> Result<bool, HeadFault> {
    let mut values = headers.get_all(header::EXPECT).into_iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(false),
        (Some(value), None) if value.as_bytes().eq_ignore_ascii_case(b"100-continue") => Ok(true),
        _ => Err(HeadFault::Expectation),
    }
}

#[cfg(test)]
mod tests;
