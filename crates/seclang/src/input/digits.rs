//! A number as decimal text, without an allocation.

/// The text of an unsigned number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digits {
    text: [u8; 20],
    start: usize,
}

impl Digits {
    pub(crate) fn new(number: u64) -> Self {
        let (mut text, mut start, mut left) = ([b'0'; 20], 20, number);
        for (at, digit) in text.iter_mut().enumerate().rev() {
            *digit = b'0' + (left % 10) as u8;
            left /= 10;
            start = at;
            if left == 0 {
                break;
            }
        }
        Self { text, start }
    }

    /// Of `width` digits at least, with zeros in front.
    pub(crate) fn padded(number: u64, width: usize) -> Self {
        let digits = Self::new(number);
        Self { start: digits.start.min(20_usize.saturating_sub(width)), ..digits }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.get(self.start..).unwrap_or_default()
    }
}

impl Default for Digits {
    fn default() -> Self {
        Self::new(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Digits;

    #[test]
    fn writes_numbers_as_decimal_text() {
        for number in [0, 7, 10, 1_234_567, u64::MAX] {
            assert_eq!(Digits::new(number).as_bytes(), number.to_string().as_bytes());
        }
        assert_eq!(Digits::padded(7, 2).as_bytes(), b"07");
        assert_eq!(Digits::padded(2026, 2).as_bytes(), b"2026");
    }
}
