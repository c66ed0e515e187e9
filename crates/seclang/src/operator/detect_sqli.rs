//! `@detectSQLi`: the value is SQL that was injected; its fingerprint is captured.

use super::{Argument, Captures, Operator};
use crate::ByteSet;
use crate::libinjection::{INJECTION, SQL_NEEDS};

struct DetectSqli;

pub(super) fn build(_: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Box::new(DetectSqli))
}

impl Operator for DetectSqli {
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let Some(fingerprint) = INJECTION.sql(value) else { return false };
        captures.text = Some(fingerprint);
        true
    }

    fn needs(&self) -> ByteSet {
        SQL_NEEDS
    }

    fn cost_per_byte(&self) -> u32 {
        8
    }
}
