//! What the operators have in common that look for a number with check digits: of a payment card, of a person.

use regex::bytes::Regex;

use super::{Argument, Captures, Operator, rx};
use crate::ByteSet;

/// So many candidates are looked at in one value; when they run out the value matches, since nothing else is proven.
const CANDIDATES_MAX: usize = 1_000;

struct Identity {
    pattern: Regex,
    is_valid: fn(digits: &[u8]) -> bool,
}

pub(super) fn build(
    argument: &Argument<'_>,
    is_valid: fn(digits: &[u8]) -> bool,
) -> Result<Box<dyn Operator>, String> {
    if argument.text.is_empty() || argument.has_macros {
        return Err("the operator needs a regular expression without macros".to_owned());
    }
    Ok(Box::new(Identity { pattern: rx::compile(argument.text)?, is_valid }))
}

impl Operator for Identity {
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let mut from = 0;
        for _ in 0..CANDIDATES_MAX {
            if from > value.len() {
                return false;
            }
            let Some(found) = self.pattern.find_at(value, from) else { return false };
            let digits = found.as_bytes().iter().filter(|byte| byte.is_ascii_digit());
            if (self.is_valid)(&digits.map(|digit| digit - b'0').collect::<Vec<_>>()) {
                captures.set(0, found.start(), found.end());
                return true;
            }
            from = found.start() + 1;
        }
        true
    }

    fn needs(&self) -> ByteSet {
        ByteSet::range(b'0', b'9')
    }
}

/// The digits, each times its weight, added up.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum()
}

/// All digits are the same.
pub(super) fn is_repeated(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| matches!(pair, [a, b] if a == b))
}
