//! Networks of addresses: what is within one, and what a single caller may be said to own.

use std::net::IpAddr;

/// What an address counts as: one IPv4 address, or an IPv6 /64, of which anybody has as many addresses as they like.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
        four => four,
    }
}

/// Whether an address lies in the network of this address and prefix (in bits). An IPv4 address is never in a network of
/// IPv6, written as IPv6 or not.
pub fn is_within(address: IpAddr, network: IpAddr, prefix: u8) -> bool {
    match (address.to_canonical(), network.to_canonical()) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_caller_owns_its_64_and_an_ipv4_caller_one_address() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(of("192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn a_network_holds_what_shares_its_prefix() {
        for (address, network, prefix, expected) in [
            ("10.1.2.3", "10.0.0.0", 8, true),
            ("11.1.2.3", "10.0.0.0", 8, false),
            ("10.1.2.3", "0.0.0.0", 0, true),
            ("10.1.2.3", "10.1.2.3", 32, true),
            ("::ffff:10.1.2.3", "10.0.0.0", 8, true),
            ("10.1.2.3", "::", 0, false),
            ("2001:db8::1", "2001:db8::", 32, true),
            ("2001:db9::1", "2001:db8::", 32, false),
        ] {
            let found = is_within(address.parse().unwrap(), network.parse().unwrap(), prefix);
            assert_eq!(found, expected, "{address} in {network}/{prefix}");
        }
    }
}
