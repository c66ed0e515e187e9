//! Finds duplicate member names, without quadratic work and without trusting a hash.

use crate::cell::{Cell, Tag};

/// Up to this many members every pair of hashes is compared; beyond, names are sorted and the order is kept.
pub(crate) const FEW: usize = 32;

/// A member's name: the hash of the decoded text, and its cell.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    pub(crate) hash: u32,
    pub(crate) cell: u32,
}

/// An object whose names stand sorted, from `first` on.
#[derive(Clone, Copy)]
pub(crate) struct Large {
    pub(crate) object: u32,
    pub(crate) first: u32,
}

/// A cheap hash. Collisions cost comparisons (bounded by [`FEW`], or by the sort), never correctness.
#[inline]
pub(crate) fn hash(text: &[u8]) -> u32 {
    const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = (text.len() as u64).wrapping_mul(MULTIPLIER);
    let mut rest = text;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        state = (state ^ u64::from_le_bytes(*chunk)).wrapping_mul(MULTIPLIER);
        state ^= state >> 29;
        rest = after;
    }
    state = (state ^ short(rest)).wrapping_mul(MULTIPLIER);
    (state >> 32) as u32
}

/// Up to seven bytes as one number, different for different texts of one length.
#[inline]
fn short(text: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    }
    match text {
        [] => 0,
        [a] => u64::from(*a),
        [a, b] => u64::from(u16::from_le_bytes([*a, *b])),
        [a, b, c, ..] => u64::from(u32::from_le_bytes([*a, *b, *c, 0])),
    }
}

/// The decoded text of a name's or scalar's cell.
#[inline]
pub(crate) fn decoded<'t>(cell: Cell, text: &'t str, side: &'t str) -> &'t str {
    let from = match cell.tag() {
        Tag::NumberAside | Tag::StringAside | Tag::KeyAside => side,
        _ => text,
    };
    let start = cell.first as usize;
    from.get(start..start + cell.count() as usize).unwrap_or_default()
}

/// The cell of a name that stands twice, the later one. Sorts `names` by hash and text when there are many.
pub(crate) fn duplicate(names: &mut [Name], cells: &[Cell], text: &str, side: &str) -> Option<u32> {
    let name = |at: u32| decoded(cells.get(at as usize).copied().unwrap_or(Cell::NULL), text, side);
    if names.len() <= FEW {
        for (count, later) in names.iter().enumerate() {
            for earlier in names.iter().take(count) {
                if earlier.hash == later.hash && name(earlier.cell) == name(later.cell) {
                    return Some(later.cell);
                }
            }
        }
        return None;
    }
    // Numbers sort quickly, and few names have one hash.
    names.sort_unstable_by_key(|name| u64::from(name.hash) << 32 | u64::from(name.cell));
    for alike in names.chunk_by_mut(|a, b| a.hash == b.hash).filter(|alike| alike.len() > 1) {
        alike.sort_unstable_by(|a, b| name(a.cell).cmp(name(b.cell)).then(a.cell.cmp(&b.cell)));
    }
    let twice = |pair: &&[Name]| match pair {
        [a, b] => a.hash == b.hash && name(a.cell) == name(b.cell),
        _ => false,
    };
    names.windows(2).filter(twice).filter_map(|pair| pair.last()).map(|later| later.cell).min()
}
