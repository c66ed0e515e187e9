//! Which addresses a fetch may reach (IANA special-purpose registries, RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::network::is_within;

/// Public addresses, and the networks that the configuration names (`egress.allow`).
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Address and length of the prefix in bits.
    pub allow: Vec<(IpAddr, u8)>,
}

impl Guard {
    /// Whether the address may be connected to.
    pub fn permits(&self, address: IpAddr) -> bool {
        is_public(address) || self.is_allowed_by_name(address)
    }

    /// Whether the address is in a network that the configuration names.
    pub fn is_allowed_by_name(&self, address: IpAddr) -> bool {
        self.allow.iter().any(|(network, prefix)| is_within(address, *network, *prefix))
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // "This" network, private, loopback, link-local (metadata services among them).
        [0 | 10 | 127, ..] | [169, 254, ..] | [192, 168, ..] => true,
        [172, second, ..] => (16..32).contains(&second),
        // Shared address space (RFC 6598), where some clouds keep their metadata too.
        [100, second, ..] => (64..128).contains(&second),
        // Protocol assignments, documentation, relay anycast, benchmarking.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
            true
        }
        // The public address of a cloud's host services.
        [168, 63, 129, 16] => true,
        // Multicast, reserved, broadcast.
        [first, ..] => first >= 224,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded_v4(address) {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    // Global unicast is 2000::/3; within it protocol assignments (2001::/23), documentation and SRv6 are not public.
    let is_global = first & 0xe000 == 0x2000;
    let is_assigned = first == 0x2001 && second < 0x0200;
    let is_documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    is_global && !is_assigned && !is_documentation
}

/// The IPv4 address that an IPv6 address leads to, where that has to be a public one: mapped, compatible, NAT64 (RFC 6052
/// section 3.1), 6to4 (RFC 3056 section 2).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

/// Whether an IPv6 address carries an IPv4 address that is not public through a translator or a tunnel, where none may
/// be: what [`embedded_v4`] names but mapped addresses (those are IPv4 addresses themselves), the client and the server
/// of Teredo (RFC 4380 section 4), and whatever is behind a translator's local prefix (RFC 8215), whose layout (RFC 6052
/// section 2.2) only its operator knows.
pub(crate) fn smuggles_v4(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] => false,
        [0x64, 0xff9b, 1, ..] => true,
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            // The client's is written with every bit turned over.
            !is_public_v4(v4(server_high, server_low)) || !is_public_v4(v4(!high, !low))
        }
        _ => embedded_v4(address).is_some_and(|inner| !is_public_v4(inner)),
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}
