//! `t:length`: the number of bytes, in decimal.

use super::Transformation;
use crate::ByteSet;

pub static LENGTH: Transformation = Transformation::new("length", ByteSet::ALL, |value, out| {
    out.clear();
    out.extend_from_slice(value.len().to_string().as_bytes());
    true
});
