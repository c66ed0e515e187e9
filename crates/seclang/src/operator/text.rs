//! What the operators have in common that compare a value with a text.

use super::{Argument, Captures, Literals, Operator};

/// Where in the value the text was found, when the two match.
pub(super) type Test = fn(value: &[u8], wanted: &[u8]) -> bool;

pub(super) struct Text {
    wanted: Vec<u8>,
    has_macros: bool,
    /// Whether the text occurs in every value that matches.
    occurs: bool,
    test: Test,
}

impl Text {
    /// An operator whose text occurs in every value that matches.
    pub(super) fn occurring(argument: &Argument<'_>, test: Test) -> Box<dyn Operator> {
        Box::new(Self { occurs: true, ..Self::new(argument, test) })
    }

    pub(super) fn comparing(argument: &Argument<'_>, test: Test) -> Box<dyn Operator> {
        Box::new(Self::new(argument, test))
    }

    fn new(argument: &Argument<'_>, test: Test) -> Self {
        Self { wanted: argument.text.to_vec(), has_macros: argument.has_macros, occurs: false, test }
    }
}

impl Operator for Text {
    fn matches(&self, value: &[u8], argument: Option<&[u8]>, _: &mut Captures) -> bool {
        (self.test)(value, argument.unwrap_or(&self.wanted))
    }

    fn literals(&self) -> Option<Literals> {
        let required = self.occurs && !self.has_macros && !self.wanted.is_empty();
        required.then(|| Literals { words: vec![self.wanted.clone()], folded: false })
    }
}
