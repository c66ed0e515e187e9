//! The largest of everything, and how long each phase may take.

use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    pub head_bytes_max: usize,
    pub headers_max: usize,
    pub target_bytes_max: usize,
    pub body_bytes_max: usize,
    pub json_depth_max: u32,
    pub json_values_max: u32,
    /// Of bodies that are held whole, or are on their way to be, and of heads that are not whole, in the process as a
    /// whole. What a connection reads into between messages (16 KiB at most), and what is made of a body while checks look
    /// at it, is not counted.
    pub buffered_bytes_max: usize,
    /// Of all listeners together.
    pub connections_max: usize,
    /// From one IPv4 address or IPv6 /64, trusted proxies aside.
    pub connections_per_address_max: usize,
    /// Open at a time, of one principal, else of one client, else from one address.
    pub websockets_per_caller_max: usize,
    /// Bytes a second of a request's body, over the time spent waiting for it beyond `timeouts.body`.
    pub body_rate_min: u64,
    /// Bytes a second that a caller takes of an answer, over the time spent waiting for it beyond `timeouts.idle`.
    pub answer_rate_min: u64,
    pub limit_keys_max: usize,
    pub tokens_cached_max: usize,
    /// Objects that are being changed, or waited for, at a time.
    pub locks_max: usize,
    /// Answers of services that say something of objects, held for seconds; as many lists besides.
    pub evidence_cached_max: usize,
    /// Objects of which it is remembered who made them.
    pub learned_max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    pub head: Duration,
    /// Between two pieces of a request body.
    pub body: Duration,
    pub idle: Duration,
    pub upstream_connect: Duration,
    pub upstream_head: Duration,
    /// Between two pieces of a response body.
    pub upstream_body: Duration,
    pub question: Duration,
    pub drain: Duration,
}

impl Sizes {
    /// What a listener holds its connections to.
    pub fn of_connections(&self, timeouts: &Timeouts) -> net::Limits {
        net::Limits {
            head_bytes_max: self.head_bytes_max,
            headers_max: self.headers_max,
            target_bytes_max: self.target_bytes_max,
            connections_max: self.connections_max,
            connections_per_address_max: self.connections_per_address_max,
            head: timeouts.head,
            idle: timeouts.idle,
            body: timeouts.body,
            body_rate_min: self.body_rate_min,
            answer_rate_min: self.answer_rate_min,
        }
    }
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            head_bytes_max: 32 << 10,
            headers_max: 100,
            target_bytes_max: 8 << 10,
            body_bytes_max: 1 << 20,
            json_depth_max: 64,
            json_values_max: 100_000,
            buffered_bytes_max: 256 << 20,
            connections_max: 10_000,
            connections_per_address_max: 256,
            websockets_per_caller_max: 100,
            body_rate_min: 1 << 10,
            answer_rate_min: 1 << 10,
            limit_keys_max: 100_000,
            tokens_cached_max: 10_000,
            locks_max: 100_000,
            evidence_cached_max: 50_000,
            learned_max: 1_000_000,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(15),
            idle: Duration::from_secs(60),
            upstream_connect: Duration::from_secs(5),
            upstream_head: Duration::from_secs(30),
            upstream_body: Duration::from_secs(30),
            question: Duration::from_secs(3),
            drain: Duration::from_secs(30),
        }
    }
}
