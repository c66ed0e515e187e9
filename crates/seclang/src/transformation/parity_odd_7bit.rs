//! `t:parityOdd7bit`: the eighth bit is set so that the number of ones is odd.

use super::parity_even_7bit::with_parity;
use super::{Transformation, each_byte};
use crate::ByteSet;

pub static PARITY_ODD_7BIT: Transformation =
    Transformation::new("parityOdd7bit", ByteSet::ALL, |value, out| {
        each_byte(value, out, |byte| with_parity(byte, 1))
    });
