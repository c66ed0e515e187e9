//! `t:base64Decode`: base64 up to the first NUL byte, read strictly: a character outside the alphabet empties the
//! value. Line ends are skipped, and so are spaces before them and at the end. Of the characters after the last whole
//! group of four nothing remains.

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
    let end = text.iter().rposition(|byte| !matches!(byte, b' ' | b'\r' | b'\n')).map_or(0, |last| last + 1);
    let mut group = [0_u8; 4];
    let (mut filled, mut padding) = (0, 0);
    let mut rest = text.get(..end).unwrap_or_default();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        let sextet = match byte {
            b'\n' => continue,
            b' ' | b'\r' if starts_a_line_end(rest) => continue,
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

/// Whether nothing but spaces stands before the end of the line.
fn starts_a_line_end(rest: &[u8]) -> bool {
    matches!(rest.iter().find(|byte| **byte != b' '), Some(b'\n' | b'\r'))
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
