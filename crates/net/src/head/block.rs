//! Sixteen bytes of a head at a time: where its lines end, and what can stand in a value.

use wide::u8x16;

const BLOCK: usize = 16;

/// Where the line feeds of a text are, in order.
pub(crate) struct Feeds<'t> {
    text: &'t [u8],
    /// Where the block that is looked at begins, and one bit for each of its feeds that was not told yet.
    begin: usize,
    left: u32,
    /// Where the next block begins.
    next: usize,
}

impl<'t> Feeds<'t> {
    /// Those from `from` on.
    pub(crate) fn of(text: &'t [u8], from: usize) -> Self {
        Self { text, begin: from, left: 0, next: from }
    }
}

impl Iterator for Feeds<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            let rest = self.text.get(self.next..).filter(|rest| !rest.is_empty())?;
            self.begin = self.next;
            self.next += BLOCK;
            self.left = match rest.first_chunk() {
                Some(block) => feeds(block),
                None => {
                    let mut block = [0; BLOCK];
                    block.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
                    feeds(&block)
                }
            };
        }
        let at = self.begin + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(at)
    }
}

/// One bit for each line feed.
fn feeds(block: &[u8; BLOCK]) -> u32 {
    u8x16::from(*block).simd_eq(u8x16::splat(b'\n')).to_bitmask()
}

/// Whether these bytes can stand in a field (RFC 9110 section 5.5): no control but the tab.
pub(crate) fn is_value(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else {
        return is_plain_and_short(text) || text.iter().all(|byte| !is_control(*byte));
    };
    let (blocks, _) = text.as_chunks();
    // The last block overlaps the one before.
    blocks.iter().chain([last]).all(|block| !has_control(block))
}

/// Whether a text of 8 to 15 bytes has neither a control nor a tab, as two words that overlap tell.
fn is_plain_and_short(text: &[u8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) else { return false };
    // Mycroft's test: no byte is below this, which it tells without fail where none is.
    let any_below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word & HIGH != 0;
    let is_plain = |word| !any_below(word, u64::from(b' ')) && !any_below(word ^ (ONES * 0x7f), 1);
    is_plain(u64::from_ne_bytes(*first)) && is_plain(u64::from_ne_bytes(*last))
}

fn has_control(block: &[u8; BLOCK]) -> bool {
    let bytes = u8x16::from(*block);
    let low = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    let found = (low & !bytes.simd_eq(u8x16::splat(b'\t'))) | bytes.simd_eq(u8x16::splat(0x7f));
    found.to_bitmask() != 0
}

fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || byte == 0x7f
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn every_feed_is_found_wherever_it_is() {
        for length in 0..40 {
            for first in 0..length {
                for second in first..length {
                    let mut text = vec![b'x'; length];
                    text[first] = b'\n';
                    text[second] = b'\n';
                    for from in [0, 1, first] {
                        let found: Vec<usize> = Feeds::of(&text, from).collect();
                        let plain = text.iter().enumerate().skip(from).filter(|(_, byte)| **byte == b'\n');
                        assert_eq!(found, plain.map(|(at, _)| at).collect::<Vec<_>>(), "{text:?}");
                    }
                }
            }
        }
        assert_eq!(Feeds::of(b"\n", 5).next(), None);
    }

    #[test]
    fn a_value_has_no_control_but_the_tab_wherever_it_stands() {
        for length in 0..40 {
            assert!(is_value(&vec![b'x'; length]));
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'x'; length];
                    text[at] = byte;
                    let is_plain = byte == b'\t' || (byte >= b' ' && byte != 0x7f);
                    assert_eq!(is_value(&text), is_plain, "{byte:#x} at {at} of {length}");
                }
            }
        }
    }
}
