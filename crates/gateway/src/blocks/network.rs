//! Networks of callers, compared bit by bit; an IPv4 address in IPv6 form is the IPv4 address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An address and how many of its first bits count (RFC 4632 section 3.1, RFC 4291 section 2.3). A lone address is the
/// network of its full length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

/// A network as a key: the same for every address within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Masked {
    pub(super) is_v6: bool,
    pub(super) prefix: u8,
    bits: u128,
}

impl Masked {
    pub(super) fn of(address: IpAddr, prefix: u8) -> Self {
        let (is_v6, bits) = bits_of(address);
        Self { is_v6, prefix, bits: bits & mask(prefix) }
    }
}

impl Cidr {
    /// Errors: a sentence.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, String> {
        let (address, prefix) = match (address, address.to_canonical()) {
            // `::ffff:192.0.2.0/120` is `192.0.2.0/24`.
            (IpAddr::V6(_), IpAddr::V4(v4)) if prefix >= 96 => (IpAddr::V4(v4), prefix - 96),
            _ => (address, prefix),
        };
        let width = if address.is_ipv4() { 32 } else { 128 };
        if prefix > width {
            return Err(format!("the prefix is at most {width}"));
        }
        let (_, bits) = bits_of(address);
        if bits & !mask(prefix) != 0 {
            let right = Self { address: address_of(address.is_ipv6(), bits & mask(prefix)), prefix };
            return Err(format!("{address}/{prefix} has bits beyond its prefix; the network is {right}"));
        }
        Ok(Self { address, prefix })
    }

    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    pub fn is_ipv6(&self) -> bool {
        self.address.is_ipv6()
    }

    pub fn is_one_address(&self) -> bool {
        self.prefix == if self.is_ipv6() { 128 } else { 32 }
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        Masked::of(address.to_canonical(), self.prefix) == self.masked()
    }

    /// Whether one of them lies within the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        let prefix = self.prefix.min(other.prefix);
        Masked::of(self.address, prefix) == Masked::of(other.address, prefix)
    }

    pub(super) fn masked(&self) -> Masked {
        Masked::of(self.address, self.prefix)
    }
}

/// How many addresses of one family these networks hold together, each counted once; the whole of IPv6 is one more than
/// can be told.
pub fn covered(networks: &[Cidr], is_ipv6: bool) -> u128 {
    let width: u32 = if is_ipv6 { 128 } else { 32 };
    let mut masked: Vec<Masked> =
        networks.iter().filter(|network| network.is_ipv6() == is_ipv6).map(Cidr::masked).collect();
    // Networks lie within each other or apart: of those that begin alike the widest comes first.
    masked.sort_by_key(|network| (network.bits, network.prefix));
    let (mut sum, mut last) = (0_u128, None::<Masked>);
    for network in masked {
        if last.is_some_and(|last| network.bits & mask(last.prefix) == last.bits) {
            continue;
        }
        let held = 1_u128.checked_shl(width.saturating_sub(u32::from(network.prefix)));
        sum = sum.saturating_add(held.unwrap_or(u128::MAX));
        last = Some(network);
    }
    sum
}

impl From<IpAddr> for Cidr {
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { prefix: if address.is_ipv4() { 32 } else { 128 }, address }
    }
}

/// `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`; bits beyond the prefix must be zero.
impl FromStr for Cidr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || "an address or a network: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/48`".to_owned();
        match text.split_once('/') {
            None => text.parse::<IpAddr>().map(Self::from).map_err(|_| shape()),
            Some((address, prefix)) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => {
                Self::new(address.parse().map_err(|_| shape())?, prefix.parse().map_err(|_| shape())?)
            }
            Some(_) => Err(shape()),
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_one_address() {
            write!(f, "{}", self.address)
        } else {
            write!(f, "{}/{}", self.address, self.prefix)
        }
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The bits of an address, from the left.
fn bits_of(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(v4) => (false, u128::from(u32::from(v4)) << 96),
        IpAddr::V6(v6) => (true, u128::from(v6)),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "an IPv4 address is the first 32 bits")]
fn address_of(is_v6: bool, bits: u128) -> IpAddr {
    if is_v6 { Ipv6Addr::from(bits).into() } else { Ipv4Addr::from((bits >> 96) as u32).into() }
}

fn mask(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}
