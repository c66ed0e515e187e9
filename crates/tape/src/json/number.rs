//! JSON numbers (RFC 8259 section 6), kept as text.

use super::Reader;
use crate::FaultKind;
use crate::cell::{Cell, Tag};

/// A longer number is refused: nobody means it, and arithmetic on it is expensive.
const NUMBER_BYTES_MAX: usize = 512;

impl Reader<'_> {
    /// Reads the number that begins here.
    #[inline]
    pub(super) fn number(&mut self) -> Result<(), FaultKind> {
        let start = self.at;
        let mut exponent = false;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            exponent = true;
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let length = self.at - start;
        // Without an exponent, 300 characters stay below the largest float.
        if (exponent || length > 300) && !finite(self.text.get(start..self.at).unwrap_or_default()) {
            self.at = start;
            return Err(FaultKind::Number);
        }
        self.builder.scalar(Cell::new(Tag::Number, start as u32, self.at as u32, start as u32, length as u32))
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// One digit or more.
    #[inline]
    fn digits(&mut self) -> Result<(), FaultKind> {
        let first = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        match self.byte() {
            _ if self.at > first => Ok(()),
            Some(_) => Err(FaultKind::Syntax),
            None => Err(FaultKind::Incomplete),
        }
    }
}

/// Whether a 64-bit float holds the number, to its precision.
pub(crate) fn finite(number: &str) -> bool {
    number.len() <= NUMBER_BYTES_MAX && number.parse::<f64>().is_ok_and(f64::is_finite)
}
