//! Requests and answers as rules see them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::HeaderMap;
use seclang::request::{Header, Moment, Peers, Request};
use seclang::response::Response;

use crate::exchange::{self, Exchange};

/// The request's head. The line is the one that is forwarded: what has no normal form was refused by the route.
pub(super) fn request(exchange: &Exchange) -> Request {
    let head = &exchange.head;
    let protocol = protocol(exchange.peer.protocol);
    let mut line = Vec::with_capacity(256);
    line.extend_from_slice(head.method.as_str().as_bytes());
    line.push(b' ');
    line.extend_from_slice(exchange.route.path.as_str().as_bytes());
    if let Some(query) = &exchange.route.query {
        line.push(b'?');
        line.extend_from_slice(query.as_bytes());
    }
    line.push(b' ');
    line.extend_from_slice(protocol.as_bytes());
    let mut headers = Vec::with_capacity(head.headers.len() + 2);
    if !head.headers.contains_key(http::header::HOST) {
        headers.push(Header::new(&b"host"[..], Bytes::copy_from_slice(head.host.as_bytes())));
    }
    fields(&head.headers, &mut headers);
    // Hop-by-hop fields are gone by now, and some rules ask how a body was framed.
    let is_framed = head.headers.contains_key(http::header::CONTENT_LENGTH);
    if head.has_body && !is_framed && exchange.peer.protocol == "http/1.1" {
        headers.push(Header::new(&b"transfer-encoding"[..], &b"chunked"[..]));
    }
    let server = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
    Request {
        line: line.into(),
        headers,
        peers: Some(Peers { remote: SocketAddr::new(exchange.peer.address, 0), server }),
        server_name: Bytes::copy_from_slice(head.host.as_bytes()),
        id: Bytes::copy_from_slice(exchange.request_id.as_bytes()),
        user: None,
        received: Moment {
            unix_seconds: i64::try_from(exchange.received_unix_ms / 1000).unwrap_or(i64::MAX),
            offset_minutes: 0,
        },
    }
}

pub(super) fn response(response: &exchange::Response) -> Response {
    let mut headers = Vec::with_capacity(response.headers.len());
    fields(&response.headers, &mut headers);
    Response { status: response.status.as_u16(), protocol: Bytes::from_static(b"HTTP/1.1"), headers }
}

fn fields(map: &HeaderMap, headers: &mut Vec<Header>) {
    for (name, value) in map {
        let name = Bytes::copy_from_slice(name.as_str().as_bytes());
        headers.push(Header::new(name, Bytes::copy_from_slice(value.as_bytes())));
    }
}

/// As a request line of that version writes it.
fn protocol(name: &str) -> &'static str {
    match name {
        "h2" => "HTTP/2.0",
        "http/1.0" => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}
