//! JSON numbers (RFC 8259 section 6), kept as text.

use super::Reader;
use crate::cell::{Cell, Tag};
use crate::{Fault, FaultKind};

/// A longer number is refused: nobody means it, and arithmetic on it is expensive.
const NUMBER_BYTES_MAX: usize = 512;

impl Reader<'_> {
    /// Reads the number that begins here, and tells where it ends.
    #[inline]
    pub(super) fn number(&mut self, start: usize) -> Result<usize, Fault> {
        let mut exponent = false;
        let mut at = start;
        if self.bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        at = if self.bytes.get(at) == Some(&b'0') { at + 1 } else { self.digits(at)? };
        if self.bytes.get(at) == Some(&b'.') {
            at = self.digits(at + 1)?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(at) {
            exponent = true;
            at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(at) {
                at += 1;
            }
            at = self.digits(at)?;
        }
        let length = at - start;
        // Without an exponent, 300 characters stay below the largest float.
        if (exponent || length > 300) && !finite(self.text.get(start..at).unwrap_or_default()) {
            return Err(Fault::new(FaultKind::Number, start));
        }
        self.scalar(Cell::new(Tag::Number, start as u32, at as u32, start as u32, length as u32))?;
        Ok(at)
    }

    /// The end of one digit or more.
    #[inline]
    fn digits(&self, first: usize) -> Result<usize, Fault> {
        let mut at = first;
        while let Some(b'0'..=b'9') = self.bytes.get(at) {
            at += 1;
        }
        if at > first { Ok(at) } else { Err(self.unexpected(at)) }
    }
}

/// Whether a 64-bit float holds the number, to its precision.
pub(crate) fn finite(number: &str) -> bool {
    number.len() <= NUMBER_BYTES_MAX && number.parse::<f64>().is_ok_and(f64::is_finite)
}
