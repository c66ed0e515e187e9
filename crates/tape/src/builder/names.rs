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
    let mut state = text.len() as u64;
    let (chunks, rest) = text.as_chunks::<8>();
    for chunk in chunks {
        state = (state ^ u64::from_le_bytes(*chunk)).wrapping_mul(MULTIPLIER);
        state ^= state >> 29;
    }
    let mut last = 0_u64;
    for byte in rest {
        last = (last << 8) | u64::from(*byte);
    }
    state = (state ^ last).wrapping_mul(MULTIPLIER);
    (state >> 32) as u32
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
    names.sort_unstable_by(|a, b| {
        a.hash.cmp(&b.hash).then_with(|| name(a.cell).cmp(name(b.cell))).then(a.cell.cmp(&b.cell))
    });
    let twice = |pair: &&[Name]| match pair {
        [a, b] => a.hash == b.hash && name(a.cell) == name(b.cell),
        _ => false,
    };
    names.windows(2).filter(twice).filter_map(|pair| pair.last()).map(|later| later.cell).min()
}
