//! `t:parityEven7bit`: the eighth bit is set so that the number of ones is even.

use super::{Transformation, each_byte};
use crate::ByteSet;

pub static PARITY_EVEN_7BIT: Transformation =
    Transformation::new("parityEven7bit", ByteSet::ALL, |value, out| {
        each_byte(value, out, |byte| with_parity(byte, 0))
    });

/// ModSecurity looks at all eight bits for the parity, not at the lower seven.
pub(super) fn with_parity(byte: u8, wanted: u32) -> u8 {
    if byte.count_ones() % 2 == wanted { byte & 0x7f } else { byte | 0x80 }
}
