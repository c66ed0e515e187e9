//! `@ipMatch LIST`: the value is an address of one of the networks (`192.0.2.1,198.51.100.0/24,2001:db8::/32`).

use std::net::IpAddr;

use super::{Argument, Captures, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    if argument.has_macros {
        return Ok(Box::new(IpMatch { networks: Vec::new() }));
    }
    IpMatch::of(argument.text.split(|byte| *byte == b','))
}

/// Networks; none when the argument has macros.
pub(super) struct IpMatch {
    networks: Vec<Network>,
}

struct Network {
    address: IpAddr,
    prefix_length: u8,
}

impl IpMatch {
    pub(super) fn of<'a>(entries: impl Iterator<Item = &'a [u8]>) -> Result<Box<dyn Operator>, String> {
        let entries = entries.map(<[u8]>::trim_ascii).filter(|entry| !entry.is_empty());
        let networks = entries.map(network).collect::<Result<Vec<_>, _>>()?;
        if networks.is_empty() {
            return Err("no network is named".to_owned());
        }
        Ok(Box::new(Self { networks }))
    }
}

impl Operator for IpMatch {
    fn matches(&self, value: &[u8], argument: Option<&[u8]>, _: &mut Captures) -> bool {
        let address = std::str::from_utf8(value).ok().and_then(|value| value.trim().parse().ok());
        let Some(address) = address else { return false };
        match argument {
            None => self.networks.iter().any(|network| network.holds(address)),
            Some(list) => {
                let mut entries = list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
                entries.any(|entry| network(entry).is_ok_and(|network| network.holds(address)))
            }
        }
    }
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.prefix_length)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.prefix_length)
            }
            _ => false,
        }
    }
}

fn network(entry: &[u8]) -> Result<Network, String> {
    let text = String::from_utf8_lossy(entry);
    let (address, length) =
        text.split_once('/').map_or((&*text, None), |(address, length)| (address, Some(length)));
    let wrong = || format!("`{text}` is neither an address nor a network");
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix_length = length.map_or(Ok(longest), str::parse).map_err(|_| wrong())?;
    if prefix_length > longest { Err(wrong()) } else { Ok(Network { address, prefix_length }) }
}
