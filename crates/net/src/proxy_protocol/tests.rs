#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

#[test]
fn lines_of_version_1_are_read_or_refused() {
    let source = |text: &str| Ok(Some(text.parse().unwrap()));
    for (text, expected) in [
        ("PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n", source("203.0.113.7:4711")),
        ("PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n", source("[2001:db8::1]:4711")),
        ("PROXY UNKNOWN\r\n", Ok(None)),
        ("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", Ok(None)),
        ("PROXY UNKNOWNS\r\n", Err(Malformed)),
        ("PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\n", Err(Malformed)),
        ("PROXY TCP4 203.0.113.7 10.0.0.1 4711\r\n", Err(Malformed)),
        ("PROXY TCP4 203.0.113.7 10.0.0.1 4711 443 5\r\n", Err(Malformed)),
        ("PROXY TCP4  203.0.113.7 10.0.0.1 4711 443\r\n", Err(Malformed)),
        ("PROXY TCP4 2001:db8::1 10.0.0.1 4711 443\r\n", Err(Malformed)),
        ("PROXY TCP4 203.0.113.7 2001:db8::1 4711 443\r\n", Err(Malformed)),
        ("PROXY TCP4 203.0.113.07 10.0.0.1 4711 443\r\n", Err(Malformed)),
        ("PROXY TCP4 203.0.113.7 10.0.0.1 04711 443\r\n", Err(Malformed)),
        ("PROXY TCP4 203.0.113.7 10.0.0.1 65536 443\r\n", Err(Malformed)),
        ("PROXY TCP4 203.0.113.7 10.0.0.1 +1 443\r\n", Err(Malformed)),
        ("PROXY UDP4 203.0.113.7 10.0.0.1 1 443\r\n", Err(Malformed)),
        ("proxy TCP4 203.0.113.7 10.0.0.1 1 443\r\n", Err(Malformed)),
        ("GET / HTTP/1.1\r\n", Err(Malformed)),
    ] {
        assert_eq!(line(text.as_bytes()), expected, "{text:?}");
    }
}

#[test]
fn a_line_ends_in_time_or_is_none() {
    assert_eq!(line_length(b"PROXY UNKNOWN\r\nGET"), Ok(ControlFlow::Break(15)));
    assert_eq!(line_length(b"PROXY UNK"), Ok(ControlFlow::Continue(())));
    assert_eq!(line_length(&[b'a'; 107]), Err(Malformed));
    let mut longest = [b'a'; 107];
    longest[106] = b'\n';
    assert_eq!(line_length(&longest), Ok(ControlFlow::Break(107)));
}

fn fixed(command: u8, family: u8, length: u16) -> [u8; FIXED_BYTES] {
    let mut fixed = [0; FIXED_BYTES];
    fixed[..12].copy_from_slice(SIGNATURE);
    fixed[12] = command;
    fixed[13] = family;
    fixed[14..].copy_from_slice(&length.to_be_bytes());
    fixed
}

#[test]
fn headers_of_version_2_are_read_or_refused() {
    let four = [203, 0, 113, 7, 10, 0, 0, 1, 0x12, 0x67, 1, 187];
    let mut six = [0; 36];
    six[..16].copy_from_slice(&"2001:db8::1".parse::<Ipv6Addr>().unwrap().octets());
    six[32..34].copy_from_slice(&4711_u16.to_be_bytes());
    let source = |text: &str| Ok(Some(text.parse().unwrap()));
    let followed = |extensions: &[u8]| [&four[..], extensions].concat();
    let with_extensions = followed(&[0x04, 0, 1, 0, 0x05, 0, 0]);
    for (command, family, rest, expected) in [
        (0x21, 0x11, &four[..], source("203.0.113.7:4711")),
        (0x21, 0x11, &with_extensions, source("203.0.113.7:4711")),
        (0x21, 0x21, &six, source("[2001:db8::1]:4711")),
        // LOCAL, whatever else it says; unspecified; a Unix socket.
        (0x20, 0x11, &four, Ok(None)),
        (0x20, 0x00, &[], Ok(None)),
        (0x21, 0x00, &[], Ok(None)),
        (0x21, 0x31, &[0; 216], Ok(None)),
        (0x21, 0x31, &[0; 215], Err(Malformed)),
        (0x21, 0x11, &four[..11], Err(Malformed)),
        (0x21, 0x21, &six[..35], Err(Malformed)),
        // Extensions that do not end with the header.
        (0x21, 0x11, &followed(&[0x04, 0, 2, 0]), Err(Malformed)),
        (0x21, 0x11, &followed(&[0x04, 0]), Err(Malformed)),
        (0x21, 0x11, &followed(&[0x04]), Err(Malformed)),
        (0x21, 0x21, &[&six[..], &[0x04, 0, 2, 0]].concat(), Err(Malformed)),
        // Datagrams, other families, other commands, another version.
        (0x21, 0x12, &four, Err(Malformed)),
        (0x21, 0x41, &four, Err(Malformed)),
        (0x22, 0x11, &four, Err(Malformed)),
        (0x11, 0x11, &four, Err(Malformed)),
    ] {
        let fixed = fixed(command, family, u16::try_from(rest.len()).unwrap());
        assert_eq!(rest_length(&fixed), Ok(rest.len()));
        assert_eq!(binary(&fixed, rest), expected, "{command:#x} {family:#x} {}", rest.len());
    }
    assert_eq!(rest_length(&fixed(0x21, 0x11, 4097)), Err(Malformed));
    let mut other = fixed(0x21, 0x11, 12);
    other[3] = 0;
    assert_eq!(rest_length(&other), Err(Malformed));
}
