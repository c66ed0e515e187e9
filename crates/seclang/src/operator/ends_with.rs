//! `@endsWith TEXT`: the value ends with the text.

use super::text::Text;
use super::{Argument, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Text::occurring(argument, |value, wanted| value.ends_with(wanted)))
}
