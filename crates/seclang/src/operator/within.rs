//! `@within TEXT`: the value occurs in the text, as an empty one does.

use super::text::Text;
use super::{Argument, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Text::comparing(argument, occurs))
}

/// Up to here trying place by place takes less than preparing a search.
const SHORT_BYTES: usize = 1024;

fn occurs(value: &[u8], wanted: &[u8]) -> bool {
    match value.first() {
        _ if wanted.len() > SHORT_BYTES => memchr::memmem::find(wanted, value).is_some(),
        None => true,
        Some(first) => memchr::memchr_iter(*first, wanted)
            .any(|place| wanted.get(place..).is_some_and(|rest| rest.starts_with(value))),
    }
}
