//! A request as it was received.

use std::net::SocketAddr;

use bytes::Bytes;

/// One header field: the name as it was written, the value without white space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub name: Bytes,
    pub value: Bytes,
}

impl Header {
    pub fn new(name: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// Everything about a request but its body.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The request line as received, without the line's end. Where there is none (HTTP/2), the line that HTTP/1.1
    /// would have sent with the protocol that was spoken: `GET /orders?id=1 HTTP/2.0`.
    pub line: Bytes,
    /// In the order of arrival, with duplicates.
    pub headers: Vec<Header>,
    pub peers: Option<Peers>,
    /// The name of the site that answers.
    pub server_name: Bytes,
    /// Unique among requests, printable.
    pub id: Bytes,
    /// Who the caller is, where that was proved.
    pub user: Option<Bytes>,
    pub received: Moment,
}

/// The two ends of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peers {
    pub remote: SocketAddr,
    pub server: SocketAddr,
}

/// When a request arrived, and the clock of its place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Since 1970, UTC.
    pub unix_seconds: i64,
    /// East of Greenwich.
    pub offset_minutes: i16,
}

impl Request {
    /// The values of a header, in the order of arrival; `name` in any case.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Bytes> {
        values(&self.headers, name)
    }
}

/// The values of the fields of this name, in order.
pub(crate) fn values<'a>(headers: &'a [Header], name: &'a str) -> impl Iterator<Item = &'a Bytes> {
    headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name.as_bytes()))
        .map(|header| &header.value)
}
