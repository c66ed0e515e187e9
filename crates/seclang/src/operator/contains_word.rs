//! `@containsWord TEXT`: the text occurs in the value with no ASCII letter beside it.

use super::text::Text;
use super::{Argument, Operator};

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Text::occurring(argument, contains_word))
}

fn contains_word(value: &[u8], wanted: &[u8]) -> bool {
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    let mut from = 0;
    while let Some(rest) = value.get(from..)
        && let Some(found) = memchr::memmem::find(rest, wanted)
    {
        let start = from + found;
        let before = start.checked_sub(1).and_then(|before| value.get(before));
        if wanted.is_empty() || !is_letter(before) && !is_letter(value.get(start + wanted.len())) {
            return true;
        }
        from = start + 1;
    }
    false
}
