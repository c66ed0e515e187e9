//! JSON strings (RFC 8259 section 7): where they stand, or what they decode to.

use super::Reader;
use crate::FaultKind;
use crate::cell::SIZE_MAX;

/// A string that was read: between its quotes in the text, or in the side buffer when it has escapes.
pub(super) struct Decoded {
    /// Where the opening quote stands.
    pub(super) quote: u32,
    pub(super) aside: bool,
    pub(super) start: u32,
    pub(super) length: u32,
}

impl Decoded {
    pub(super) fn of<'t>(&self, from: &'t str) -> &'t str {
        from.get(self.start as usize..(self.start + self.length) as usize).unwrap_or_default()
    }
}

const WORDS_FIRST: usize = 2;
/// Blocks that a long run is gone over in: one that is worth the setting up of vectors, and one for the rest.
const LARGE_BLOCK_BYTES: usize = 128;
const BLOCK_BYTES: usize = 32;

/// Whether nothing in a block ends a plain run. Without a branch for each byte, so that vector instructions do it.
#[inline]
fn is_plain<const BYTES: usize>(block: &[u8; BYTES]) -> bool {
    let ends = |byte: u8| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\');
    block.iter().fold(0, |found, byte| found | ends(*byte)) == 0
}

impl Reader<'_> {
    /// Reads the string whose quote stands here.
    #[inline]
    pub(super) fn scan_string(&mut self) -> Result<Decoded, FaultKind> {
        let quote = self.at as u32;
        self.at += 1;
        let start = self.at;
        self.skip_plain();
        match self.bytes.get(self.at) {
            Some(b'"') => {
                let length = (self.at - start) as u32;
                self.at += 1;
                Ok(Decoded { quote, aside: false, start: start as u32, length })
            }
            Some(b'\\') => self.scan_escaped(quote, start),
            // RFC 8259 section 7: control characters are escaped.
            Some(_) => Err(FaultKind::Syntax),
            None => Err(FaultKind::Incomplete),
        }
    }

    /// Decodes into the side buffer, from the first escape on.
    #[cold]
    fn scan_escaped(&mut self, quote: u32, start: usize) -> Result<Decoded, FaultKind> {
        let first = self.builder.side.len();
        let mut copied = start;
        loop {
            self.skip_plain();
            let plain = self.text.get(copied..self.at).unwrap_or_default();
            self.builder.side.push_str(plain);
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let character = self.escape()?;
                    self.builder.side.push(character);
                    copied = self.at;
                }
                Some(_) => return Err(FaultKind::Syntax),
                None => return Err(FaultKind::Incomplete),
            }
        }
        self.at += 1;
        // Decoding never lengthens, so the side buffer stays below the text's limit.
        let length = self.builder.side.len() - first;
        debug_assert!(self.builder.side.len() <= SIZE_MAX as usize);
        Ok(Decoded { quote, aside: true, start: first as u32, length: length as u32 })
    }

    /// Moves to the next quote, backslash or control character, or to the end.
    #[inline]
    fn skip_plain(&mut self) {
        // Most strings are short and end in the first words; a long one is gone over in blocks.
        for _ in 0..WORDS_FIRST {
            if self.skip_plain_word() {
                return;
            }
        }
        self.skip_plain_blocks::<LARGE_BLOCK_BYTES>();
        self.skip_plain_blocks::<BLOCK_BYTES>();
        while !self.skip_plain_word() {}
    }

    #[inline]
    fn skip_plain_blocks<const BYTES: usize>(&mut self) {
        while self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()).is_some_and(is_plain::<BYTES>) {
            self.at += BYTES;
        }
    }

    /// Moves over eight plain bytes; true when it came to what ends them.
    #[inline]
    fn skip_plain_word(&mut self) -> bool {
        const ONES: u64 = u64::MAX / 255;
        const HIGHS: u64 = ONES * 0x80;
        // The lowest high bit in `stop` is the byte that ends the plain run. Bits above it may be borrows of the
        // subtractions, and do not count.
        if let Some(chunk) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_le_bytes(*chunk);
            let control = word.wrapping_sub(ONES * 0x20);
            let quote = word ^ (ONES * u64::from(b'"'));
            let backslash = word ^ (ONES * u64::from(b'\\'));
            let stop = (control | quote.wrapping_sub(ONES) | backslash.wrapping_sub(ONES)) & !word & HIGHS;
            self.at += if stop == 0 { 8 } else { (stop.trailing_zeros() / 8) as usize };
            return stop != 0;
        }
        while self.bytes.get(self.at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1F)) {
            self.at += 1;
        }
        true
    }

    /// Reads one escape, at its backslash. On a fault the position stays at the backslash.
    fn escape(&mut self) -> Result<char, FaultKind> {
        let character = match self.bytes.get(self.at + 1).ok_or(FaultKind::Incomplete)? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(FaultKind::Syntax),
        };
        self.at += 2;
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Result<char, FaultKind> {
        let unit = self.unit(self.at)?;
        if !(0xD800..0xE000).contains(&unit) {
            self.at += 6;
            return char::from_u32(unit).ok_or(FaultKind::Surrogate);
        }
        // A high surrogate has its low one right behind it, or there is no character (RFC 8259 section 8.2).
        if unit >= 0xDC00 || self.bytes.get(self.at + 6..self.at + 8) != Some(b"\\u".as_slice()) {
            return Err(FaultKind::Surrogate);
        }
        let low = self.unit(self.at + 6)?;
        if !(0xDC00..0xE000).contains(&low) {
            return Err(FaultKind::Surrogate);
        }
        self.at += 12;
        char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)).ok_or(FaultKind::Surrogate)
    }

    /// The four hexadecimal digits of the escape whose backslash stands at `at`.
    fn unit(&self, at: usize) -> Result<u32, FaultKind> {
        let digits = self.bytes.get(at + 2..at + 6).ok_or(FaultKind::Incomplete)?;
        digits.iter().try_fold(0, |unit, digit| {
            let value = char::from(*digit).to_digit(16).ok_or(FaultKind::Syntax)?;
            Ok(unit * 16 + value)
        })
    }
}
