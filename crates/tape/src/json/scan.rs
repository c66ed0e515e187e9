//! Looks at sixteen bytes at once: where a plain run ends, and where white space ends.

use wide::u8x16;

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 16;
/// A longer block, for runs that have shown to be long.
const LARGE_BLOCK: usize = 64;

/// The first quote, backslash or control character from `at` on, or the end.
#[inline]
pub(super) fn plain_end(bytes: &[u8], at: usize) -> usize {
    // Most strings end in the first block.
    match block(bytes, at).map(plain_in) {
        Some(BLOCK) => long_plain_end(bytes, at + BLOCK),
        Some(plain) => at + plain,
        None => short_plain_end(bytes, at),
    }
}

fn long_plain_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match block(bytes, at).map(plain_in) {
            Some(BLOCK) => at += BLOCK,
            Some(plain) => return at + plain,
            None => return short_plain_end(bytes, at),
        }
        while let Some(large) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            if !is_plain(large) {
                break;
            }
            at += LARGE_BLOCK;
        }
    }
}

/// The same, a byte at a time, where the text ends soon.
fn short_plain_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !plain(*byte)).unwrap_or(rest.len())
}

/// The first byte from `at` on that is no white space (RFC 8259 section 2), or the end.
pub(super) fn space_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match block(bytes, at).map(space_in) {
            Some(BLOCK) => at += BLOCK,
            Some(space) => return at + space,
            None => break,
        }
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !space(*byte)).unwrap_or(rest.len())
}

#[inline]
fn plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

#[inline]
fn space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Without a branch for each byte, so that vector instructions do it.
#[inline]
fn is_plain(block: &[u8; LARGE_BLOCK]) -> bool {
    block.iter().fold(true, |all, byte| all & plain(*byte))
}

#[inline]
fn block(bytes: &[u8], at: usize) -> Option<&[u8; BLOCK]> {
    bytes.get(at..).and_then(|rest| rest.first_chunk())
}

/// The number of plain bytes that a block begins with.
#[inline]
fn plain_in(block: &[u8; BLOCK]) -> usize {
    let bytes = u8x16::from(*block);
    let controls = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
    let ends = bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\')) | controls;
    // A bit beyond the block, so that there is a first one.
    (ends.to_bitmask() | 1 << BLOCK).trailing_zeros() as usize
}

/// The number of bytes of white space that a block begins with.
#[inline]
fn space_in(block: &[u8; BLOCK]) -> usize {
    let bytes = u8x16::from(*block);
    let [space, line, carriage, tab] = [b' ', b'\n', b'\r', b'\t'].map(|b| bytes.simd_eq(u8x16::splat(b)));
    (!((space | line) | (carriage | tab)).to_bitmask()).trailing_zeros() as usize
}

#[cfg(test)]
mod tests;
