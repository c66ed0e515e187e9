//! `@unconditionalMatch`: every value matches.

use super::{Argument, Captures, Operator};

struct UnconditionalMatch;

pub(super) fn build(_: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Box::new(UnconditionalMatch))
}

impl Operator for UnconditionalMatch {
    fn matches(&self, _: &[u8], _: Option<&[u8]>, _: &mut Captures) -> bool {
        true
    }
}
