//! `t:trim`: white space at both ends is left out.

use super::Transformation;
use super::trim_left::trim_start;
use super::trim_right::trim_end;
use super::white_space::WHITE_SPACE;

pub static TRIM: Transformation = Transformation::new("trim", WHITE_SPACE, apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    out.extend_from_slice(trim_start(trim_end(value)));
    out.len() != value.len()
}
