//! `@verifyCC REGEX`: what the regular expression finds is a payment card number (Luhn, ISO/IEC 7812-1 annex B).

use super::{Argument, Operator, identity};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    identity::build(argument, is_luhn)
}

fn is_luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 1 { doubled(u32::from(*digit)) } else { u32::from(*digit) })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}
