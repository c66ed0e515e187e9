//! `@validateByteRange RANGES`: a byte of the value lies outside the ranges (`32-126,9,10`).

use super::{Argument, Captures, Operator};
use crate::ByteSet;

struct ValidateByteRange {
    allowed: ByteSet,
}

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    if argument.has_macros {
        return Err("macros cannot stand in a list of ranges".to_owned());
    }
    let text = String::from_utf8_lossy(argument.text);
    let mut allowed = ByteSet::NONE;
    for entry in text.split(',').map(str::trim) {
        allowed =
            allowed.or(range(entry).ok_or_else(|| format!("`{entry}` is no range of bytes from 0 to 255"))?);
    }
    Ok(Box::new(ValidateByteRange { allowed }))
}

impl Operator for ValidateByteRange {
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let Some(outside) = value.iter().position(|byte| !self.allowed.has(*byte)) else { return false };
        captures.set(0, outside, outside + 1);
        true
    }

    fn needs(&self) -> ByteSet {
        self.allowed.not()
    }
}

fn range(entry: &str) -> Option<ByteSet> {
    let (low, high) = entry.split_once('-').unwrap_or((entry, entry));
    let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    (low <= high).then(|| ByteSet::range(low, high))
}
