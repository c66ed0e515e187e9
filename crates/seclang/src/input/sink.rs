//! Where the values of one variable go.

use crate::variable::{Name, Selector, Variable};

/// Takes what a selector means of one variable.
pub(crate) struct Sink<'a, 's> {
    pub(crate) variable: Variable,
    pub(crate) selector: &'s Selector,
    /// Only what is to be inspected: without arguments that are proven to be harmless.
    pub(crate) inspected: bool,
    pub(crate) take: &'s mut dyn FnMut(Name<'a>, &'a [u8]),
}

impl<'a> Sink<'a, '_> {
    /// The value of a variable without members.
    pub(crate) fn scalar(&mut self, value: &'a [u8]) {
        (self.take)(Name { variable: self.variable, key: None }, value);
    }

    /// A flag, as `1` or `0`.
    pub(crate) fn flag(&mut self, set: bool) {
        self.scalar(if set { b"1" } else { b"0" });
    }

    pub(crate) fn member(&mut self, key: &'a [u8], value: &'a [u8]) {
        if self.selector.takes(Some(key)) {
            (self.take)(Name { variable: self.variable, key: Some(key) }, value);
        }
    }

    pub(crate) fn members(&mut self, pairs: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) {
        for (key, value) in pairs {
            self.member(key, value);
        }
    }

    /// The names of the pairs as values.
    pub(crate) fn names(&mut self, pairs: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) {
        for (key, _) in pairs {
            self.member(key, key);
        }
    }
}
