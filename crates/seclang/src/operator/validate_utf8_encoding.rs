//! `@validateUtf8Encoding`: the value is not UTF-8 (RFC 3629): a sequence is cut or broken, overlong, a surrogate, or
//! beyond U+10FFFF.

use super::{Argument, Captures, Operator};
use crate::ByteSet;

struct ValidateUtf8Encoding;

pub(super) fn build(_: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Box::new(ValidateUtf8Encoding))
}

impl Operator for ValidateUtf8Encoding {
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let Err(fault) = std::str::from_utf8(value) else { return false };
        captures.set(0, fault.valid_up_to(), fault.valid_up_to() + 1);
        true
    }

    fn needs(&self) -> ByteSet {
        ByteSet::range(0x80, 0xff)
    }
}
