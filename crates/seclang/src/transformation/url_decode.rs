//! `t:urlDecode`: `%HH` and `+`; a broken escape is left as it is.

use super::{Transformation, hex_digits};
use crate::ByteSet;

pub static URL_DECODE: Transformation = Transformation::new("urlDecode", ByteSet::of(b"%+"), |value, out| {
    out.clear();
    let mut rest = value;
    while !rest.is_empty() {
        rest = step(rest, out);
    }
    out != value
});

/// Decodes one character; what stands after it.
pub(super) fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let (byte, after) = match rest {
        [b'%', a, b, after @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
            (hex_digits::pair(*a, *b), after)
        }
        [b'+', after @ ..] => (b' ', after),
        [byte, after @ ..] => (*byte, after),
        [] => return rest,
    };
    out.push(byte);
    after
}
