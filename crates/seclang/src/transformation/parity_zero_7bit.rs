//! `t:parityZero7bit`: the eighth bit is cleared.

use super::{Transformation, each_byte};
use crate::ByteSet;

pub static PARITY_ZERO_7BIT: Transformation =
    Transformation::new("parityZero7bit", ByteSet::range(0x80, 0xff), |value, out| {
        each_byte(value, out, |byte| byte & 0x7f)
    });
