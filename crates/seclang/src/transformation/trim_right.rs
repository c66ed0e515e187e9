//! `t:trimRight`: white space at the end is left out.

use super::Transformation;
use super::white_space::{WHITE_SPACE, is_white_space};

pub static TRIM_RIGHT: Transformation = Transformation::new("trimRight", WHITE_SPACE, apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    out.extend_from_slice(trim_end(value));
    out.len() != value.len()
}

pub(super) fn trim_end(value: &[u8]) -> &[u8] {
    let end = value.iter().rposition(|byte| !is_white_space(*byte)).map_or(0, |last| last + 1);
    value.get(..end).unwrap_or_default()
}
