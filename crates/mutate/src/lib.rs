//! Hostile input for tests: a small generator, the same numbers every time, and mutations of what it is given.

/// Marsaglia's xorshift64.
pub struct Random {
    state: u64,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { state: seed | 1 }
    }

    pub fn number(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    pub fn below(&mut self, bound: usize) -> usize {
        ((self.number() >> 11) % bound.max(1) as u64) as usize
    }

    /// Changes, removes, inserts, doubles or cuts.
    pub fn mutate(&mut self, bytes: &mut Vec<u8>) {
        const LIKELY: &[u8] = b"\"\\{}[]:,0-+.eE \n\tu\0\x1f\x7f\x80\xc3\xed\xff&*#|>?%~'";
        let at = self.below(bytes.len() + 1);
        match self.below(6) {
            0 if at < bytes.len() => {
                bytes.remove(at);
            }
            1 => bytes.insert(at, LIKELY.get(self.below(LIKELY.len())).copied().unwrap_or(b' ')),
            2 => bytes.truncate(at),
            3 => {
                let end = (at + self.below(9)).min(bytes.len());
                let part = bytes.get(at..end).unwrap_or_default().to_vec();
                let place = self.below(bytes.len() + 1);
                bytes.splice(place..place, part);
            }
            4 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (self.number() % 8);
                }
            }
            _ => {
                let random = self.number().to_le_bytes();
                if let (Some(byte), [first, ..]) = (bytes.get_mut(at), random) {
                    *byte = first;
                }
            }
        }
    }
}
