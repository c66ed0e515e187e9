//! `t:urlDecodeUni`: `%HH`, `+` and the `%uHHHH` of IIS. Of the latter the table of `SecUnicodeMapFile` says the byte;
//! without an entry it is the lower byte, and for full width forms the ASCII character.

use super::{Transformation, hex_digits, url_decode};
use crate::{ByteSet, UnicodeMap};

pub static URL_DECODE_UNI: Transformation = Transformation {
    apply_mapped: Some(|value, map, out| decode(value, Some(map), out)),
    ..Transformation::new("urlDecodeUni", ByteSet::of(b"%+"), |value, out| decode(value, None, out))
};

fn decode(value: &[u8], map: Option<&UnicodeMap>, out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while !rest.is_empty() {
        rest = match rest {
            [b'%', b'u' | b'U', a, b, c, d, after @ ..]
                if [a, b, c, d].iter().all(|hex| hex.is_ascii_hexdigit()) =>
            {
                let (high, low) = (hex_digits::pair(*a, *b), hex_digits::pair(*c, *d));
                let mapped = map.and_then(|map| map.get(u32::from(high) << 8 | u32::from(low)));
                out.push(mapped.unwrap_or_else(|| hex_digits::narrowed([*a, *b], low)));
                after
            }
            _ => url_decode::step(rest, out),
        };
    }
    out != value
}
