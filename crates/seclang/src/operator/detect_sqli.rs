//! `@detectSQLi`: the value is SQL that was injected; its fingerprint is captured.

use super::{Argument, Captures, Operator};
use crate::ByteSet;
use crate::libinjection::{INJECTION, SQL_NEEDS};

/// What a token costs, each being looked up among the words of SQL.
const TOKEN_STEPS: u64 = 64;

struct DetectSqli;

pub(super) fn build(_: &Argument<'_>) -> Result<Box<dyn Operator>, String> {
    Ok(Box::new(DetectSqli))
}

impl Operator for DetectSqli {
    fn matches(&self, value: &[u8], _: Option<&[u8]>, captures: &mut Captures) -> bool {
        let judged = INJECTION.sql(value);
        captures.work = judged.tokens as u64 * TOKEN_STEPS;
        captures.text = judged.fingerprint;
        captures.text.is_some()
    }

    fn needs(&self) -> ByteSet {
        SQL_NEEDS
    }

    fn cost_per_byte(&self) -> u32 {
        2
    }
}
