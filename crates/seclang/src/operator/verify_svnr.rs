//! `@verifySVNR REGEX`: what the regular expression finds is a social insurance number of Austria.

use super::identity::{is_repeated, weighted};
use super::{Argument, Operator, identity};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    identity::build(argument, is_svnr)
}

/// Digits after the tenth do not count; the fourth is the check digit.
fn is_svnr(digits: &[u8]) -> bool {
    let digits = digits.get(..10).unwrap_or_default();
    let [_, _, _, check, ..] = digits else { return false };
    let sum = weighted(digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
    !is_repeated(digits) && sum % 10 == u32::from(*check)
}
