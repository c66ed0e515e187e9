//! Percent-decoding (RFC 3986 section 2.1), strictly.

/// What a plus sign stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    Literal,
    /// As in `application/x-www-form-urlencoded`.
    Space,
}

/// None for a malformed escape, and for what is not UTF-8 once decoded.
pub(crate) fn decode(raw: &str, plus: Plus) -> Option<String> {
    let bytes = raw.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'%' => {
                decoded.push(crate::path::escape(bytes, at)?);
                at += 3;
                continue;
            }
            b'+' if plus == Plus::Space => decoded.push(b' '),
            _ => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8(decoded).ok()
}
