//! `@ge NUMBER`: the value is the number or greater; a value without digits counts as 0.

use super::{Argument, Operator, number};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    number::comparing(argument, |value, wanted| value >= wanted)
}
