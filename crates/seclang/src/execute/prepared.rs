//! A rule by the fast path: asks only about values that can match.

use super::Transaction;
use super::judge::{From, Running};
use crate::fast::{Check, Found, Prepared};
use crate::limits::Exhausted;
use crate::rule::Target;
use crate::variable::Variable;

impl Transaction {
    /// Whether a rule matches, where what was prepared shows it without the rule.
    pub(super) fn verdict(
        &mut self,
        check: &Check,
        found: &mut Found<'_, '_>,
    ) -> Result<Option<bool>, Exhausted> {
        Ok(match check {
            Check::Ask => None,
            Check::Words { class, place } => {
                let may = found.may_match(*class, *place, &mut |steps| self.burn(steps))?;
                if may { None } else { Some(false) }
            }
            // What `ctl` leaves out changes the number.
            Check::Number { .. } if self.leaves_out(Variable::Tx) => None,
            Check::Number { .. } => check.compared(&self.tx),
        })
    }

    /// Whether a `ctl` left members of a variable out of some rule.
    pub(super) fn leaves_out(&self, variable: Variable) -> bool {
        self.removed_targets.iter().any(|(_, exclusion)| exclusion.variable == variable)
    }

    /// Gives how often the head of a rule matched; `None` when the fast path has no part in it.
    pub(super) fn prepared(
        &mut self,
        index: usize,
        running: Running<'_>,
        found: &mut Found<'_, '_>,
    ) -> Result<Option<usize>, Exhausted> {
        let fast = found.fast;
        let Some(prepared) = fast.prepared(index) else { return Ok(None) };
        found.next_asks();
        let mut count = 0;
        let candidates = prepared.class.map_or(0..0, |(class, place)| found.candidates(class, place));
        for (target, (source, names)) in running.link.targets.iter().zip(&prepared.sources) {
            let Some((class, _)) = prepared.class else {
                let (start, end) = found.needed(*source, *names, &prepared.needs_anywhere)?;
                for value in start..end {
                    if found.may_need(value, *names, &prepared.needs_anywhere) {
                        count += self.candidate(index, running, found, prepared, (target, value))?;
                    }
                }
                continue;
            };
            for place in candidates.clone() {
                let Some(value) = found.candidate(class, place) else { continue };
                if found.value(value).is_some_and(|value| value.source == *source) {
                    count += self.candidate(index, running, found, prepared, (target, value))?;
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
        (target, value): (&Target, usize),
    ) -> Result<usize, Exhausted> {
        let Some(value) = found.value(value).filter(|value| target.selector.takes(value.name.key)) else {
            return Ok(0);
        };
        let name = value.name;
        if found.is_refuted(value.text) || self.is_excluded(index, running.link, name.variable, name.key) {
            return Ok(0);
        }
        let changes = prepared.touched.is_all() || prepared.touched.meets(found.texts().set(value.text));
        let from = From { variable: name.variable, key: name.key, counted: false };
        let mut count = 0;
        let mut last = None;
        for node in &prepared.nodes {
            let text = if changes {
                found.text(value.text, *node, &mut |steps| self.burn(steps))?
            } else {
                value.text
            };
            // A step that changed nothing is not asked about again.
            if last.replace(text) == Some(text) {
                continue;
            }
            let set = found.texts().set(text);
            let has_each = prepared.needs_each.iter().all(|needs| needs.meets(set));
            if has_each && (prepared.needs.is_all() || prepared.needs.meets(set)) {
                count += usize::from(self.ask(running, from, found.texts().bytes(text))?);
            }
        }
        if count == 0 {
            found.refute(value.text);
        }
        Ok(count)
    }
}
