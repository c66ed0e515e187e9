//! `Host`: exactly one, well-formed, without userinfo (RFC 9110 section 7.2).

use std::net::Ipv6Addr;

use super::HeadFault;

const HOST_BYTES_MAX: usize = 255;

/// `host`: the first of `count` fields of that name.
pub(crate) fn of(count: usize, host: &[u8]) -> Result<&str, HeadFault> {
    match count {
        0 => return Err(HeadFault::HostMissing),
        1 => {}
        _ => return Err(HeadFault::HostRepeated),
    }
    // What is well-formed is ASCII.
    let host = std::str::from_utf8(host).map_err(|_| HeadFault::HostInvalid)?;
    if is_well_formed(host) { Ok(host) } else { Err(HeadFault::HostInvalid) }
}

/// A name of letters, digits, `-`, `_` and `.`, an IPv4 address, or an IPv6 address in brackets; then perhaps a port.
/// Narrower than RFC 3986 (no escapes, no sub-delimiters): nothing that two parsers may read in two ways.
pub(crate) fn is_well_formed(authority: &str) -> bool {
    let (name, port) = split_port(authority);
    let port_is_fine = port.is_none_or(|port| {
        (1..=5).contains(&port.len())
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok()
    });
    let name_is_fine = match name.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        None => !name.is_empty() && is_name(name),
    };
    port_is_fine && name_is_fine && authority.len() <= HOST_BYTES_MAX
}

/// Labels of letters, digits, `-` and `_`; none before a dot is empty.
fn is_name(name: &str) -> bool {
    let (mut before, mut found) = (DOT, 0);
    for byte in name.bytes() {
        let class = CLASSES.get(usize::from(byte)).copied().unwrap_or(OTHER);
        // A dot behind a dot, or at the beginning, or what is not for names: seen without a branch for each byte.
        found |= (class & OTHER) | (class & before);
        before = class;
    }
    found == 0
}

/// What a byte is in a name; 0: of a label.
const DOT: u8 = 1;
const OTHER: u8 = 2;

#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "made when the program is compiled"
)]
static CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < classes.len() {
        match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => classes[byte] = 0,
            b'.' => classes[byte] = DOT,
            _ => {}
        }
        byte += 1;
    }
    classes
};

/// The same host: letter case does not count, everything else does.
pub(crate) fn agrees(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    let name_end = match authority.starts_with('[') {
        true => authority.rfind(']').map_or(0, |bracket| bracket + 1),
        false => 0,
    };
    let behind = authority.as_bytes().get(name_end..).unwrap_or_default();
    let colon = behind.iter().position(|byte| *byte == b':').map(|at| name_end + at);
    match colon.and_then(|colon| authority.split_at_checked(colon)) {
        Some((name, port)) => (name, port.get(1..)),
        None => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for fine in ["a", "A-b_c.d", "a.", "127.0.0.1:80", "[::1]", "[::1]:443", "a:0", "a:65535", "a:00080"]
        {
            assert!(is_well_formed(fine), "{fine}");
        }
        for bad in [
            "", ".", ".a", "a..b", "..", ":80", "a:", "a:65536", "a:99999", "a:000080", "a:8x", "a:-1",
            "a b", "a/b", "u@a", "a%20", "[::1", "::1", "[]", "[a]", "[::1]x", "é", "a\0",
        ] {
            assert!(!is_well_formed(bad), "{bad}");
        }
        assert!(is_well_formed(&"a".repeat(255)) && !is_well_formed(&"a".repeat(256)));
        for byte in 0..128_u8 {
            let letter = char::from(byte);
            let is_fine = letter.is_ascii_alphanumeric() || "-_.".contains(letter);
            assert_eq!(is_name(&format!("a{letter}")), is_fine, "{letter:?}");
        }
    }
}
