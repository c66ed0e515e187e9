//! `@verifySSN REGEX`: what the regular expression finds may be a social security number of the United States.

use super::identity::is_repeated;
use super::{Argument, Operator, identity};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    identity::build(argument, is_plausible)
}

/// Nine digits; no area 000, 666 or from 740 on, no group 00, no serial 0000; neither one digit repeated nor a count.
fn is_plausible(digits: &[u8]) -> bool {
    let [a, b, c, group @ .., _, _, _, _] = digits else { return false };
    let serial = digits.get(5..).unwrap_or_default();
    let area = u32::from(*a) * 100 + u32::from(*b) * 10 + u32::from(*c);
    let counts = digits.windows(2).all(|pair| matches!(pair, [a, b] if a + 1 == *b));
    let zero = |part: &[u8]| part.iter().all(|digit| *digit == 0);
    digits.len() == 9
        && !(area == 0 || area == 666 || area >= 740 || zero(group) || zero(serial))
        && !is_repeated(digits)
        && !counts
}
