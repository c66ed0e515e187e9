//! Where the caller's address comes from, when not simply from the connection.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// Like `to_string`, which for the four numbers of an IPv4 address does much more than is needed.
pub fn address_text(address: IpAddr) -> String {
    with_address_text(address, |text| {
        let mut owned = String::with_capacity("255.255.255.255:65535".len());
        owned.push_str(text);
        owned
    })
}

/// Calls `with` on the text of an address, which for IPv4 takes no memory but the stack's.
pub fn with_address_text<R>(address: IpAddr, with: impl FnOnce(&str) -> R) -> R {
    let address = match address {
        IpAddr::V4(address) => address,
        IpAddr::V6(address) => return with(&address.to_string()),
    };
    let (text, length) = dotted(address);
    with(text.get(..length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default())
}

/// The four numbers, and how many bytes they take.
fn dotted(address: Ipv4Addr) -> ([u8; 15], usize) {
    let (mut text, mut length) = ([0; 15], 0);
    let mut put = |byte: u8| {
        if let Some(place) = text.get_mut(length) {
            *place = byte;
            length += 1;
        }
    };
    for (at, number) in address.octets().into_iter().enumerate() {
        if at > 0 {
            put(b'.');
        }
        if number >= 100 {
            put(b'0' + number / 100);
        }
        if number >= 10 {
            put(b'0' + number / 10 % 10);
        }
        put(b'0' + number % 10);
    }
    (text, length)
}

/// Like `to_string`; see [`address_text`].
pub fn socket_text(address: SocketAddr) -> String {
    if address.is_ipv6() {
        return address.to_string();
    }
    let mut text = address_text(address.ip());
    text.push(':');
    text.push_str(itoa::Buffer::new().format(address.port()));
    text
}

/// Who said the address that a request counts under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressSource {
    /// The connection itself.
    Socket,
    /// The header that a trusted proxy sent before the first byte of the connection.
    ProxyProtocol,
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// Why the walk over the proxies went no further than the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalkEnd {
    /// The address is not a trusted proxy: it is the caller's.
    Untrusted,
    /// Every entry was a trusted proxy, or there was none.
    NoMoreEntries,
    /// The next entry is not an address: what the proxy at this address passed on cannot be relied on.
    Malformed,
    /// The next entry is `unknown` or a name of the proxy's own (RFC 7239 section 6).
    Hidden,
    /// More entries than are looked at.
    TooManyEntries,
    /// Every connection is announced by a PROXY header, and this one's names nobody: whose the fields are is not known.
    Unnamed,
    /// The head was refused before its fields were looked at.
    NotRead,
}

/// How the address was chosen: told for listeners with trusted proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AddressFrom {
    pub source: AddressSource,
    /// The entry that was chosen, counted from the right and from 1; 0 when none was taken.
    pub hop: u32,
    pub ended: WalkEnd,
    /// Of the connection.
    pub socket: IpAddr,
}

impl AddressSource {
    /// As it is written in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::ProxyProtocol => "proxy_protocol",
            Self::XForwardedFor => "x_forwarded_for",
            Self::Forwarded => "forwarded",
        }
    }
}

impl WalkEnd {
    pub const ALL: &'static [Self] = &[
        Self::Untrusted,
        Self::NoMoreEntries,
        Self::Malformed,
        Self::Hidden,
        Self::TooManyEntries,
        Self::Unnamed,
        Self::NotRead,
    ];

    /// As it is written in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted",
            Self::NoMoreEntries => "no_more_entries",
            Self::Malformed => "malformed",
            Self::Hidden => "hidden",
            Self::TooManyEntries => "too_many_entries",
            Self::Unnamed => "unnamed",
            Self::NotRead => "not_read",
        }
    }

    /// A clause for people, about the address that was chosen.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Untrusted => "it is not a trusted proxy",
            Self::NoMoreEntries => "it is a trusted proxy that named nobody before it",
            Self::Malformed => "it is a trusted proxy whose next entry is not an address",
            Self::Hidden => "it is a trusted proxy that does not say who called it",
            Self::TooManyEntries => "it is a trusted proxy, and more entries are not looked at",
            Self::Unnamed => "its PROXY header names nobody, so no field says for whom it speaks",
            Self::NotRead => "the head was refused before its fields were read",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_as_others_write_it() {
        for number in 0..=255 {
            for address in [[number, 0, 10, 255], [1, 99, 100, number]] {
                let address = IpAddr::from(address);
                assert_eq!(address_text(address), address.to_string());
            }
        }
        for address in ["192.0.2.7:0", "0.0.0.0:65535", "[2001:db8::7]:443", "[::ffff:192.0.2.7]:80"] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(address_text(address.ip()), address.ip().to_string());
            assert_eq!(socket_text(address), address.to_string());
        }
    }
}
