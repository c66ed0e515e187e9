//! A set of byte values, in four words.

/// From here on a table pays.
const LONG_BYTES: usize = 48;

/// Which of the 256 byte values belong. Built in constants, asked in loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    pub const NONE: Self = Self([0; 4]);
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// The bytes of `text`, each as it stands.
    pub const fn of(text: &[u8]) -> Self {
        // Four words of their own, so that one byte need not wait for what the last one stored.
        let (mut a, mut b, mut c, mut d) = (0, 0, 0, 0);
        let mut rest = text;
        while let [byte, tail @ ..] = rest {
            let bit = 1_u64 << (*byte % 64);
            match *byte / 64 {
                0 => a |= bit,
                1 => b |= bit,
                2 => c |= bit,
                _ => d |= bit,
            }
            rest = tail;
        }
        Self([a, b, c, d])
    }

    /// The same as [`Self::of`], faster.
    pub fn in_text(text: &[u8]) -> Self {
        if text.len() < LONG_BYTES {
            let one = |byte: &u8| ONES.get(usize::from(*byte)).copied().unwrap_or(Self::NONE);
            return text.iter().fold(Self::NONE, |set, byte| set.or(one(byte)));
        }
        let mut seen = [0_u8; 256];
        for byte in text {
            if let Some(seen) = seen.get_mut(usize::from(*byte)) {
                *seen = 1;
            }
        }
        let (words, _) = seen.as_chunks::<64>();
        let word = |word: Option<&[u8; 64]>| {
            let (eights, _) = word.map_or(&[][..], <[u8; 64]>::as_slice).as_chunks::<8>();
            // The lowest bits of eight bytes, gathered by a multiplication.
            let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            eights.iter().rev().fold(0, |bits_so_far, eight| bits_so_far << 8 | bits(eight))
        };
        let mut words = words.iter();
        Self(std::array::from_fn(|_| word(words.next())))
    }

    /// All bytes from `low` to `high`, both included.
    pub const fn range(low: u8, high: u8) -> Self {
        let mut set = Self::NONE;
        let mut byte = low;
        while byte <= high {
            set = set.with(byte);
            if byte == u8::MAX {
                break;
            }
            byte += 1;
        }
        set
    }

    #[expect(clippy::indexing_slicing, reason = "byte / 64 is below 4")]
    pub const fn with(mut self, byte: u8) -> Self {
        self.0[(byte / 64) as usize] |= 1 << (byte % 64);
        self
    }

    /// Calls `f` with every byte that belongs, ascending.
    #[inline]
    pub fn each(&self, mut f: impl FnMut(u8)) {
        for (first, word) in [0, 64, 128, 192].into_iter().zip(self.0) {
            let mut left = word;
            while left != 0 {
                f(first | left.trailing_zeros() as u8);
                left &= left - 1;
            }
        }
    }

    pub const fn or(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a | e, b | f, c | g, d | h])
    }

    pub const fn and(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a & e, b & f, c & g, d & h])
    }

    pub const fn not(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([!a, !b, !c, !d])
    }

    #[expect(clippy::indexing_slicing, reason = "byte / 64 is below 4")]
    pub const fn has(&self, byte: u8) -> bool {
        self.0[(byte / 64) as usize] >> (byte % 64) & 1 == 1
    }

    pub const fn is_all(&self) -> bool {
        let [a, b, c, d] = self.0;
        a & b & c & d == u64::MAX
    }

    pub const fn is_empty(&self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }

    /// Whether the two have a byte in common.
    pub const fn meets(&self, other: &Self) -> bool {
        !self.and(*other).is_empty()
    }
}

/// Each byte alone.
#[expect(clippy::indexing_slicing, reason = "byte is below the length, and it is a constant")]
static ONES: [ByteSet; 256] = {
    let mut ones = [ByteSet::NONE; 256];
    let mut byte = 0;
    while byte < ones.len() {
        ones[byte] = ByteSet::NONE.with(byte as u8);
        byte += 1;
    }
    ones
};

#[cfg(test)]
mod tests {
    use super::ByteSet;

    #[test]
    fn a_long_text_has_the_set_of_its_bytes() {
        let mut random = mutate::Random::new(11);
        for length in 0..400 {
            let span = 1 + random.below(256);
            let text: Vec<u8> = (0..length).map(|_| u8::try_from(random.below(span)).unwrap_or(0)).collect();
            assert_eq!(ByteSet::in_text(&text), ByteSet::of(&text), "{text:?}");
            let mut each = Vec::new();
            ByteSet::of(&text).each(|byte| each.push(byte));
            let expected: std::collections::BTreeSet<u8> = text.iter().copied().collect();
            assert_eq!(each, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
