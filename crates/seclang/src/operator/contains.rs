//! `@contains TEXT`: the text occurs in the value.

use super::text::Text;
use super::{Argument, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Text::occurring(argument, |value, wanted| memchr::memmem::find(value, wanted).is_some()))
}
