//! `Host`: exactly one, well-formed, without userinfo (RFC 9110 section 7.2).

use std::net::Ipv6Addr;

use super::HeadFault;

const HOST_BYTES_MAX: usize = 255;

/// `host`: the first of `count` fields of that name.
pub(crate) fn of(count: usize, host: &[u8]) -> Result<&[u8], HeadFault> {
    match count {
        0 => Err(HeadFault::HostMissing),
        1 if is_well_formed(host) => Ok(host),
        1 => Err(HeadFault::HostInvalid),
        _ => Err(HeadFault::HostRepeated),
    }
}

/// A name of letters, digits, `-`, `_` and `.`, an IPv4 address, or an IPv6 address in brackets; then perhaps a port.
/// Narrower than RFC 3986 (no escapes, no sub-delimiters): nothing that two parsers may read in two ways. All of it is
/// ASCII.
pub(crate) fn is_well_formed(authority: &[u8]) -> bool {
    let name_end = match authority.first() {
        Some(b'[') => authority.iter().rposition(|byte| *byte == b']').map_or(0, |bracket| bracket + 1),
        _ => authority.iter().position(|byte| *byte == b':').unwrap_or(authority.len()),
    };
    let Some((name, port)) = authority.split_at_checked(name_end) else { return false };
    let name_is_fine = match name {
        [b'[', address @ .., b']'] => {
            std::str::from_utf8(address).is_ok_and(|it| it.parse::<Ipv6Addr>().is_ok())
        }
        name => !name.is_empty() && is_name(name),
    };
    name_is_fine && is_port(port) && authority.len() <= HOST_BYTES_MAX
}

/// Nothing, or a colon and one to five digits of at most 65,535.
fn is_port(text: &[u8]) -> bool {
    let Some((colon, digits)) = text.split_first() else { return true };
    let number = digits.iter().fold(0_u32, |number, digit| {
        number.saturating_mul(10).saturating_add(u32::from(digit.wrapping_sub(b'0')))
    });
    *colon == b':'
        && (1..=5).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
        && number <= u32::from(u16::MAX)
}

/// Labels of letters, digits, `-` and `_`; none before a dot is empty.
fn is_name(name: &[u8]) -> bool {
    let (mut before, mut found) = (DOT, 0);
    for byte in name {
        let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(OTHER);
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
pub(crate) fn agrees(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for fine in ["a", "A-b_c.d", "a.", "127.0.0.1:80", "[::1]", "[::1]:443", "a:0", "a:65535", "a:00080"]
        {
            assert!(is_well_formed(fine.as_bytes()), "{fine}");
        }
        for bad in [
            "", ".", ".a", "a..b", "..", ":80", "a:", "a:65536", "a:99999", "a:000080", "a:8x", "a:-1",
            "a b", "a/b", "u@a", "a%20", "[::1", "::1", "[]", "[a]", "[::1]x", "é", "a\0",
        ] {
            assert!(!is_well_formed(bad.as_bytes()), "{bad}");
        }
        assert!(is_well_formed(&[b'a'; 255]) && !is_well_formed(&[b'a'; 256]));
        for byte in 0..128_u8 {
            let letter = char::from(byte);
            let is_fine = letter.is_ascii_alphanumeric() || "-_.".contains(letter);
            assert_eq!(is_name(&[b'a', byte]), is_fine, "{letter:?}");
        }
    }
}
