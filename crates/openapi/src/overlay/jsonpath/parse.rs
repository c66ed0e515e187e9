//! The grammar of RFC 9535.

use super::scan::Scan;
use super::{Comparison, Fault, Logical, Nested, Operand, Query, Segment, Selector};

/// Parentheses, filters and functions within one another.
const DEPTH_MAX: u32 = 32;

pub(super) fn query(text: &str) -> Result<Query, Fault> {
    let mut parser = Parser { scan: Scan::new(text), depth: 0 };
    if !parser.scan.take("$") {
        return parser.scan.fault("it has to begin with `$`");
    }
    let segments = parser.segments()?;
    if parser.scan.peek().is_some() {
        return parser.scan.fault("expected `.`, `..` or `[`");
    }
    Ok(Query { segments })
}

struct Parser {
    scan: Scan,
    depth: u32,
}

impl Parser {
    fn segments(&mut self) -> Result<Vec<Segment>, Fault> {
        let mut segments = Vec::new();
        loop {
            let before = self.scan.at;
            self.scan.blanks();
            let descendant = self.scan.take("..");
            if self.scan.take("[") {
                segments.push(Segment { descendant, selectors: self.selectors()? });
            } else if descendant || self.scan.take(".") {
                let selector = if self.scan.take("*") {
                    Selector::Wildcard
                } else {
                    match self.scan.name() {
                        Some(name) => Selector::Name(name),
                        None => {
                            return self
                                .scan
                                .fault("expected a name; other names stand in brackets: `['/path']`");
                        }
                    }
                };
                segments.push(Segment { descendant, selectors: vec![selector] });
            } else {
                // Blanks belong to a query only between its segments.
                self.scan.at = before;
                return Ok(segments);
            }
        }
    }

    fn selectors(&mut self) -> Result<Vec<Selector>, Fault> {
        let mut selectors = Vec::new();
        loop {
            self.scan.blanks();
            selectors.push(self.selector()?);
            self.scan.blanks();
            if self.scan.take("]") {
                return Ok(selectors);
            }
            self.scan.expect(",", "expected `,` or `]`")?;
        }
    }

