//! The PROXY protocol, versions 1 and 2 (HAProxy's specification, revision 2020/03/05): what stands before the first byte
//! of a connection that a proxy passes on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::ControlFlow;

/// The beginning of a header of version 2; no other protocol begins like this.
pub(crate) const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The signature, version and command, family, and the length of the rest.
pub(crate) const FIXED_BYTES: usize = 16;
/// The longest line of version 1, with its line end.
pub(crate) const LINE_BYTES_MAX: usize = 107;
/// Addresses and extensions of version 2; the extensions are skipped.
pub(crate) const REST_BYTES_MAX: usize = 4 << 10;

/// The header is not well-formed, or not one that can be acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Whom the proxy speaks for; `None`: for itself, or for somebody who has no address.
pub(crate) type Source = Option<SocketAddr>;

/// Reads a line of version 1, with its line end.
pub(crate) fn line(line: &[u8]) -> Result<Source, Malformed> {
    let text = std::str::from_utf8(line).map_err(|_| Malformed)?;
    let text = text.strip_suffix("\r\n").and_then(|text| text.strip_prefix("PROXY ")).ok_or(Malformed)?;
    if text == "UNKNOWN" || text.starts_with("UNKNOWN ") {
        return Ok(None);
    }
    let words: Vec<&str> = text.split(' ').collect();
    let [family, source, destination, source_port, destination_port] = words.as_slice() else {
        return Err(Malformed);
    };
    let address = |text: &str| -> Result<IpAddr, Malformed> {
        match *family {
            "TCP4" => text.parse().map(IpAddr::V4).map_err(|_| Malformed),
            "TCP6" => text.parse().map(IpAddr::V6).map_err(|_| Malformed),
            _ => Err(Malformed),
        }
    };
    address(destination)?;
    port(destination_port)?;
    Ok(Some(SocketAddr::new(address(source)?, port(source_port)?)))
}

fn port(text: &str) -> Result<u16, Malformed> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_canonical = text == "0" || !text.starts_with('0');
    if is_number && is_canonical { text.parse().map_err(|_| Malformed) } else { Err(Malformed) }
}

/// How many bytes follow the fixed part of version 2.
pub(crate) fn rest_length(fixed: &[u8; FIXED_BYTES]) -> Result<usize, Malformed> {
    let [.., high, low] = *fixed;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if fixed.starts_with(SIGNATURE) && length <= REST_BYTES_MAX { Ok(length) } else { Err(Malformed) }
}

/// Reads a header of version 2: the fixed part, and the rest of the length that it names.
pub(crate) fn binary(fixed: &[u8; FIXED_BYTES], rest: &[u8]) -> Result<Source, Malformed> {
    let [.., command, family, _, _] = *fixed;
    match command {
        // LOCAL: the proxy itself, such as its health check.
        0x20 => return Ok(None),
        0x21 => {}
        _ => return Err(Malformed),
    }
    match family {
        // Unspecified, and a Unix socket.
        0x00 => Ok(None),
        0x31 if rest.len() >= 216 => Ok(None),
        0x11 => {
            let ([a, b, c, d, _, _, _, _, high, low, _, _], extensions) = front(rest)?;
            check_extensions(extensions)?;
            Ok(Some(SocketAddr::new(Ipv4Addr::new(*a, *b, *c, *d).into(), u16::from_be_bytes([*high, *low]))))
        }
        0x21 => {
            let (addresses, extensions): (&[u8; 36], _) = front(rest)?;
            check_extensions(extensions)?;
            let (source, _) = addresses.split_first_chunk::<16>().ok_or(Malformed)?;
            let [.., high, low, _, _] = *addresses;
            Ok(Some(SocketAddr::new(Ipv6Addr::from(*source).into(), u16::from_be_bytes([high, low]))))
        }
        _ => Err(Malformed),
    }
}

fn front<const N: usize>(rest: &[u8]) -> Result<(&[u8; N], &[u8]), Malformed> {
    rest.split_first_chunk().ok_or(Malformed)
}

/// Each is a type, a length in two bytes, and so many bytes (section 2.2.1). What they say is not looked at; a header that
/// does not end where they do is one whose length is wrong.
fn check_extensions(mut rest: &[u8]) -> Result<(), Malformed> {
    while let Some((_type, after)) = rest.split_first() {
        let ([high, low], after) = front(after)?;
        rest = after.get(usize::from(u16::from_be_bytes([*high, *low]))..).ok_or(Malformed)?;
    }
    Ok(())
}

/// Whether what has arrived of a line of version 1 is all of it: `Break` with its length when it is.
pub(crate) fn line_length(so_far: &[u8]) -> Result<ControlFlow<usize>, Malformed> {
    match so_far.iter().position(|byte| *byte == b'\n') {
        Some(feed) if feed < LINE_BYTES_MAX => Ok(ControlFlow::Break(feed + 1)),
        None if so_far.len() < LINE_BYTES_MAX => Ok(ControlFlow::Continue(())),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests;
