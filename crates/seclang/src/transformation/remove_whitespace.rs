//! `t:removeWhitespace`: white space is left out, and so are the bytes of the no-break space in Latin-1 and UTF-8.

use super::white_space::WHITE_SPACE;
use super::{Transformation, only_bytes};
use crate::ByteSet;

const REMOVED: ByteSet = WHITE_SPACE.with(0xa0).with(0xc2);

pub static REMOVE_WHITESPACE: Transformation =
    Transformation::new("removeWhitespace", REMOVED, |value, out| {
        only_bytes(value, out, |byte| !REMOVED.has(byte))
    });
