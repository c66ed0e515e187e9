//! JSON strings (RFC 8259 section 7): where they stand, or what they decode to.

use super::Reader;
use super::scan::plain_end;
use crate::cell::SIZE_MAX;
use crate::{Fault, FaultKind};

/// A string that was read: between its quotes in the text, or in the side buffer when it has escapes.
pub(super) struct Decoded {
    pub(super) aside: bool,
    pub(super) start: u32,
    pub(super) length: u32,
    /// Where it ends in the text, quote included.
    pub(super) end: usize,
}

impl Reader<'_> {
    /// Reads the string whose quote stands at `quote`.
    #[inline]
    pub(super) fn scan_string(&mut self, quote: usize) -> Result<Decoded, Fault> {
        let start = quote + 1;
        let end = plain_end(self.bytes, start);
        if self.bytes.get(end) == Some(&b'"') {
            return Ok(Decoded {
                aside: false,
                start: start as u32,
                length: (end - start) as u32,
                end: end + 1,
            });
        }
        self.scan_escaped(start, end)
    }

    /// Decodes into the side buffer; `at` is the first byte that is not plain.
    #[cold]
    fn scan_escaped(&mut self, start: usize, mut at: usize) -> Result<Decoded, Fault> {
        let first = self.builder.side.len();
        let mut copied = start;
        loop {
            let plain = self.text.get(copied..at).unwrap_or_default();
            self.builder.side.push_str(plain);
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let (character, end) = self.escape(at).map_err(|kind| Fault::new(kind, at))?;
                    self.builder.side.push(character);
                    copied = end;
                    at = plain_end(self.bytes, end);
                }
                // RFC 8259 section 7: control characters are escaped.
                _ => return Err(self.unexpected(at)),
            }
        }
        // Decoding never lengthens, so the side buffer stays below the text's limit.
        let length = self.builder.side.len() - first;
        debug_assert!(self.builder.side.len() <= SIZE_MAX as usize);
        Ok(Decoded { aside: true, start: first as u32, length: length as u32, end: at + 1 })
    }

    /// Reads one escape, at its backslash: its character, and where it ends.
    fn escape(&self, at: usize) -> Result<(char, usize), FaultKind> {
        let character = match self.bytes.get(at + 1).ok_or(FaultKind::Incomplete)? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(at),
            _ => return Err(FaultKind::Syntax),
        };
        Ok((character, at + 2))
    }

    fn unicode_escape(&self, at: usize) -> Result<(char, usize), FaultKind> {
        let unit = self.unit(at)?;
        if !(0xD800..0xE000).contains(&unit) {
            return Ok((char::from_u32(unit).ok_or(FaultKind::Surrogate)?, at + 6));
        }
        // A high surrogate has its low one right behind it, or there is no character (RFC 8259 section 8.2).
        if unit >= 0xDC00 || self.bytes.get(at + 6..at + 8) != Some(b"\\u".as_slice()) {
            return Err(FaultKind::Surrogate);
        }
        let low = self.unit(at + 6)?;
        if !(0xDC00..0xE000).contains(&low) {
            return Err(FaultKind::Surrogate);
        }
        let character = char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
        Ok((character.ok_or(FaultKind::Surrogate)?, at + 12))
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
