//! `t:trimLeft`: white space at the start is left out.

use super::Transformation;
use super::white_space::{WHITE_SPACE, is_white_space};

pub static TRIM_LEFT: Transformation = Transformation::new("trimLeft", WHITE_SPACE, apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    out.extend_from_slice(trim_start(value));
    out.len() != value.len()
}

pub(super) fn trim_start(value: &[u8]) -> &[u8] {
    let start = value.iter().position(|byte| !is_white_space(*byte)).unwrap_or(value.len());
    value.get(start..).unwrap_or_default()
}
