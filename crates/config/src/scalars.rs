//! Numbers with units, addresses and instants, from their text.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use gateway::settings::Network;

/// So many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) count: u64,
    pub(crate) window: Duration,
    /// Written with a unit of size, so it can only mean bytes.
    pub(crate) is_of_bytes: bool,
}

/// An absolute `http` or `https` URL, without user information, query and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) text: String,
    pub(crate) https: bool,
    /// Lower case; IPv6 without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Without trailing slash; empty for the root.
    pub(crate) path: String,
}

impl Url {
    pub(crate) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

const DURATION_UNITS: &[(&str, u64)] =
    &[("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("y", 31_536_000_000)];
const SIZE_UNITS: &[(&str, u64)] = &[("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// `500ms`, `30s`, `5min`, `1h`, `2d`, `1y` (of 365 days).
pub fn duration(text: &str) -> Result<Duration, String> {
    positive(text, "a duration")?;
    let (count, unit) = split_unit(text);
    let factor = unit_of(unit, DURATION_UNITS).ok_or_else(|| match unit {
        "m" => "`m` could be minutes or months; minutes are `min`".to_owned(),
        "" => "a duration needs a unit: ms, s, min, h, d or y".to_owned(),
        _ => format!("`{unit}` is not a unit of time; these are: ms, s, min, h, d, y"),
    })?;
    let count = whole(count)?;
    count.checked_mul(factor).map(Duration::from_millis).ok_or_else(|| "the duration is too long".to_owned())
}

/// `65536`, `64KiB`, `1MiB`, `1GiB`; in bytes.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    positive(text, "a size")?;
    let (count, unit) = split_unit(text);
    let factor = unit_of(unit, SIZE_UNITS).ok_or_else(|| match unit {
        "KB" | "kB" | "K" | "k" | "KIB" | "kib" => "write `KiB` for 1024 bytes".to_owned(),
        "MB" | "M" | "m" | "mib" => "write `MiB` for 1024 KiB".to_owned(),
        "GB" | "G" | "g" | "gib" => "write `GiB` for 1024 MiB".to_owned(),
        _ => format!("`{unit}` is not a unit of size; these are: KiB, MiB, GiB"),
    })?;
    whole(count)?.checked_mul(factor).ok_or_else(|| "the size is too large".to_owned())
}

/// `20/s`, `100/min`, `10/30s`, `10MiB/min`.
pub(crate) fn rate(text: &str) -> Result<Rate, String> {
    let shape = "a rate is a count and a time: `20/s`, `100/min`, `10/30s`";
    let (count, per) = text.split_once('/').ok_or_else(|| shape.to_owned())?;
    let count = count.trim();
    positive(count, "a count")?;
    let is_of_bytes = count.ends_with('B');
    let count = if is_of_bytes { size(count)? } else { whole(count)? };
    let per = per.trim();
    let window = match unit_of(per, DURATION_UNITS) {
        Some(factor) => Duration::from_millis(factor),
        None => duration(per)?,
    };
    if count == 0 {
        return Err(
            "a rate of 0 refuses everything; leave the operation out of the description instead".to_owned()
        );
    }
    if window < Duration::from_secs(1) || window > Duration::from_secs(31 * 86_400) {
        return Err("the time of a rate is between 1s and 31d".to_owned());
    }
    Ok(Rate { count, window, is_of_bytes })
}

/// `10%`, `0.5%`; in parts of 10,000.
pub(crate) fn share(text: &str) -> Result<u32, String> {
    let shape = || "a share is a percentage with at most two decimals: `1%`, `0.25%`".to_owned();
    let number = text.strip_suffix('%').ok_or_else(shape)?.trim();
    let (whole_part, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.len() > 2 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(shape());
    }
    let whole_part: u32 = whole_part.parse().map_err(|_| shape())?;
    let fraction: u32 = format!("{fraction:0<2}").parse().map_err(|_| shape())?;
    let parts =
        whole_part.checked_mul(100).and_then(|parts| parts.checked_add(fraction)).ok_or_else(shape)?;
    if parts > 10_000 { Err("a share is at most 100%".to_owned()) } else { Ok(parts) }
}

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if let Some(port) = text.strip_prefix("localhost:").and_then(|port| port.parse().ok()) {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    if text.starts_with(':') {
        return Err(
            "say which address: `0.0.0.0` is every IPv4 address, `127.0.0.1` this machine only".to_owned()
        );
    }
    Err("an address is an IP address and a port: `127.0.0.1:8080`, `[::1]:8080`".to_owned())
}

/// `10.0.0.0/8`; bits beyond the prefix must be zero.
pub(crate) fn network(text: &str) -> Result<Network, String> {
    let shape = || "a network is an address and a prefix: `10.0.0.0/8`, `fd00::/8`".to_owned();
    let (address, prefix) = text.split_once('/').ok_or_else(shape)?;
    let address: IpAddr = address.parse().map_err(|_| shape())?;
    let prefix: u8 = prefix.parse().map_err(|_| shape())?;
    let (bits, width) = match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)) << 96, 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    if prefix > width {
        return Err(format!("the prefix is at most {width}"));
    }
    if bits.checked_shl(u32::from(prefix)).unwrap_or(0) != 0 {
        return Err("the address has bits beyond its prefix".to_owned());
    }
    Ok(Network { address, prefix })
}

/// `http://host[:port][/path]` or `https`.
pub(crate) fn url(text: &str) -> Result<Url, String> {
    let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err("a URL begins with `https://` or `http://`".to_owned()),
    };
    if text.contains(['?', '#']) || text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err("no query, fragment or space may stand here".to_owned());
    }
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if authority.contains('@') {
        return Err("no user or password may stand in a URL".to_owned());
    }
    let (host, port) = host_port(authority, if https { 443 } else { 80 })?;
    let path = path.trim_end_matches('/').to_owned();
    if path.split('/').any(|segment| matches!(segment, "." | "..")) || path.contains("//") {
        return Err("the path may not hold `.`, `..` or empty segments".to_owned());
    }
    Ok(Url { text: text.to_owned(), https, host, port, path })
}

