//! A response as it was received.

use bytes::Bytes;

use crate::request::Header;

/// Everything about a response but its body.
#[derive(Debug, Clone, Default)]
pub struct Response {
    pub status: u16,
    /// As in a status line: `HTTP/1.1`.
    pub protocol: Bytes,
    /// In the order of arrival, with duplicates.
    pub headers: Vec<Header>,
}

impl Response {
    /// The media type of the body as the server wrote it, parameters included; empty when it did not say.
    pub fn content_type(&self) -> &[u8] {
        crate::request::values(&self.headers, "content-type").next().map_or(b"", |value| value)
    }
}
