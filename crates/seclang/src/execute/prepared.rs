//! A rule by the fast path: asks only about values that can match.

use super::Transaction;
use super::judge::{From, Running};
use crate::fast::{Found, Prepared};
use crate::limits::Exhausted;

impl Transaction {
    /// Gives how often the head of a rule matched; `None` when the fast path has no part in it.
    pub(super) fn prepared(
        &mut self,
        index: usize,
        running: Running<'_>,
        found: &mut Found<'_, '_>,
    ) -> Result<Option<usize>, Exhausted> {
        let fast = found.fast;
        let Some(prepared) = fast.prepared(index) else { return Ok(None) };
        let Some((class, bit)) = prepared.class else {
            let mut count = 0;
            for (position, source) in prepared.sources.iter().enumerate() {
                let (start, end) = found.source(*source)?;
                for value in start..end {
                    count += self.candidate(index, running, found, prepared, (position, value))?;
                }
            }
            return Ok(Some(count));
        };
        let candidates = found.candidates(class, bit, &mut |steps| self.burn(steps))?;
        if candidates.is_empty() {
            return Ok(Some(0));
        }
        let mut count = 0;
        for (position, source) in prepared.sources.iter().enumerate() {
            for place in candidates.clone() {
                let Some(value) = found.candidate(class, place) else { continue };
                if found.value(value).is_some_and(|value| value.source == *source) {
                    count += self.candidate(index, running, found, prepared, (position, value))?;
                }
            }
        }
        Ok(Some(count))
    }

    /// Asks about one value, for one target of the rule.
    fn candidate(
        &mut self,
        index: usize,
        running: Running<'_>,
        found: &mut Found<'_, '_>,
        prepared: &Prepared,
        (target, value): (usize, usize),
    ) -> Result<usize, Exhausted> {
        let (Some(target), Some(value)) = (running.link.targets.get(target), found.value(value)) else {
            return Ok(0);
        };
        let name = value.name;
        if !target.selector.takes(name.key) || self.is_excluded(index, running.link, name.variable, name.key)
        {
            return Ok(0);
        }
        let from = From { variable: name.variable, key: name.key, counted: false };
        let mut count = 0;
        let mut last = None;
        for node in &prepared.nodes {
            let text = found.text(value.text, *node, &mut |steps| self.burn(steps))?;
            // A step that changed nothing is not asked about again.
            if last.replace(text) == Some(text) {
                continue;
            }
            if prepared.needs.is_all() || prepared.needs.meets(&found.texts.set(text)) {
                count += usize::from(self.ask(running, from, found.texts.bytes(text))?);
            }
        }
        Ok(count)
    }
}
