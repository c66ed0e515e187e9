//! `t:urlEncode`: all but ASCII letters, digits and `*` as `%hh`; a space as `+`.

use super::Transformation;
use super::hex_encode::lower_digit;
use crate::ByteSet;

const PLAIN: ByteSet = ByteSet::of(b"*")
    .or(ByteSet::range(b'0', b'9'))
    .or(ByteSet::range(b'A', b'Z'))
    .or(ByteSet::range(b'a', b'z'));

pub static URL_ENCODE: Transformation = Transformation::new("urlEncode", PLAIN.not(), |value, out| {
    out.clear();
    for byte in value.iter().copied() {
        match byte {
            b' ' => out.push(b'+'),
            _ if PLAIN.has(byte) => out.push(byte),
            _ => out.extend([b'%', lower_digit(byte >> 4), lower_digit(byte & 15)]),
        }
    }
    out != value
});
