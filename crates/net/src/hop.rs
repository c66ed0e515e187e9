//! Header fields that belong to one connection and never travel on (RFC 9110 section 7.6.1).

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Fields that a `Connection` header may not name: without them the message means something else.
const ESSENTIAL: &[&str] = &[
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "origin",
    "range",
    "set-cookie",
    "traceparent",
    "tracestate",
    "www-authenticate",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];

/// Whether a field of this name, in lower case, is not passed on as it is: it is of the hop or of the framing.
pub(crate) fn stays(name: &[u8]) -> bool {
    match name.first() {
        Some(b'c') => matches!(name, b"connection" | b"content-length"),
        Some(b'e') => name == b"expect",
        Some(b't') => matches!(name, b"te" | b"trailer" | b"transfer-encoding"),
        Some(b'u') => name == b"upgrade",
        Some(b'p') => name.starts_with(b"proxy-"),
        Some(b'k') => name == b"keep-alive",
        Some(b'h') => name == b"http2-settings",
        _ => false,
    }
}

/// Removes `Connection` and the fields it names, `Keep-Alive`, `Proxy-*`, `TE`, `Trailer`, `Transfer-Encoding`,
/// `Upgrade` and `HTTP2-Settings`. A field that must reach the other end stays, whatever `Connection` says: a request
/// that tries is refused before, so this is about an upstream's answer.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if !headers.keys().any(is_hop) {
        return;
    }
    if headers.contains_key(header::CONNECTION) {
        let named: Vec<HeaderName> = names(headers)
            .filter(|name| !is_essential(name))
            .filter_map(|name| HeaderName::from_bytes(name).ok())
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    let hop: Vec<HeaderName> = headers.keys().filter(|name| is_hop(name)).cloned().collect();
    for name in hop {
        headers.remove(name);
    }
}

/// Whether `Connection` names a field that is not its to name.
pub(crate) fn names_an_essential(headers: &HeaderMap) -> bool {
    names(headers).any(is_essential)
}

/// Whether a list of `Connection` options holds this one.
pub(crate) fn has_option(headers: &HeaderMap, option: &str) -> bool {
    is_option(headers.get_all(header::CONNECTION).into_iter().map(HeaderValue::as_bytes), option)
}

/// Whether one of these values of `Connection` holds this option.
pub(crate) fn is_option<'v>(mut values: impl Iterator<Item = &'v [u8]>, option: &str) -> bool {
    values.any(|value| options(value).any(|name| name.eq_ignore_ascii_case(option.as_bytes())))
}

/// Whether a field belongs to this hop by its name.
pub(crate) fn is_hop(name: &HeaderName) -> bool {
    let text = name.as_str();
    match text.as_bytes().first() {
        Some(b'c') => *name == header::CONNECTION,
        Some(b't') => *name == header::TE || *name == header::TRAILER || *name == header::TRANSFER_ENCODING,
        Some(b'u') => *name == header::UPGRADE,
        Some(b'p') => text.starts_with("proxy-"),
        Some(b'k') => text == "keep-alive",
        Some(b'h') => text == "http2-settings",
        _ => false,
    }
}

fn names(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::CONNECTION).into_iter().flat_map(|value| options(value.as_bytes()))
}

fn options(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|name| !name.is_empty())
}

fn is_essential(name: &[u8]) -> bool {
    ESSENTIAL.iter().any(|essential| name.eq_ignore_ascii_case(essential.as_bytes()))
}

#[cfg(test)]
mod tests;
