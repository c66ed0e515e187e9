//! `t:base64Decode`: base64 up to the first NUL byte, read strictly: a character outside the alphabet empties the
//! value. Line ends (with or without a carriage return) are skipped, and so are spaces before them and at the end. Of the
//! characters after the last whole group of four nothing remains.

use super::Transformation;
use crate::ByteSet;

pub static BASE64_DECODE: Transformation = Transformation::new("base64Decode", ByteSet::ALL, |value, out| {
    out.clear();
    let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
    if !decode(text, out) {
        out.clear();
    }
    !value.is_empty()
});

/// `false`: not base64.
fn decode(text: &[u8], out: &mut Vec<u8>) -> bool {
    let mut group = [0_u8; 4];
    let (mut filled, mut padding) = (0, 0);
    let mut rest = text;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        let sextet = match byte {
            b'\n' => continue,
            b'\r' if tail.first() == Some(&b'\n') => continue,
            b' ' => {
                let Some(after) = after_spaces(tail) else { return false };
                rest = after;
                continue;
            }
            b'=' if padding < 2 => {
                padding += 1;
                0
            }
            _ if padding > 0 => return false,
            _ => match sextet(*byte) {
                Some(sextet) => sextet,
                None => return false,
            },
        };
        if let Some(slot) = group.get_mut(filled) {
            *slot = sextet;
        }
        filled += 1;
        if filled == 4 {
            filled = 0;
            let [a, b, c, d] = group;
            let whole = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
            out.extend_from_slice(whole.get(..3 - padding).unwrap_or_default());
        }
    }
    true
}

/// What stands after further spaces, where that is the end of the line or of the text.
fn after_spaces(rest: &[u8]) -> Option<&[u8]> {
    let after =
        rest.iter().position(|byte| *byte != b' ').and_then(|start| rest.get(start..)).unwrap_or_default();
    (after.is_empty() || after.starts_with(b"\n") || after.starts_with(b"\r\n")).then_some(after)
}

/// The six bits that a character of the alphabet stands for.
pub(super) fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
