//! `t:normalizePathWin`: as `normalizePath`, with backslashes taken for slashes.

use super::Transformation;
use super::normalize_path::normalize;
use crate::ByteSet;

pub static NORMALIZE_PATH_WIN: Transformation =
    Transformation::new("normalizePathWin", ByteSet::of(b"./\\"), |value, out| normalize(value, true, out));
