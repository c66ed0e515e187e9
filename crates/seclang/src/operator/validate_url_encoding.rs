//! `@validateUrlEncoding`: a percent sign in the value is not followed by two hexadecimal digits.

use super::{Argument, Captures, Operator};
use crate::ByteSet;

struct ValidateUrlEncoding;

pub(super) fn build(_: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Box::new(ValidateUrlEncoding))
}

impl Operator for ValidateUrlEncoding {
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let broken = memchr::memchr_iter(b'%', value).find(|at| {
            let digits = value.get(at + 1..at + 3);
            !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        });
        let Some(start) = broken else { return false };
        captures.set(0, start, (start + 3).min(value.len()));
        true
    }

    fn needs(&self) -> ByteSet {
        ByteSet::of(b"%")
    }
}
