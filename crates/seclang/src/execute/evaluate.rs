//! One rule with its chain: which values it looks at, and whether all of its links match.

use super::Transaction;
use super::judge::{From, Running};
use crate::fast::Found;
use crate::input::Input;
use crate::limits::Exhausted;
use crate::rule::{Link, Rule, Target};
use crate::rule_set::RuleSet;
use crate::variable::{Selector, Variable};

impl Transaction {
    /// Runs a rule and what is chained to it. Effects of a link happen whenever it matches; the rule refuses, jumps and
    /// is told only when every link matched.
    pub(super) fn rule<'i>(
        &mut self,
        rules: &RuleSet,
        index: usize,
        input: &'i Input,
        found: &mut Found<'_, 'i>,
    ) -> Result<bool, Exhausted> {
        let Some(rule) = rules.rules().get(index) else { return Ok(false) };
        self.matched.clear();
        self.scored.clear();
        for (position, link) in rule.links.iter().enumerate() {
            let head = (position == 0).then_some(&mut *found);
            if !self.link(index, rule, link, input, head)? {
                return Ok(false);
            }
        }
        self.complete(rules, index, input);
        Ok(true)
    }

    pub(super) fn link<'i>(
        &mut self,
        index: usize,
        rule: &Rule,
        link: &Link,
        input: &'i Input,
        found: Option<&mut Found<'_, 'i>>,
    ) -> Result<bool, Exhausted> {
        let Some(question) = &link.question else {
            self.affect(rule, link, input)?;
            return Ok(true);
        };
        let argument = question.argument.as_ref().map(|text| self.expand(text, input, Some(rule)));
        let running = Running { rule, link, input, argument: argument.as_deref() };
        if let Some(found) = found
            && self.is_fast()
            && let Some(count) = self.prepared(index, running, found)?
        {
            return Ok(count > 0);
        }
        let mut count = 0;
        for target in &link.targets {
            count += self.target(index, running, target)?;
        }
        Ok(count > 0)
    }

    #[cfg(test)]
    pub(super) fn is_fast(&self) -> bool {
        !self.plain
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "tests decide")]
    pub(super) fn is_fast(&self) -> bool {
        true
    }

    /// Looks at every value of one target, in order.
    pub(super) fn target(
        &mut self,
        index: usize,
        running: Running<'_>,
        target: &Target,
    ) -> Result<usize, Exhausted> {
        if let Some(slot) = target.slot
            && !target.counted
        {
            let Selector::Key(key) = &target.selector else { return Ok(0) };
            let Some(value) = self.tx.get(slot).map(crate::tx::Value::new) else { return Ok(0) };
            if self.is_excluded(index, running.link, Variable::Tx, Some(key)) {
                return Ok(0);
            }
            let from = From { variable: Variable::Tx, key: Some(key), counted: false };
            return self.judge(running, from, value.bytes());
        }
        if target.counted {
            return self.count(index, running, target);
        }
        if let Some(kept) = self.kept_for(running, target) {
            // Patterns over TX have been asked already.
            let is_chosen =
                target.variable == Variable::Tx && matches!(target.selector, Selector::Pattern(_));
            let mut count = 0;
            for (key, value) in kept {
                if (is_chosen || target.selector.takes(key.as_deref()))
                    && !self.is_excluded(index, running.link, target.variable, key.as_deref())
                {
                    let from = From { variable: target.variable, key: key.as_deref(), counted: false };
                    count += self.judge(running, from, &value)?;
                }
            }
            return Ok(count);
        }
        let mut values = Vec::new();
        let mut take = |name, value| values.push((name, value));
        running.input.each_inspected(target.variable, &target.selector, &mut take);
        if values.len() > self.limits.values_max {
            return Err(Exhausted::Values);
        }
        let mut count = 0;
        for (name, value) in values {
            if self.is_excluded(index, running.link, name.variable, name.key) {
                continue;
            }
            let from = From { variable: name.variable, key: name.key, counted: false };
            count += self.judge(running, from, value)?;
        }
        Ok(count)
    }

    /// Asks about the number of values that a target names.
    fn count(&mut self, index: usize, running: Running<'_>, target: &Target) -> Result<usize, Exhausted> {
        let Target { variable, selector, .. } = target;
        let mut count = 0;
        if let Some(slot) = target.slot {
            let Selector::Key(key) = selector else { return Ok(0) };
            let excluded = self.is_excluded(index, running.link, *variable, Some(key));
            count = usize::from(self.tx.get(slot).is_some() && !excluded);
        } else if let Some(kept) = self.kept_for(running, target) {
            let taken = kept.iter().map(|(key, _)| key.as_deref()).filter(|key| selector.takes(*key));
            count = taken.filter(|key| !self.is_excluded(index, running.link, *variable, *key)).count();
        } else {
            running.input.each(*variable, selector, &mut |name, _| {
                count += usize::from(!self.is_excluded(index, running.link, name.variable, name.key));
            });
        }
        let key = match selector {
            Selector::Key(key) => Some(key.as_slice()),
            _ => None,
        };
        let from = From { variable: *variable, key, counted: true };
        let mut digits = [0; 20];
        self.judge(running, from, decimal(count, &mut digits))
    }

    fn kept_for(&self, running: Running<'_>, target: &Target) -> Option<Vec<super::kept::Kept>> {
        if target.variable == Variable::Tx && matches!(target.selector, Selector::Pattern(_)) {
            return Some(self.tx_members(target));
        }
        if target.variable == Variable::Rule {
            let keys = ["id", "phase", "severity", "rev", "ver", "msg", "logdata"];
            let member = |key: &str| {
                let key = key.as_bytes();
                (Some(key.to_vec()), super::expand::of_rule(running.rule, key))
            };
            return Some(keys.into_iter().map(member).collect());
        }
        self.kept(target.variable)
    }

    /// Whether a value is left out, by the rule itself, at configuration, or by `ctl`.
    pub(super) fn is_excluded(
        &self,
        index: usize,
        link: &Link,
        variable: Variable,
        key: Option<&[u8]>,
    ) -> bool {
        link.exclusions.iter().any(|exclusion| exclusion.takes(variable, key))
            || self
                .removed_targets
                .iter()
                .any(|(rules, exclusion)| rules.has(index) && exclusion.takes(variable, key))
    }
}

fn decimal(number: usize, digits: &mut [u8; 20]) -> &[u8] {
    let mut rest = number;
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        start -= 1;
        if rest == 0 {
            break;
        }
    }
    digits.get(start..).unwrap_or_default()
}
