//! What is done to a value before an operator sees it: the list of all transformations.

use crate::ByteSet;

/// One transformation (`t:NAME`). Owned by one file of `transformation/`.
#[derive(Debug, Clone, Copy)]
pub struct Transformation {
    /// As ModSecurity writes it; found without regard to case.
    pub name: &'static str,
    /// A value without any of these bytes is left as it is. `ByteSet::ALL`: it always has to be run, also on an empty
    /// value.
    pub touches: ByteSet,
    /// Writes the new value to `out` (which it clears first). `false`: unchanged, and `out` means nothing.
    pub apply: fn(value: &[u8], out: &mut Vec<u8>) -> bool,
}

/// Every transformation.
pub static TRANSFORMATIONS: &[&Transformation] = &[];

pub fn find(name: &str) -> Option<&'static Transformation> {
    TRANSFORMATIONS.iter().copied().find(|known| known.name.eq_ignore_ascii_case(name))
}
