//! `t:utf8toUnicode`: each character of UTF-8 beyond ASCII as `%uHHHH` (five or six digits beyond U+FFFF).
//!
//! Of a sequence that is cut or broken its first byte is left out (those from 0xF5 to 0xF7 stay) and the next byte
//! looked at afresh; after an overlong form or a surrogate its first byte is repeated; a NUL byte is left out.

use super::Transformation;
use super::hex_encode::lower_digit;
use crate::ByteSet;

pub static UTF8_TO_UNICODE: Transformation =
    Transformation::new("utf8toUnicode", ByteSet::range(0x80, 0xff).with(0), apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut rest = value;
    while let [first, tail @ ..] = rest {
        rest = tail;
        let length = match first {
            0 => continue,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            _ => {
                out.push(*first);
                continue;
            }
        };
        if *first >= 0xf5 && length == 4 {
            out.push(*first);
        }
        let continuation = tail.get(..length - 1).unwrap_or_default();
        if continuation.is_empty() || continuation.iter().any(|byte| byte & 0xc0 != 0x80) {
            continue;
        }
        rest = tail.get(length - 1..).unwrap_or_default();
        let point = code_point(*first, continuation);
        write_escape(point, out);
        if (0xd800..=0xdfff).contains(&point) || is_overlong(point, length) {
            out.push(*first);
        }
    }
    out != value
}

fn code_point(first: u8, continuation: &[u8]) -> u32 {
    let kept = u32::from(first) & (0x3f >> continuation.len());
    continuation.iter().fold(kept, |point, byte| point << 6 | u32::from(byte & 0x3f))
}

fn is_overlong(point: u32, length: usize) -> bool {
    match length {
        2 => point < 0x80,
        3 => point < 0x800,
        _ => point < 0x1_0000,
    }
}

fn write_escape(point: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(b"%u");
    let digits = (8 - point.leading_zeros() / 4).max(4);
    for place in (0..digits).rev() {
        let [low, ..] = (point >> (place * 4) & 15).to_le_bytes();
        out.push(lower_digit(low));
    }
}