fn host_port(authority: &str, default: u16) -> Result<(String, u16), String> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or_else(|| "the IPv6 address has no end".to_owned())?;
        host.parse::<std::net::Ipv6Addr>().map_err(|_| "the IPv6 address is not well-formed".to_owned())?;
        (host, rest.strip_prefix(':'))
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = match port {
        Some(port) => {
            port.parse().ok().filter(|&port| port > 0).ok_or("the port is a number from 1 to 65535")?
        }
        None => default,
    };
    let host = host.to_ascii_lowercase();
    if host.parse::<IpAddr>().is_err() && !is_host_name(&host) {
        return Err("the host is not well-formed".to_owned());
    }
    Ok((host, port))
}

/// RFC 1123 section 2.1, plus `_`, which names of containers hold.
pub(crate) fn is_host_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
}

/// `2027-01-31` (its end, UTC) or RFC 3339 with `Z` or an offset, seconds or none; in seconds since 1970.
pub fn instant(text: &str) -> Result<u64, String> {
    let shape = || "a date is `2027-01-31` or `2027-01-31T12:00:00Z`".to_owned();
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let days = days(date).ok_or_else(shape)?;
    let seconds = match time {
        None => 86_400,
        Some(time) => time_of_day(time).ok_or_else(shape)?,
    };
    (days * 86_400).checked_add(seconds).and_then(|seconds| u64::try_from(seconds).ok()).ok_or_else(shape)
}

/// Days from 1970-01-01, proleptic Gregorian.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let mut part = |length: usize| {
        parts.next().filter(|part| part.len() == length).and_then(|part| part.parse::<i64>().ok())
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if parts.next().is_some() || !(1..=length).contains(&day) || year < 1970 {
        return None;
    }
    let shifted_year = if month > 2 { year } else { year - 1 };
    let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

/// Seconds from midnight UTC; an offset may make it negative.
fn time_of_day(time: &str) -> Option<i64> {
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => return None,
    };
    let two = |text: Option<&str>, max: i64| {
        text.filter(|t| t.len() == 2).and_then(|t| t.parse::<i64>().ok()).filter(|n| (0..=max).contains(n))
    };
    let clock = clock.split_once('.').map_or(clock, |(clock, _)| clock);
    let mut parts = clock.split(':');
    let (hour, minute) = (two(parts.next(), 23)?, two(parts.next(), 59)?);
    let second = parts.next().map_or(Some(0), |second| two(Some(second), 60))?;
    let offset = match offset.strip_prefix(['+', '-']) {
        None => 0,
        Some(rest) => {
            let (hours, minutes) = rest.split_once(':')?;
            let seconds = two(Some(hours), 23)? * 3600 + two(Some(minutes), 59)? * 60;
            if offset.starts_with('-') { -seconds } else { seconds }
        }
    };
    (parts.next().is_none()).then_some(hour * 3600 + minute * 60 + second - offset)
}

/// A minus sign would otherwise be taken for a part of the unit.
fn positive(text: &str, what: &str) -> Result<(), String> {
    if text.starts_with('-') { Err(format!("{what} is never negative")) } else { Ok(()) }
}

fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (count, unit) = text.split_at(end);
    (count, unit.trim())
}

fn unit_of(unit: &str, units: &[(&str, u64)]) -> Option<u64> {
    units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor)
}

fn whole(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(count) if !text.starts_with('+') => Ok(count),
        _ if text.contains('.') => Err("a whole number belongs here; use a smaller unit".to_owned()),
        _ => Err("a number belongs here".to_owned()),
    }
}

#[cfg(test)]
mod tests;
