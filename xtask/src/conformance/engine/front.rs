//! What the gateway's door does with a request before any rule sees it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use seclang::request::{Moment, Peers, Request};

/// A request as rules see it, or the status and the words with which the door refuses it.
pub fn enter(sent: &[u8]) -> Result<(Request, Bytes), (u16, String)> {
    net::fuzzing::first(sent)?;
    past_the_door(sent).ok_or((400, "there is no request".to_owned()))
}

/// A request that no door has looked at.
pub fn past_the_door(sent: &[u8]) -> Option<(Request, Bytes)> {
    let (mut request, body) = seclang::wire::read(&Bytes::copy_from_slice(sent))?;
    let local = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    request.peers = Some(Peers { remote: local(40_000), server: local(80) });
    request.server_name = Bytes::from_static(b"localhost");
    request.id = Bytes::from_static(b"conformance");
    request.received = Moment { unix_seconds: 1_735_689_600, offset_minutes: 0 };
    Some((request, body))
}
