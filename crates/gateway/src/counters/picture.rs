//! What is counted, as bytes: eight letters that name their shape, the seed, and entries of four numbers; little-endian.

use super::seed::Seed;

/// Entries of one picture, which is 32 MiB then; the rest is left out.
pub(super) const ENTRIES_MAX: usize = 1 << 20;

const SEED: std::ops::Range<usize> = 8..24;
const ENTRY_BYTES: usize = 32;

/// Bytes without an entry.
pub(super) fn begun(shape: &[u8; 8], Seed(first, second): Seed) -> Vec<u8> {
    [*shape, first.to_le_bytes(), second.to_le_bytes()].concat()
}

pub(super) fn put(bytes: &mut Vec<u8>, entry: [u64; 4]) {
    bytes.extend(entry.into_iter().flat_map(u64::to_le_bytes));
}

/// The seed and the entries; `None` when the bytes are not of that shape. What is less than an entry at their end is left.
pub(super) fn read<'b>(
    shape: &[u8; 8],
    bytes: &'b [u8],
) -> Option<(Seed, impl Iterator<Item = [u64; 4]> + use<'b>)> {
    let seed = bytes.strip_prefix(shape.as_slice()).and_then(|_| bytes.get(SEED))?;
    let (first, second) = seed.split_at_checked(8)?;
    let entries = bytes.get(SEED.end..)?.chunks_exact(ENTRY_BYTES).filter_map(|entry| {
        let mut numbers = entry.chunks_exact(8).filter_map(number);
        Some([numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()?])
    });
    Some((Seed(number(first)?, number(second)?), entries))
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}
