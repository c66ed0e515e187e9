//! `t:removeNulls`: NUL bytes are left out.

use super::{Transformation, only_bytes};
use crate::ByteSet;

pub static REMOVE_NULLS: Transformation =
    Transformation::new("removeNulls", ByteSet::of(b"\0"), |value, out| {
        only_bytes(value, out, |byte| byte != 0)
    });
