//! What a listener accepts before it says no.

use std::time::Duration;

/// Limits of one listener. Sizes in bytes, counts per connection or per listener as said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Request line and header fields with their line ends; for HTTP/2 the header list (RFC 9113 section 6.5.2).
    pub head_bytes_max: usize,
    /// Header fields of a request.
    pub headers_max: usize,
    /// The request target as sent.
    pub target_bytes_max: usize,
    /// Connections at a time, of the listener when it has its own [`crate::Places`]; further ones wait in the kernel's
    /// backlog.
    pub connections_max: usize,
    /// Connections at a time from one IPv4 address or IPv6 /64, trusted proxies aside; further ones are closed.
    pub connections_per_address_max: usize,
    /// From the first byte of a head to its last; the TLS handshake has as long.
    pub head: Duration,
    /// Between two requests of a connection, and for a client that takes no byte of its answer. Time spent waiting for
    /// the client beyond this must be covered by `answer_rate_min`.
    pub idle: Duration,
    /// Between two pieces of a request body. Time spent waiting beyond this must be covered by `body_rate_min`.
    pub body: Duration,
    /// Bytes a second of a request body, while it is waited for.
    pub body_rate_min: u64,
    /// Bytes a second that a client takes of an answer, while it is waited for.
    pub answer_rate_min: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes_max: 32 << 10,
            headers_max: 100,
            target_bytes_max: 8 << 10,
            connections_max: 10_000,
            connections_per_address_max: 256,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            body: Duration::from_secs(15),
            body_rate_min: 1 << 10,
            answer_rate_min: 1 << 10,
        }
    }
}
