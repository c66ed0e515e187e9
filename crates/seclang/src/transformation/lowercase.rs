//! `t:lowercase`: ASCII letters to lower case.

use super::{Transformation, each_byte};
use crate::ByteSet;

pub static LOWERCASE: Transformation =
    Transformation::new("lowercase", ByteSet::range(b'A', b'Z'), |value, out| {
        each_byte(value, out, |byte| byte.to_ascii_lowercase())
    });
