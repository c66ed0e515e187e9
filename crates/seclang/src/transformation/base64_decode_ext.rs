//! `t:base64DecodeExt`: base64 read with forbearance: what is outside the alphabet is skipped, padding may be missing,
//! and six bits left over at the end are dropped. A lone `=` after the first character of a group empties the value.
//!
//! ModSecurity also empties a value whose last character is a `9` that begins a group, since it takes that digit's
//! number for the code of `=`; such a value is decoded here.

use super::Transformation;
use super::base64_decode::sextet;
use crate::ByteSet;

pub static BASE64_DECODE_EXT: Transformation =
    Transformation::new("base64DecodeExt", ByteSet::ALL, |value, out| {
        out.clear();
        if !decode(value, out) {
            out.clear();
        }
        !value.is_empty()
    });

fn decode(text: &[u8], out: &mut Vec<u8>) -> bool {
    let (mut bits, mut count) = (0_u32, 0_usize);
    let mut rest = text;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte == b'=' {
            if count % 4 == 1 && tail.first() != Some(&b'=') {
                return false;
            }
            continue;
        }
        let Some(sextet) = sextet(*byte) else { continue };
        bits = bits << 6 | u32::from(sextet);
        count += 1;
        match count % 4 {
            2 => out.push(low_byte(bits >> 4)),
            3 => out.push(low_byte(bits >> 2)),
            0 => out.push(low_byte(bits)),
            _ => {}
        }
    }
    text.last() != Some(&b'=') || count % 4 != 1
}

fn low_byte(bits: u32) -> u8 {
    let [low, ..] = bits.to_le_bytes();
    low
}
