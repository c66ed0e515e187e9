//! The variables of one request and its response, as of one phase.

use crate::variable::{Name, Selector, Variable};

/// Everything that rules can look at, except what the transaction itself keeps. Built once a phase from a
/// [`crate::request::Request`]; borrowed values live as long as it does.
#[derive(Debug, Default)]
pub struct Input {}

impl Input {
    /// Calls `f` with every value of `variable` that `selector` takes, in the order in which they were received.
    /// Numbers are given as decimal text. A scalar that is absent is not given at all.
    pub fn each<'a>(
        &'a self,
        _variable: Variable,
        _selector: &Selector,
        _f: &mut dyn FnMut(Name<'a>, &'a [u8]),
    ) {
    }
}
