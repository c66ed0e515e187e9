//! Who a request comes from: the connection, or whom its proxies name, as far as they are trusted.
//!
//! The walk begins at the connection and goes from right to left over the field that the listener reads: each trusted
//! proxy vouches for the entry that it added, and for nothing before it. A proxy that announces connections by a PROXY
//! header adds no entries: where its header names nobody, the fields are the caller's own invention.

mod doors;
mod entries;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};
use model::{AddressFrom, AddressSource, WalkEnd};
use net::Connection;

use crate::settings::{ForwardedField, Proxies};

pub(crate) use doors::{Doors, Entrance};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// Entries that are looked at; a longer chain of one's own proxies is a mistake or an attack.
pub(crate) const ENTRIES_MAX: usize = 32;

/// The address that everything about a request goes by, and how it was found where proxies are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) address: IpAddr,
    pub(crate) from: Option<AddressFrom>,
}

impl Origin {
    /// Of a connection alone: for a head that was refused before its fields were read.
    pub(crate) fn of_connection(connection: &Connection, proxies: &Proxies) -> Self {
        let from = proxies.are_trusted().then(|| AddressFrom {
            source: source_of(connection),
            hop: 0,
            ended: WalkEnd::NotRead,
            socket: connection.socket.ip().to_canonical(),
        });
        Self { address: connection.peer.ip().to_canonical(), from }
    }

    /// Walks over the proxies. Without trusted ones no field of the request is looked at.
    pub(crate) fn of_request(connection: &Connection, headers: &HeaderMap, proxies: &Proxies) -> Self {
        let start = connection.peer.ip().to_canonical();
        if !proxies.are_trusted() {
            return Self { address: start, from: None };
        }
        let socket = connection.socket.ip().to_canonical();
        let mut address = start;
        let mut hop = 0;
        let ended = if is_unnamed(connection, proxies) {
            WalkEnd::Unnamed
        } else if proxies.trusts(start) {
            let mut walk = Walk { proxies, address: &mut address, hop: &mut hop };
            match proxies.forwarded {
                ForwardedField::XForwardedFor => walk.over(lines(headers, &X_FORWARDED_FOR, entries::plain)),
                ForwardedField::Forwarded => {
                    walk.over(lines(headers, &header::FORWARDED, entries::forwarded))
                }
            }
        } else {
            WalkEnd::Untrusted
        };
        let source = match (hop, proxies.forwarded) {
            (0, _) => source_of(connection),
            (_, ForwardedField::XForwardedFor) => AddressSource::XForwardedFor,
            (_, ForwardedField::Forwarded) => AddressSource::Forwarded,
        };
        Self { address, from: Some(AddressFrom { source, hop, ended, socket }) }
    }
}

/// Whether the proxy that sent the request says that its caller used HTTPS. It must say so once and in so many words.
pub(crate) fn says_https(connection: &Connection, headers: &HeaderMap, proxies: &Proxies) -> bool {
    let mut said = headers.get_all(&X_FORWARDED_PROTO).into_iter();
    let is_https = said.next().is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"));
    is_https
        && said.next().is_none()
        && proxies.scheme
        && proxies.trusts(connection.peer.ip())
        && !is_unnamed(connection, proxies)
}

/// Whether a PROXY header had to name whom the connection is from, and did not (`UNKNOWN`, `LOCAL`).
fn is_unnamed(connection: &Connection, proxies: &Proxies) -> bool {
    proxies.protocol && !connection.is_proxied
}

fn source_of(connection: &Connection) -> AddressSource {
    if connection.is_proxied { AddressSource::ProxyProtocol } else { AddressSource::Socket }
}

/// Which address a request with these fields would count under, on a connection from `socket`, or on one whose PROXY header
/// names it where there must be one: for `explain`.
pub fn choose_address(
    proxies: &Proxies,
    socket: IpAddr,
    headers: &HeaderMap,
) -> (IpAddr, Option<AddressFrom>) {
    let peer = SocketAddr::new(socket, 0);
    let connection =
        Connection { peer, socket: peer, local: peer, tls: false, is_proxied: proxies.protocol, listener: 0 };
    let Origin { address, from } = Origin::of_request(&connection, headers, proxies);
    (address, from)
}

/// What one entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Address(IpAddr),
    /// `unknown`, or a name of the proxy's own.
    Hidden,
    Malformed,
}

/// The entries of all lines of a field, last first.
fn lines<'h, I: Iterator<Item = Entry>>(
    headers: &'h HeaderMap,
    name: &HeaderName,
    read: impl Fn(&'h [u8]) -> I,
) -> impl Iterator<Item = Entry> {
    let lines: Vec<&[u8]> = headers.get_all(name).into_iter().map(http::HeaderValue::as_bytes).collect();
    lines.into_iter().rev().flat_map(read)
}

struct Walk<'a> {
    proxies: &'a Proxies,
    address: &'a mut IpAddr,
    hop: &'a mut u32,
}

impl Walk<'_> {
    /// The address is a trusted proxy's when this begins, and whenever another entry is taken.
    fn over(&mut self, entries: impl Iterator<Item = Entry>) -> WalkEnd {
        for (at, entry) in entries.enumerate() {
            if at == ENTRIES_MAX {
                return WalkEnd::TooManyEntries;
            }
            match entry {
                Entry::Address(next) => {
                    *self.address = next;
                    *self.hop += 1;
                }
                Entry::Hidden => return WalkEnd::Hidden,
                Entry::Malformed => return WalkEnd::Malformed,
            }
            if !self.proxies.trusts(*self.address) {
                return WalkEnd::Untrusted;
            }
        }
        WalkEnd::NoMoreEntries
    }
}
