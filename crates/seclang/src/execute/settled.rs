//! What rules do whatever the request, found out once for all transactions of a rule set.
//!
//! Rule sets begin with rules that give TX variables their presets, and leave out whole stretches by comparing such a
//! variable with a number. The first rules are run ahead as long as TX alone decides; what TX then holds is what
//! transactions begin with. Variables that no other rule can set stay as they are, so that comparisons of them are
//! decided too: what never matches is not visited, nor what a jump that always happens leads over.
//!
//! A transaction that leaves out any of the rules that matched ahead, or members of TX, runs every rule.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Transaction;
use crate::effect::{Change, Ctl, Effect, Key, SetVar};
use crate::input::Input;
use crate::limits::Limits;
use crate::phase::Phase;
use crate::rule::{Disruptive, Link, Rule};
use crate::rule_bits::RuleBits;
use crate::rule_set::RuleSet;
use crate::tx::{Slot, TxNames, Values};
use crate::variable::Variable;

/// What is known of a rule set before there is a request.
pub struct Settled {
    /// TX as the rules that were run ahead leave it.
    tx: Values,
    /// The rules that matched ahead, in whatever phase: without any of them, nothing of this is known.
    matched: RuleBits,
    /// For each phase, the positions of the rules that are to be visited.
    visits: [RuleBits; 5],
}

impl Settled {
    pub fn of(rules: &Arc<RuleSet>) -> Self {
        let visits = Phase::ALL.map(|phase| RuleBits::first(rules.phase(phase).len()));
        let mut ahead = Transaction::new(Arc::clone(rules), Limits::default());
        let mut settled = Self { tx: ahead.tx.values(), matched: RuleBits::default(), visits };
        let done = settled.run_ahead(rules, &mut ahead);
        settled.tx = ahead.tx.values();
        let settable = settable(rules, &done);
        for phase in Phase::ALL {
            settled.compare(rules, phase, &ahead, &settable);
        }
        settled
    }

    /// The positions of the rules of a phase that are to be visited.
    pub fn visits(&self, phase: Phase) -> RuleBits {
        self.visits.get(phase.index()).cloned().unwrap_or_default()
    }

    fn leave(&mut self, phase: Phase, position: usize) {
        if let Some(visits) = self.visits.get_mut(phase.index()) {
            visits.remove(position);
        }
    }

    /// Runs the first rules up to the one that needs a request. Gives those that were run.
    fn run_ahead(&mut self, rules: &RuleSet, ahead: &mut Transaction) -> RuleBits {
        let phase = Phase::RequestHeaders;
        let list = rules.phase(phase);
        let mut done = RuleBits::default();
        let mut position = 0;
        while let Some((index, rule)) = list.get(position).and_then(|i| Some((*i, rules.rules().get(*i)?))) {
            position += 1;
            if keeps_off_tx(rule) {
                continue;
            }
            let Some(matched) = ahead.ahead(index, rule) else { break };
            done.insert(index);
            self.leave(phase, position - 1);
            if matched {
                self.matched.insert(index);
                let to = landing(rule, position - 1).min(list.len());
                (position..to).for_each(|over| self.leave(phase, over));
                position = to;
            }
        }
        done
    }

    /// Leaves out what is decided by variables that nothing sets any more.
    fn compare(&mut self, rules: &RuleSet, phase: Phase, ahead: &Transaction, settable: &BTreeSet<Slot>) {
        let list = rules.phase(phase);
        let mut landings = BTreeSet::new();
        let mut position = 0;
        while let Some(at) = self.visits(phase).next(position) {
            position = at + 1;
            let Some((index, rule)) = list.get(at).and_then(|i| Some((*i, rules.rules().get(*i)?))) else {
                break;
            };
            let check = rules.fast(phase).check(at);
            let steady = check.slot().is_some_and(|slot| !settable.contains(&slot));
            let matched = check.compared(&ahead.tx).filter(|_| steady);
            let to = landing(rule, at).min(list.len());
            if matched == Some(false) {
                self.leave(phase, at);
            } else if matched == Some(true) && only_jumps(rule) && landings.range(at + 1..to).next().is_none()
            {
                // Nothing else leads to what it jumps over.
                self.matched.insert(index);
                (at..to).for_each(|over| self.leave(phase, over));
            } else {
                landings.insert(to);
            }
        }
    }
}

impl Transaction {
    /// Begins with what is settled, where that holds for this transaction.
    pub(super) fn settle(&mut self, rules: &Arc<RuleSet>) {
        let settled = rules.settled();
        self.settled = self.is_fast()
            && !self.tx_given
            // What was put together ahead was cut off there.
            && self.limits.expanded_bytes_max == Limits::default().expanded_bytes_max
            && !self.removed.meets(&settled.matched)
            && !self.leaves_out(Variable::Tx);
        if self.settled {
            self.tx.begin_with(&settled.tx);
        }
    }

