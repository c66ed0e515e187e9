//! `t:removeWhitespace`: white space is left out, and so are the bytes of the no-break space in Latin-1 and UTF-8.

use super::Transformation;
use super::white_space::WHITE_SPACE;
use crate::ByteSet;

const REMOVED: ByteSet = WHITE_SPACE.with(0xa0).with(0xc2);

pub static REMOVE_WHITESPACE: Transformation =
    Transformation::new("removeWhitespace", REMOVED, |value, out| {
        out.clear();
        for stretch in value.split(|byte| REMOVED.has(*byte)) {
            out.extend_from_slice(stretch);
        }
        out.len() != value.len()
    });
