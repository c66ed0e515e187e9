//! White space as C's `isspace` has it in the C locale.

use crate::ByteSet;

pub(super) const WHITE_SPACE: ByteSet = ByteSet::of(b" \t\n\x0b\x0c\r");

pub(super) fn is_white_space(byte: u8) -> bool {
    WHITE_SPACE.has(byte)
}
