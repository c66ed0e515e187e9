//! `@rxGlobal REGEX`: as `@rx`, but the groups of every match are captured, one after another.

use regex::bytes::Regex;

use super::pattern::translate;
use super::required::Required;
use super::{Argument, Captures, Literals, Operator, rx};
use crate::ByteSet;

pub(super) fn build(argument: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    if argument.has_macros {
        return Err("macros cannot stand in the expression of `@rxGlobal`; `@rx` takes them".to_owned());
    }
    let pattern = rx::compile(argument.text)?;
    Ok(Box::new(RxGlobal { pattern, required: Required::of(&translate(argument.text)?) }))
}

struct RxGlobal {
    pattern: Regex,
    required: Required,
}

impl Operator for RxGlobal {
    /// Captures are numbered on from match to match; those after the tenth are dropped.
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let mut next = 0;
        for found in self.pattern.captures_iter(value) {
            for range in found.iter() {
                if let Some(range) = range {
                    captures.set(next, range.start(), range.end());
                }
                next += 1;
            }
            if next >= 10 {
                break;
            }
        }
        next > 0
    }

    fn literals(&self) -> Option<Literals> {
        self.required.literals()
    }

    fn needs(&self) -> ByteSet {
        self.required.needs()
    }

    fn needs_each(&self) -> &[ByteSet] {
        self.required.needs_each()
    }
}
