//! Numbers by their text: exact equality, order, divisibility and integrality at any size, linear in the text.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

/// `±digits × 10^exponent`; no leading or trailing zeros in `digits`, none at all for zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    digits: Cow<'a, [u8]>,
    exponent: i64,
}

/// Exponents saturate here; numbers that far out compare equal when their digits do.
const EXPONENT_MAX: i64 = 1 << 40;

impl<'a> Decimal<'a> {
    /// Reads a JSON number literal (RFC 8259 section 6).
    pub(crate) fn parse(text: &'a str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, written) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)),
            None => (text, 0),
        };
        let (digits, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => {
                (Cow::Owned([whole.as_bytes(), fraction.as_bytes()].concat()), fraction.len())
            }
            None => (Cow::Borrowed(mantissa.as_bytes()), 0),
        };
        let leading = digits.iter().take_while(|digit| **digit == b'0').count();
        let trailing = digits.iter().rev().take_while(|digit| **digit == b'0').count();
        let kept = digits.len().saturating_sub(trailing);
        if leading >= kept {
            return Self { negative: false, digits: Cow::Borrowed(&[]), exponent: 0 };
        }
        let digits = match digits {
            Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(leading..kept).unwrap_or_default()),
            Cow::Owned(bytes) => Cow::Owned(bytes.get(leading..kept).unwrap_or_default().to_vec()),
        };
        let exponent = written - as_i64(fraction) + as_i64(trailing);
        Self { negative, digits, exponent }
    }

    pub(crate) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// The integer it is, when it is one and fits.
    pub(crate) fn to_i128(&self) -> Option<i128> {
        let scale = u32::try_from(self.exponent).ok()?;
        let digits: i128 =
            if self.digits.is_empty() { 0 } else { std::str::from_utf8(&self.digits).ok()?.parse().ok()? };
        let magnitude = digits.checked_mul(10_i128.checked_pow(scale)?)?;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// Whether `self / divisor` is an integer. `None` for a divisor of more than 19 digits, or zero.
    pub(crate) fn is_multiple_of(&self, divisor: &Decimal<'_>) -> Option<bool> {
        let modulus: u128 = std::str::from_utf8(&divisor.digits).ok()?.parse().ok()?;
        if modulus == 0 || modulus > u128::from(u64::MAX) {
            return None;
        }
        if self.digits.is_empty() {
            return Some(true);
        }
        // Our digits do not end in 0, so a divisor with a higher power of ten cannot divide them.
        let Ok(shift) = u64::try_from(self.exponent - divisor.exponent) else { return Some(false) };
        let rest = self.digits.iter().fold(0, |rest, digit| (rest * 10 + u128::from(digit - b'0')) % modulus);
        Some((rest * power_of_ten(shift, modulus)).is_multiple_of(modulus))
    }

    /// Exact, at any size of either.
    pub(crate) fn compare(&self, other: &Decimal<'_>) -> Ordering {
        let sign = |number: &Decimal<'_>| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitudes = || {
            let scale = |number: &Decimal<'_>| number.exponent + as_i64(number.digits.len());
            // Without leading and trailing zeros, a number that another one continues is the smaller of the two.
            scale(self).cmp(&scale(other)).then_with(|| self.digits.cmp(&other.digits))
        };
        match sign(self).cmp(&sign(other)) {
            Ordering::Equal if self.negative => magnitudes().reverse(),
            Ordering::Equal => magnitudes(),
            unequal => unequal,
        }
    }

    /// The same text for equal numbers.
    pub(crate) fn canonical(&self) -> String {
        let mut text = String::from(if self.negative { "-" } else { "" });
        text.push_str(std::str::from_utf8(&self.digits).unwrap_or_default());
        let _ = write!(text, "e{}", self.exponent);
        text
    }
}

/// Whether two JSON number literals (RFC 8259 section 6) are one number, exactly and at any size.
pub fn is_same_number(one: &str, other: &str) -> bool {
    Decimal::parse(one) == Decimal::parse(other)
}

/// The value of an integer of few digits, which is what most numbers are.
pub(crate) fn small_integer(text: &str) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let magnitude = digits
        .bytes()
        .try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))?;
    Some(if negative { -magnitude } else { magnitude })
}

fn exponent_of(text: &str) -> i64 {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let magnitude = digits.bytes().filter(u8::is_ascii_digit).fold(0_i64, |sum, digit| {
        sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')).min(EXPONENT_MAX)
    });
    if negative { -magnitude } else { magnitude }
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(EXPONENT_MAX)
}

/// `10^power mod modulus`, for a modulus below 2^64.
fn power_of_ten(mut power: u64, modulus: u128) -> u128 {
    let (mut result, mut base) = (1 % modulus, 10 % modulus);
    while power > 0 {
        if power & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        power >>= 1;
    }
    result
}

#[cfg(test)]
mod tests;
