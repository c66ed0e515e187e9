//! The entries of one line of `X-Forwarded-For` or `Forwarded` (RFC 7239), last first.

use std::net::{IpAddr, Ipv6Addr};

use super::Entry;

/// Addresses between commas, each perhaps with a port.
pub(super) fn plain(line: &[u8]) -> impl Iterator<Item = Entry> {
    line.rsplit(|byte| *byte == b',').map(|entry| node(entry.trim_ascii()))
}

/// Elements between commas, of which `for` counts. Of a line that is not well-formed as a whole those count that are,
/// from its end on: a caller must not hide what a proxy says of it behind something malformed of its own.
pub(super) fn forwarded(line: &[u8]) -> impl Iterator<Item = Entry> {
    let entries = match elements(line) {
        Some(mut entries) => {
            entries.reverse();
            entries
        }
        None => well_formed_end(line),
    };
    entries.into_iter()
}

/// Last first, and then one that is malformed. What stands within a quoted string is never taken for an element: it would
/// end with the quote, which no element does that begins behind the string's own.
fn well_formed_end(line: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = line;
    while let Some(comma) = rest.iter().rposition(|byte| *byte == b',') {
        let (before, element) = rest.split_at(comma);
        match element.get(1..).and_then(elements).as_deref() {
            Some([entry]) if entries.len() < super::ENTRIES_MAX => entries.push(*entry),
            _ => break,
        }
        rest = before;
    }
    entries.push(Entry::Malformed);
    entries
}

/// An address, with or without a port, IPv6 with or without brackets (RFC 7239 section 6 asks for them with a port).
fn node(text: &[u8]) -> Entry {
    let Ok(text) = std::str::from_utf8(text) else { return Entry::Malformed };
    if text.eq_ignore_ascii_case("unknown") || is_obfuscated(text) {
        return Entry::Hidden;
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Entry::Address(address.to_canonical());
    }
    let (address, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, rest)) => (address.parse::<Ipv6Addr>().ok().map(IpAddr::V6), rest),
            None => return Entry::Malformed,
        },
        None => match text.find(':') {
            Some(colon) => {
                let (address, rest) = text.split_at(colon);
                (address.parse::<std::net::Ipv4Addr>().ok().map(IpAddr::V4), rest)
            }
            None => return Entry::Malformed,
        },
    };
    match address {
        Some(address) if port.is_empty() || port.strip_prefix(':').is_some_and(is_port) => {
            Entry::Address(address.to_canonical())
        }
        _ => Entry::Malformed,
    }
}

fn is_port(text: &str) -> bool {
    let is_number = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number && text.parse::<u16>().is_ok() || is_obfuscated(text)
}

/// RFC 7239 section 6.3.
fn is_obfuscated(text: &str) -> bool {
    text.strip_prefix('_').is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    })
}

/// `None` when the line is not a list of elements (RFC 7239 section 4).
fn elements(line: &[u8]) -> Option<Vec<Entry>> {
    let mut rest = line;
    let mut entries = Vec::new();
    loop {
        let mut found: Option<Entry> = None;
        loop {
            rest = rest.trim_ascii_start();
            let name = take_token(&mut rest)?;
            rest = rest.strip_prefix(b"=")?;
            let value = take_value(&mut rest)?;
            if name.eq_ignore_ascii_case(b"for") && found.replace(node(&value)).is_some() {
                return None;
            }
            rest = rest.trim_ascii_start();
            match rest.strip_prefix(b";") {
                Some(after) => rest = after,
                None => break,
            }
        }
        // An element without `for` does not say who called.
        entries.push(found.unwrap_or(Entry::Hidden));
        match rest.split_first() {
            None => return Some(entries),
            Some((b',', after)) => rest = after,
            Some(_) => return None,
        }
    }
}

fn take_token<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let length = rest.iter().position(|byte| !is_token(byte)).unwrap_or(rest.len());
    let (token, after) = rest.split_at_checked(length).filter(|(token, _)| !token.is_empty())?;
    *rest = after;
    Some(token)
}

/// A token or a quoted string. Seen in the wild, and harmless: an IPv4 address with a port that is not quoted.
fn take_value(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let Some(mut quoted) = rest.strip_prefix(b"\"") else {
        let length = rest.iter().position(|byte| b",; \t\"".contains(byte)).unwrap_or(rest.len());
        let (value, after) = rest.split_at_checked(length).filter(|(value, _)| !value.is_empty())?;
        *rest = after;
        return Some(value.to_vec());
    };
    let mut value = Vec::new();
    loop {
        let (byte, after) = quoted.split_first()?;
        quoted = after;
        match byte {
            b'"' => break,
            b'\\' => {
                let (escaped, after) = quoted.split_first()?;
                value.push(*escaped);
                quoted = after;
            }
            byte => value.push(*byte),
        }
    }
    *rest = quoted;
    Some(value)
}
