//! `@within TEXT`: the value occurs in the text, as an empty one does.

use super::text::Text;
use super::{Argument, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Text::comparing(argument, occurs))
}

/// Up to here trying place by place takes less than preparing a search.
const SHORT_BYTES: usize = 1024;

fn occurs(value: &[u8], wanted: &[u8]) -> bool {
    if wanted.len() > SHORT_BYTES {
        return memchr::memmem::find(wanted, value).is_some();
    }
    // Not by what stands between the words of a list, which is found everywhere.
    let telling = value.iter().position(u8::is_ascii_alphanumeric).unwrap_or(0);
    let Some(byte) = value.get(telling) else { return true };
    memchr::memchr_iter(*byte, wanted).any(|place| {
        let rest = place.checked_sub(telling).and_then(|start| wanted.get(start..));
        rest.is_some_and(|rest| rest.starts_with(value))
    })
}
