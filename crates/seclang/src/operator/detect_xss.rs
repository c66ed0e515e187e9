//! `@detectXSS`: the value is HTML or script that was injected; the whole value is captured.

use super::{Argument, Captures, Operator};
use crate::ByteSet;
use crate::libinjection::{INJECTION, XSS_NEEDS};

struct DetectXss;

pub(super) fn build(_: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Box::new(DetectXss))
}

impl Operator for DetectXss {
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let found = INJECTION.xss(value);
        if found {
            captures.set(0, 0, value.len());
        }
        found
    }

    fn needs(&self) -> ByteSet {
        XSS_NEEDS
    }

    fn cost_per_byte(&self) -> u32 {
        8
    }
}
