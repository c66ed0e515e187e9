//! One value before one operator: transformed, asked, and what a match does.

use super::Transaction;
use super::seen::Matched;
use crate::input::Input;
use crate::limits::Exhausted;
use crate::rule::{Link, Question, Rule};
use crate::tx::{TxNames, Value};
use crate::variable::Variable;

/// Where a value comes from.
#[derive(Clone, Copy)]
pub struct From<'a> {
    pub variable: Variable,
    pub key: Option<&'a [u8]>,
    pub counted: bool,
}

/// What is being run: one rule of a chain.
#[derive(Clone, Copy)]
pub struct Running<'a> {
    pub rule: &'a Rule,
    pub link: &'a Link,
    pub input: &'a Input,
    /// The operator's argument, filled in, when it has macros.
    pub argument: Option<&'a [u8]>,
}

impl Transaction {
    /// Transforms a value as the rule says and asks about it; with multiMatch after every step that changed something.
    /// Gives how often it matched.
    pub(super) fn judge(
        &mut self,
        running: Running<'_>,
        from: From<'_>,
        value: &[u8],
    ) -> Result<usize, Exhausted> {
        if running.link.transformations.is_empty() {
            return Ok(usize::from(self.ask(running, from, value)?));
        }
        let mut current = std::borrow::Cow::Borrowed(value);
        let mut count = 0;
        let multi = running.link.multi_match;
        if multi {
            count += usize::from(self.ask(running, from, &current)?);
        }
        let rules = std::sync::Arc::clone(&self.rules);
        let map = rules.settings().unicode_map.as_deref();
        let mut out = Vec::new();
        for transformation in &running.link.transformations {
            self.burn(current.len() as u64 + 1)?;
            if !transformation.run(&current, map, &mut out) {
                continue;
            }
            current = std::borrow::Cow::Owned(std::mem::take(&mut out));
            if multi {
                count += usize::from(self.ask(running, from, &current)?);
            }
        }
        if !multi {
            count += usize::from(self.ask(running, from, &current)?);
        }
        Ok(count)
    }

    /// Asks about a transformed value, and does what a match does.
    pub(super) fn ask(
        &mut self,
        running: Running<'_>,
        from: From<'_>,
        value: &[u8],
    ) -> Result<bool, Exhausted> {
        let Some(Question { operator, negated, .. }) = &running.link.question else { return Ok(false) };
        self.burn((value.len() as u64 + 1) * u64::from(operator.cost_per_byte()))?;
        let mut captures = self.captures.take().unwrap_or_default();
        captures.clear();
        let keeps = running.link.capture && !negated;
        captures.unwanted = !keeps;
        let matched = operator.matches(value, running.argument, &mut captures) != *negated;
        self.burn(captures.work)?;
        if matched && keeps {
            self.keep_captures(&captures, value);
        }
        self.captures = Some(captures);
        if matched {
            if running.rule.remembers {
                self.matched.push(Matched {
                    variable: from.variable,
                    key: from.key.map(Value::new),
                    counted: from.counted,
                    value: Value::new(value),
                });
            }
            self.affect(running.rule, running.link, running.input)?;
        }
        Ok(matched)
    }

    /// The groups of a match become TX.0 to TX.9; groups that took no part are gone.
    fn keep_captures(&mut self, captures: &crate::operator::Captures, value: &[u8]) {
        for group in 0..10 {
            let range = captures.get(group).and_then(|(start, end)| value.get(start..end));
            let text = range.or_else(|| captures.text.as_deref().filter(|_| group == 0));
            self.tx.set(TxNames::capture(group), text);
        }
    }
}
