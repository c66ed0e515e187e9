//! `@within TEXT`: the value occurs in the text, as an empty one does.

use super::text::Text;
use super::{Argument, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Text::comparing(argument, |value, wanted| memchr::memmem::find(wanted, value).is_some()))
}
