//! `t:compressWhitespace`: each run of white space becomes one space.

use super::Transformation;
use super::white_space::{WHITE_SPACE, is_white_space};

pub static COMPRESS_WHITESPACE: Transformation =
    Transformation::new("compressWhitespace", WHITE_SPACE, apply);

fn apply(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let mut inside = false;
    for byte in value.iter().copied() {
        let white = is_white_space(byte);
        match (white, inside) {
            (true, true) => {}
            (true, false) => out.push(b' '),
            (false, _) => out.push(byte),
        }
        inside = white;
    }
    out != value
}
