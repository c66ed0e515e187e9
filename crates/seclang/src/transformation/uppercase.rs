//! `t:uppercase`: ASCII letters to upper case.

use super::{Transformation, each_byte};
use crate::ByteSet;

pub static UPPERCASE: Transformation =
    Transformation::new("uppercase", ByteSet::range(b'a', b'z'), |value, out| {
        each_byte(value, out, |byte| byte.to_ascii_uppercase())
    });
