//! The fast path: which rules can match which values at all, found out in few passes.

use crate::input::Input;

/// What the compiler prepares for one phase.
#[derive(Debug, Default)]
pub struct Fast {}

/// What one phase of one transaction has found out so far.
pub struct Found<'r, 'i> {
    _fast: &'r Fast,
    _input: &'i Input,
}

impl<'r, 'i> Found<'r, 'i> {
    pub fn new(fast: &'r Fast, input: &'i Input) -> Self {
        Self { _fast: fast, _input: input }
    }
}
