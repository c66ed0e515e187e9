//! `@noMatch`: no value matches.

use super::{Argument, Captures, Operator};
use crate::ByteSet;

struct NoMatch;

pub(super) fn build(_: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Box::new(NoMatch))
}

impl Operator for NoMatch {
    fn matches(&self, _: &[u8], _: Option<&[u8]>, _: &mut Captures) -> bool {
        false
    }

    fn needs(&self) -> ByteSet {
        ByteSet::NONE
    }
}
