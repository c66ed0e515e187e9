//! Header fields that never pass: of the connection, of the gateway itself, and those that backends trust.

use http::HeaderMap;
use http::header::{self, HeaderName};

use crate::trace::TRACEPARENT;

/// Fields by which backends and other gateways are told who the caller is, or are made to see another request. From
/// outside they are forgeries, whatever the description declares. Names ending in `*` are prefixes.
pub const NEVER_FROM_OUTSIDE: &[&str] = &[
    "bartizan-*",
    "client-ip",
    "forwarded",
    "remote-groups",
    "remote-user",
    "ssl-client-*",
    "true-client-ip",
    "x-amzn-oidc-*",
    "x-auth-request-*",
    "x-authenticated-*",
    "x-client-cert*",
    "x-client-dn",
    "x-client-id",
    "x-client-ip",
    "x-client-verify",
    "x-cluster-client-ip",
    "x-consumer-*",
    "x-credential-*",
    "x-envoy-*",
    "x-forwarded-*",
    "x-goog-authenticated-*",
    "x-host",
    "x-http-method",
    "x-http-method-override",
    "x-jwt-*",
    "x-method-override",
    "x-ms-client-principal*",
    "x-original-*",
    "x-real-ip",
    "x-remote-*",
    "x-request-id",
    "x-rewrite-url",
    "x-ssl-client-*",
    "x-token-*",
    "x-user*",
    "x-webauth-*",
];

/// Whether a field of the incoming request may be forwarded as it is. `is_declared` says whether the description knows
/// a name; it is asked about names with `_` only.
///
/// Some servers take `_` for `-` (RFC 3875 section 4.1.18), so that two names become one and `Content_Length` a length:
/// names with `_` do not pass, unless they are declared and stand for nothing that does not pass itself.
pub(crate) fn passes(
    name: &HeaderName,
    forward_credential: bool,
    is_declared: impl FnOnce(&str) -> bool,
) -> bool {
    let text = name.as_str();
    if !text.contains('_') {
        return passes_as_it_is(name, forward_credential);
    }
    let hyphenated = text.replace('_', "-");
    let is_of_the_hop =
        matches!(hyphenated.as_str(), "keep-alive" | "http2-settings") || hyphenated.starts_with("proxy-");
    !is_of_the_hop
        && HeaderName::from_bytes(hyphenated.as_bytes()).is_ok_and(|name| passes_as_it_is(&name, false))
        && is_declared(text)
}

fn passes_as_it_is(name: &HeaderName, forward_credential: bool) -> bool {
    // Known names compare as integers, so the common ones are decided first.
    if *name == header::AUTHORIZATION {
        return forward_credential;
    }
    if *name == header::HOST
        || *name == header::CONTENT_LENGTH
        || *name == header::TRANSFER_ENCODING
        || *name == header::EXPECT
        || *name == header::FORWARDED
    {
        return false;
    }
    let name = name.as_str();
    match name.as_bytes().first() {
        Some(b'x' | b'b' | b'r' | b's' | b'c' | b't') => {
            name != "traceparent" && name != "tracestate" && !is_forgeable(name)
        }
        _ => true,
    }
}

/// Whether only we may say this field, whatever a check has set.
pub(super) fn is_ours(name: &HeaderName) -> bool {
    *name == TRACEPARENT || is_forgeable(name.as_str())
}

fn is_forgeable(name: &str) -> bool {
    // The list is in order, so that those with the same first letter stand together.
    let first = |name: &str| name.as_bytes().first().copied();
    let begin = NEVER_FROM_OUTSIDE.partition_point(|listed| first(listed) < first(name));
    let mut alike = NEVER_FROM_OUTSIDE.iter().skip(begin).take_while(|listed| first(listed) == first(name));
    alike.any(|listed| match listed.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *listed,
    })
}

/// Fields of an answer that tell an attacker what runs behind the gateway, and the one that only we may say.
static NOT_RELAYED: [HeaderName; 9] = [
    header::SERVER,
    HeaderName::from_static("x-powered-by"),
    HeaderName::from_static("x-aspnet-version"),
    HeaderName::from_static("x-aspnetmvc-version"),
    HeaderName::from_static("x-generator"),
    HeaderName::from_static("x-debug-token"),
    HeaderName::from_static("x-debug-token-link"),
    HeaderName::from_static("x-backend-server"),
    HeaderName::from_static("x-request-id"),
];

/// Whether a field of an answer is not for callers. The name is in lower case.
pub(crate) fn is_not_relayed(name: &[u8]) -> bool {
    matches!(name.first(), Some(b's' | b'x'))
        && NOT_RELAYED.iter().any(|listed| listed.as_str().as_bytes() == name)
}

/// Whether a field of an answer says what caches may do with it: all of them, some (RFC 9213 section 2, and what came
/// before it), or until when. The name is in lower case.
pub(crate) fn is_for_caches(name: &[u8]) -> bool {
    matches!(name, b"cache-control" | b"surrogate-control" | b"x-accel-expires" | b"expires")
        || name.ends_with(b"-cache-control")
}

/// Removes what belongs to the upstream's connection, and what is not for callers.
pub(crate) fn strip_response(headers: &mut HeaderMap) {
    net::strip_hop_by_hop(headers);
    // Answers have few fields and seldom one of these: a look at each is cheaper than a search for all.
    let is_told = |name: &&HeaderName| is_not_relayed(name.as_str().as_bytes());
    let found: Vec<HeaderName> = headers.keys().filter(is_told).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}
