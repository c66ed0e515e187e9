//! What a match changes: variables, collections, and the engine itself.

use super::{Scored, Transaction};
use crate::effect::{Change, Collection, Ctl, Effect, Key, SetVar};
use crate::input::Input;
use crate::limits::Exhausted;
use crate::macros::Macro;
use crate::rule::{Link, Rule};
use crate::tx::Value;

impl Transaction {
    /// Every effect of one match of one rule of a chain, in order.
    pub(super) fn affect(&mut self, rule: &Rule, link: &Link, input: &Input) -> Result<(), Exhausted> {
        for effect in &link.effects {
            match effect {
                Effect::SetVar(set) => self.set_var(rule, set, input)?,
                Effect::SetEnv { name, value } => {
                    let name = self.expand(name, input, Some(rule)).to_ascii_lowercase();
                    let value = Value::new(&self.expand(value, input, Some(rule)));
                    self.room(self.environment.len())?;
                    self.environment.insert(name, value);
                }
                Effect::Init { collection, key } => {
                    let key = self.expand(key, input, Some(rule));
                    self.set_member(*collection, b"key".to_vec(), Some(&key))?;
                }
                Effect::Ctl(ctl) => self.control(ctl),
            }
        }
        Ok(())
    }

    fn set_var(&mut self, rule: &Rule, set: &SetVar, input: &Input) -> Result<(), Exhausted> {
        let name = match &set.key {
            Key::Tx(slot) => {
                let name = *slot;
                if let Change::Set(text) = &set.change
                    && let Some(literal) = text.literal()
                {
                    self.tx.set(name, Some(literal));
                    return Ok(());
                }
                let before = self.tx.get(name).map(number);
                let rules = std::sync::Arc::clone(&self.rules);
                let value = self.changed(rule, &set.change, before, rules.names().name(name), input);
                self.tx.set(name, value.as_deref());
                return Ok(());
            }
            Key::TxNamed(name) | Key::Other(_, name) => {
                self.expand(name, input, Some(rule)).to_ascii_lowercase()
            }
        };
        if let Key::Other(collection, _) = &set.key {
            let before =
                self.collections.get(&(*collection, name.clone())).map(|value| number(value.bytes()));
            let value = self.changed(rule, &set.change, before, &name, input);
            return self.set_member(*collection, name, value.as_deref());
        }
        let rules = std::sync::Arc::clone(&self.rules);
        let before = match &set.change {
            Change::Set(_) | Change::Unset => None,
            Change::Add(_) | Change::Subtract(_) => self.tx.get_named(rules.names(), &name).map(number),
        };
        let value = self.changed(rule, &set.change, before, &name, input);
        let max = self.limits.variables_max;
        if self.tx.set_named(rules.names(), &name, value.as_deref(), max) {
            Ok(())
        } else {
            Err(Exhausted::Variables)
        }
    }

    /// The new value; `None` when the variable is to go.
    fn changed(
        &mut self,
        rule: &Rule,
        change: &Change,
        before: Option<i64>,
        name: &[u8],
        input: &Input,
    ) -> Option<Vec<u8>> {
        let operand = |own: &Self, text: &Macro| number(&own.expand(text, input, Some(rule)));
        let change = match change {
            Change::Unset => return None,
            Change::Set(text) => return Some(self.expand(text, input, Some(rule))),
            Change::Add(text) => operand(self, text),
            Change::Subtract(text) => operand(self, text).saturating_neg(),
        };
        let before = before.unwrap_or(0);
        let after = before.saturating_add(change);
        if rule.log && change != 0 {
            let name = format!("tx.{}", String::from_utf8_lossy(name));
            self.scored.push(Scored { name, before, change, after });
        }
        Some(after.to_string().into_bytes())
    }

    fn set_member(
        &mut self,
        collection: Collection,
        name: Vec<u8>,
        value: Option<&[u8]>,
    ) -> Result<(), Exhausted> {
        match value {
            Some(value) => {
                self.room(self.collections.len())?;
                self.collections.insert((collection, name), Value::new(value));
            }
            None => {
                self.collections.remove(&(collection, name));
            }
        }
        Ok(())
    }

    fn room(&self, taken: usize) -> Result<(), Exhausted> {
        if taken < self.limits.variables_max { Ok(()) } else { Err(Exhausted::Variables) }
    }

    fn control(&mut self, ctl: &Ctl) {
        match ctl {
            Ctl::Remove(_, rules) => {
                self.removed.extend(rules);
                self.unsettle();
            }
            Ctl::RemoveTarget(_, rules, exclusion) => {
                self.removed_targets.push((rules.clone(), exclusion.clone()));
                self.unsettle();
            }
            Ctl::Engine(engine) => self.engine = *engine,
            Ctl::BodyProcessor(processor) => self.wanted.processor = Some(*processor),
            Ctl::ForceBodyVariable(on) => self.wanted.force_request_body = *on,
            Ctl::RequestBodyAccess(on) => self.request_body_access = *on,
            Ctl::ResponseBodyAccess(on) => self.response_body_access = *on,
            Ctl::RequestBodyLimit(bytes) => self.request_body_limit = Some(*bytes),
            Ctl::ResponseBodyLimit(bytes) => self.response_body_limit = Some(*bytes),
            Ctl::Audit(audit) => self.audit = Some(*audit),
            Ctl::AuditParts => {}
        }
    }
}

/// The number at the start of a text, as C's `atoi` reads it; 0 where there is none.
fn number(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    let value =
        digits.fold(0_i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    if negative { -value } else { value }
}
