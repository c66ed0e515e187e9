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
    let mut after_dot = true;
    name.bytes().all(|byte| {
        let label_is_empty = std::mem::replace(&mut after_dot, byte == b'.');
        IN_NAME.get(usize::from(byte)) == Some(&true) && !(label_is_empty && after_dot)
    })
}

/// By the byte: what a name may have in it.
#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "made when the program is compiled"
)]
static IN_NAME: [bool; 256] = {
    let mut in_name = [false; 256];
    let mut byte = 0;
    while byte < in_name.len() {
        in_name[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'-' | b'_' | b'.');
        byte += 1;
    }
    in_name
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
