//! `@lt NUMBER`: the value is less than the number; a value without digits counts as 0.

use super::{Argument, Operator, number};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    number::comparing(argument, |value, wanted| value < wanted)
}
