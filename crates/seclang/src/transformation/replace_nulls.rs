//! `t:replaceNulls`: NUL bytes become spaces.

use super::{Transformation, each_byte};
use crate::ByteSet;

pub static REPLACE_NULLS: Transformation =
    Transformation::new("replaceNulls", ByteSet::of(b"\0"), |value, out| {
        each_byte(value, out, |byte| if byte == 0 { b' ' } else { byte })
    });
