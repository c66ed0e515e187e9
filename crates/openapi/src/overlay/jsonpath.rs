//! JSONPath (RFC 9535): which values of a document an expression selects.
//!
//! Complete but for one leniency: a hyphen may stand in a name after a dot (`@.x-internal`), as overlays in the wild
//! write it; RFC 9535 has no operator with which that could be confused.

mod compare;
mod evaluate;
mod parse;
mod scan;

use crate::document::{Arena, NodeId};

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    segments: Vec<Segment>,
}

/// Why an expression cannot be used; `at` counts characters from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) why: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
struct Segment {
    /// `..`: the children of every value at and below.
    descendant: bool,
    selectors: Vec<Selector>,
}

#[derive(Debug, Clone, PartialEq)]
enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Filter(Logical),
}

/// An expression that holds or does not (RFC 9535 section 2.3.5).
#[derive(Debug, Clone, PartialEq)]
enum Logical {
    Any(Vec<Logical>),
    All(Vec<Logical>),
    Not(Box<Logical>),
    Exists(Nested),
    Compare(Operand, Comparison, Operand),
    /// `match` (whole text) or `search` (anywhere in it).
    Matches {
        whole: bool,
        text: Operand,
        pattern: Operand,
    },
}

/// A query within a filter: from the value at hand (`@`) or from the root (`$`).
#[derive(Debug, Clone, PartialEq)]
struct Nested {
    from_root: bool,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// A singular query, or the argument of `value`: exactly one value, else nothing.
    Single(Nested),
    Length(Box<Operand>),
    Count(Nested),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        parse::query(text)
    }

    /// The selected values, each once, in the order in which RFC 9535 selects them.
    pub(super) fn run(&self, arena: &Arena, root: NodeId) -> Result<Vec<NodeId>, Fault> {
        evaluate::run(self, arena, root)
    }
}

#[cfg(test)]
mod tests;
