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
    /// Connections of the listener at a time; further ones wait in the kernel's backlog.
    pub connections_max: usize,
    /// From the first byte of a head to its last; the TLS handshake has as long.
    pub head: Duration,
    /// Between two requests of a connection, and for a client that takes no byte of its answer. Time spent waiting for
    /// the client beyond this must be covered by 1 KiB a second.
    pub idle: Duration,
    /// Between two pieces of a request body. Time spent waiting beyond this must be covered by 1 KiB a second.
    pub body: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes_max: 32 << 10,
            headers_max: 100,
            target_bytes_max: 8 << 10,
            connections_max: 10_000,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            body: Duration::from_secs(15),
        }
    }
}
