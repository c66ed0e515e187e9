//! Percent-decoding (RFC 3986 section 2.1), strictly.

use super::Undecodable;

/// What a plus sign stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    Literal,
    /// As in `application/x-www-form-urlencoded`.
    Space,
}

/// Not for a malformed escape, for what is not UTF-8 once decoded, and for what has a NUL, where many servers end it.
pub(crate) fn decode(raw: &str, plus: Plus) -> Result<String, Undecodable> {
    let bytes = raw.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'%' => {
                decoded.push(crate::path::escape(bytes, at).ok_or(Undecodable::Escape)?);
                at += 3;
                continue;
            }
            b'+' if plus == Plus::Space => decoded.push(b' '),
            _ => decoded.push(byte),
        }
        at += 1;
    }
    if decoded.contains(&0) {
        return Err(Undecodable::Nul);
    }
    String::from_utf8(decoded).map_err(|_| Undecodable::Utf8)
}