    fn selector(&mut self) -> Result<Selector, Fault> {
        match self.scan.peek() {
            Some('"' | '\'') => self.scan.text().map(Selector::Name),
            Some('*') => {
                self.scan.next();
                Ok(Selector::Wildcard)
            }
            Some('?') => {
                self.scan.next();
                self.logical().map(Selector::Filter)
            }
            _ => self.index_or_slice(),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector, Fault> {
        let start = self.scan.integer()?;
        let after = self.scan.at;
        self.scan.blanks();
        if !self.scan.take(":") {
            self.scan.at = after;
            return start
                .map_or_else(|| self.scan.fault("expected a selector"), |at| Ok(Selector::Index(at)));
        }
        self.scan.blanks();
        let end = self.scan.integer()?;
        self.scan.blanks();
        let mut step = 1;
        if self.scan.take(":") {
            self.scan.blanks();
            step = self.scan.integer()?.unwrap_or(1);
        }
        Ok(Selector::Slice { start, end, step })
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return self.scan.fault("it is nested too deeply");
        }
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn logical(&mut self) -> Result<Logical, Fault> {
        self.nested(|parser| {
            let mut any = vec![parser.all()?];
            while parser.operator("||") {
                any.push(parser.all()?);
            }
            Ok(if any.len() == 1 { any.remove(0) } else { Logical::Any(any) })
        })
    }

    fn all(&mut self) -> Result<Logical, Fault> {
        let mut all = vec![self.basic()?];
        while self.operator("&&") {
            all.push(self.basic()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Logical::All(all) })
    }

    fn operator(&mut self, token: &str) -> bool {
        let before = self.scan.at;
        self.scan.blanks();
        let taken = self.scan.take(token);
        if !taken {
            self.scan.at = before;
        }
        taken
    }

    fn basic(&mut self) -> Result<Logical, Fault> {
        self.scan.blanks();
        if self.scan.take("!") {
            return self.nested(|parser| parser.negated());
        }
        if self.scan.take("(") {
            return self.grouped();
        }
        self.test_or_comparison()
    }

    /// What `!` may stand before: a group or a test, not a comparison.
    fn negated(&mut self) -> Result<Logical, Fault> {
        self.scan.blanks();
        let inner = if self.scan.take("(") { self.grouped()? } else { self.test_or_comparison()? };
        if matches!(inner, Logical::Compare(..)) && !self.just_closed() {
            return self.scan.fault("`!` needs parentheses around a comparison");
        }
        Ok(Logical::Not(Box::new(inner)))
    }

    fn just_closed(&self) -> bool {
        self.scan.previous() == Some(')')
    }

    fn grouped(&mut self) -> Result<Logical, Fault> {
        let inner = self.logical()?;
        self.scan.expect(")", "a parenthesis is not closed")?;
        Ok(inner)
    }

    fn test_or_comparison(&mut self) -> Result<Logical, Fault> {
        for (name, whole) in [("match(", true), ("search(", false)] {
            if self.scan.take(name) {
                let text = self.operand()?;
                self.scan.expect(",", "expected a second argument")?;
                let pattern = self.operand()?;
                self.scan.expect(")", "a parenthesis is not closed")?;
                return Ok(Logical::Matches { whole, text, pattern });
            }
        }
        let start = self.scan.at;
        if matches!(self.scan.peek(), Some('@' | '$')) {
            let query = self.nested_query()?;
            if self.comparison().is_none() {
                return Ok(Logical::Exists(query));
            }
            self.scan.at = start;
        }
        let left = self.operand()?;
        let Some(comparison) = self.comparison() else { return self.scan.fault("expected a comparison") };
        let right = self.operand()?;
        Ok(Logical::Compare(left, comparison, right))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let tokens = [
            ("==", Comparison::Equal),
            ("!=", Comparison::Unequal),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        tokens.into_iter().find(|(token, _)| self.operator(token)).map(|(_, comparison)| comparison)
    }

    fn operand(&mut self) -> Result<Operand, Fault> {
        self.scan.blanks();
        if self.scan.take("length(") {
            return self.nested(|parser| {
                let inner = parser.operand()?;
                parser.scan.expect(")", "a parenthesis is not closed")?;
                Ok(Operand::Length(Box::new(inner)))
            });
        }
        for (name, wrap) in [("count(", Operand::Count as fn(Nested) -> Operand), ("value(", Operand::Single)]
        {
            if self.scan.take(name) {
                self.scan.blanks();
                let query = self.nested_query()?;
                self.scan.expect(")", "a parenthesis is not closed")?;
                return Ok(wrap(query));
            }
        }
        match self.scan.peek() {
            Some('"' | '\'') => self.scan.text().map(Operand::Text),
            Some('@' | '$') => {
                let query = self.nested_query()?;
                if query.segments.iter().all(is_singular) {
                    Ok(Operand::Single(query))
                } else {
                    self.scan.fault("only a query for a single value can be compared")
                }
            }
            Some(c) if c == '-' || c.is_ascii_digit() => self.scan.number().map(Operand::Number),
            _ if self.scan.take("true") => Ok(Operand::Bool(true)),
            _ if self.scan.take("false") => Ok(Operand::Bool(false)),
            _ if self.scan.take("null") => Ok(Operand::Null),
            _ => self.scan.fault("expected a value"),
        }
    }

    fn nested_query(&mut self) -> Result<Nested, Fault> {
        let from_root = match self.scan.next() {
            Some('$') => true,
            Some('@') => false,
            _ => return self.scan.fault("expected `@` or `$`"),
        };
        let segments = self.nested(Self::segments)?;
        Ok(Nested { from_root, segments })
    }
}

fn is_singular(segment: &Segment) -> bool {
    !segment.descendant && matches!(segment.selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)])
}
