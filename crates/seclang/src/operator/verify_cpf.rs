//! `@verifyCPF REGEX`: what the regular expression finds is a taxpayer number of Brazil (CPF).

use super::identity::{is_repeated, weighted};
use super::{Argument, Operator, identity};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    identity::build(argument, is_cpf)
}

/// The check digits of a count from zero are right, and yet it is nobody's.
const COUNT: &[u8] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0];

/// Digits after the eleventh do not count.
fn is_cpf(digits: &[u8]) -> bool {
    let digits = digits.get(..11).unwrap_or_default();
    let [.., first, second] = digits else { return false };
    !is_repeated(digits)
        && digits != COUNT
        && check_digit(weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2])) == u32::from(*first)
        && check_digit(weighted(digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) == u32::from(*second)
}

fn check_digit(sum: u32) -> u32 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}
