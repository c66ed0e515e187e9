//! `t:hexEncode`: each byte as two lower case hexadecimal digits.

use super::Transformation;
use crate::ByteSet;

pub static HEX_ENCODE: Transformation = Transformation::new("hexEncode", ByteSet::ALL, |value, out| {
    out.clear();
    out.extend(value.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(lower_digit));
    !value.is_empty()
});

/// The digit of a number below 16.
pub(super) fn lower_digit(number: u8) -> u8 {
    if number < 10 { b'0' + number } else { b'a' + number - 10 }
}
