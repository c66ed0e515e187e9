//! `t:sqlHexDecode`: the hexadecimal strings of SQL (`0x414243`).

use super::{Transformation, hex_digits};
use crate::ByteSet;

pub static SQL_HEX_DECODE: Transformation = Transformation::new("sqlHexDecode", ByteSet::of(b"0"), apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while let [byte, tail @ ..] = rest {
        rest = match rest {
            [b'0', b'x' | b'X', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                digits(rest.get(2..).unwrap_or_default(), out)
            }
            _ => {
                out.push(*byte);
                tail
            }
        };
    }
    out.len() != value.len()
}

/// Decodes the pairs at the start; what stands after them.
fn digits<'a>(mut rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    while let [a, b, after @ ..] = rest
        && a.is_ascii_hexdigit()
        && b.is_ascii_hexdigit()
    {
        out.push(hex_digits::pair(*a, *b));
        rest = after;
    }
    rest
}
