//! Headers that a description need not declare.

/// Undeclared headers with these names are passed on: they belong to HTTP, to tracing or to authentication, not to the
/// API. In lower case.
///
/// Not among them, on purpose: `forwarded` and `x-forwarded-*`, which say who the caller is and are written anew.
pub const STANDARD_HEADERS: &[&str] = &[
    "authorization",
    "baggage",
    "cache-control",
    "connection",
    "cookie",
    "date",
    "dnt",
    "expect",
    "from",
    "host",
    "idempotency-key",
    "keep-alive",
    "max-forwards",
    "origin",
    "pragma",
    "prefer",
    "priority",
    "range",
    "referer",
    "save-data",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "want-content-digest",
    "want-repr-digest",
];

/// Undeclared headers whose names begin so are passed on too: `Accept-Language`, `Content-Type`, `If-None-Match`,
/// `Sec-Fetch-Site`. In lower case.
pub const STANDARD_HEADER_PREFIXES: &[&str] = &["accept", "content-", "if-", "sec-"];

pub(super) fn is_standard(name_lower: &str) -> bool {
    STANDARD_HEADER_PREFIXES.iter().any(|prefix| name_lower.starts_with(prefix))
        || STANDARD_HEADERS.contains(&name_lower)
}
