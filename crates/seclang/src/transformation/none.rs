//! `t:none`: nothing; the compiler empties the list of transformations where it stands.

use super::Transformation;
use crate::ByteSet;

pub static NONE: Transformation = Transformation::new("none", ByteSet::NONE, |_, _| false);