    /// From here on every rule is run, when what `ctl` leaves out makes a difference.
    pub(super) fn unsettle(&mut self) {
        let rules = Arc::clone(&self.rules);
        if self.settled && (self.removed.meets(&rules.settled().matched) || self.leaves_out(Variable::Tx)) {
            self.settled = false;
        }
    }

    /// The positions of the rules of a phase that are to be visited.
    pub(super) fn visits(&self, rules: &Arc<RuleSet>, phase: Phase) -> RuleBits {
        if self.settled { rules.settled().visits(phase) } else { RuleBits::first(rules.phase(phase).len()) }
    }

    /// Runs a rule without a request. `None`, and nothing done: it looks at more than TX, or does more than set it.
    fn ahead(&mut self, index: usize, rule: &Rule) -> Option<bool> {
        let before = self.tx.clone();
        let input = Input::default();
        self.matched.clear();
        for link in &rule.links {
            match is_of_tx(link).then(|| self.link(index, rule, link, &input, None)) {
                Some(Ok(true)) => {}
                Some(Ok(false)) => return Some(false),
                Some(Err(_)) | None => {
                    self.tx = before;
                    return None;
                }
            }
        }
        if is_silent(rule) {
            return Some(true);
        }
        self.tx = before;
        None
    }
}

/// Where a match of the rule at a position goes on.
fn landing(rule: &Rule, position: usize) -> usize {
    rule.skip_to.map_or(position + 1, |to| to.max(position + 1)) + rule.skip as usize
}

/// Nothing but its effects and its jump shows that the rule matched.
fn is_silent(rule: &Rule) -> bool {
    !rule.log && rule.disruptive == Disruptive::Pass && rule.words.severity.is_none()
}

fn only_jumps(rule: &Rule) -> bool {
    is_silent(rule) && rule.links.len() == 1 && rule.links.iter().all(|link| link.effects.is_empty())
}

/// Whether TX alone decides whether the link matches, and a match changes nothing but variables with slots.
fn is_of_tx(link: &Link) -> bool {
    let asks = link.question.as_ref().and_then(|question| question.argument.as_ref());
    link.targets.iter().all(|target| target.slot.is_some())
        && asks.is_none_or(|argument| argument.asks_only_tx())
        && link.effects.iter().all(|effect| match effect {
            Effect::SetVar(SetVar { key: Key::Tx(_), change }) => match change {
                Change::Set(text) | Change::Add(text) | Change::Subtract(text) => text.asks_only_tx(),
                Change::Unset => true,
            },
            _ => false,
        })
}

/// Whether it makes no difference to the rule what TX holds, nor to those after it, save how the body is read.
fn keeps_off_tx(rule: &Rule) -> bool {
    is_silent(rule) && rule.skip == 0 && rule.skip_to.is_none() && rule.links.iter().all(link_keeps_off_tx)
}

fn link_keeps_off_tx(link: &Link) -> bool {
    let asks = link.question.as_ref().and_then(|question| question.argument.as_ref());
    link.targets.iter().all(|target| target.variable != Variable::Tx)
        && asks.is_none_or(|argument| !argument.asks_tx())
        && !link.capture
        && link.effects.iter().all(|effect| match effect {
            Effect::Ctl(ctl) => match ctl {
                Ctl::Remove(..) | Ctl::RemoveTarget(..) | Ctl::Engine(_) => false,
                Ctl::BodyProcessor(_)
                | Ctl::ForceBodyVariable(_)
                | Ctl::RequestBodyAccess(_)
                | Ctl::ResponseBodyAccess(_)
                | Ctl::RequestBodyLimit(_)
                | Ctl::ResponseBodyLimit(_)
                | Ctl::Audit(_)
                | Ctl::AuditParts => true,
            },
            _ => false,
        })
}

/// The variables that rules other than those in `done` may set.
fn settable(rules: &RuleSet, done: &RuleBits) -> BTreeSet<Slot> {
    let mut slots = BTreeSet::new();
    let others = rules.rules().iter().enumerate().filter(|(index, _)| !done.has(*index));
    for link in others.flat_map(|(_, rule)| &rule.links) {
        if link.capture {
            slots.extend((0..10).map(TxNames::capture));
        }
        for effect in &link.effects {
            match effect {
                Effect::SetVar(SetVar { key: Key::Tx(slot), .. }) => {
                    slots.insert(*slot);
                }
                Effect::SetVar(SetVar { key: Key::TxNamed(name), .. }) => {
                    let beginning = name.beginning().to_ascii_lowercase();
                    slots.extend(rules.names().all(|name| name.starts_with(&beginning)));
                }
                Effect::SetVar(_) | Effect::SetEnv { .. } | Effect::Init { .. } | Effect::Ctl(_) => {}
            }
        }
    }
    slots
}
