//! `t:escapeSeqDecode`: the escapes of ANSI C: `\xHH`, up to three octal digits (modulo 256), the letters, and a
//! backslash before any other character, which is left out.

use super::js_decode::control;
use super::{Transformation, hex_digits};
use crate::ByteSet;

pub static ESCAPE_SEQ_DECODE: Transformation =
    Transformation::new("escapeSeqDecode", ByteSet::of(b"\\"), apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while let [byte, tail @ ..] = rest {
        let (decoded, after) = match (byte, tail) {
            (b'\\', [b'x' | b'X', a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                (hex_digits::pair(*a, *b), after)
            }
            (b'\\', [b'0'..=b'7', ..]) => {
                let (number, count) = hex_digits::octal(tail);
                let [low, _] = number.to_le_bytes();
                (low, tail.get(count..).unwrap_or_default())
            }
            (b'\\', [letter, after @ ..]) => (control(*letter), after),
            _ => (*byte, tail),
        };
        out.push(decoded);
        rest = after;
    }
    out != value
}
