//! One transaction: the rules of a set run over one request and its response, phase by phase.

mod effects;
mod evaluate;
mod expand;
mod judge;
mod kept;
mod outcome;
mod prepared;
mod seen;
mod settled;
mod shape;

pub use outcome::{Interruption, Kind, Match, Outcome, Scored, Seen};
pub(crate) use settled::Settled;
pub use shape::shape;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::body::{Processor, Wanted};
use crate::effect::{Audit, Collection, Engine};
use crate::exclusions::Exclusions;
use crate::fast::{Found, Room};
use crate::input::Input;
use crate::limits::{Exhausted, Limits};
use crate::operator::Captures;
use crate::phase::Phase;
use crate::rule::{Allow, Disruptive, Exclusion, Severity};
use crate::rule_bits::RuleBits;
use crate::rule_set::RuleSet;
use crate::tx::{Tx, Value};
use seen::Matched;

/// What rules keep while they run over one request and its response.
pub struct Transaction {
    rules: Arc<RuleSet>,
    limits: Limits,
    fuel: u64,
    exhausted: Option<Exhausted>,
    engine: Engine,
    tx: Tx,
    /// A caller set some of it.
    tx_given: bool,
    /// TX began with what the rules do whatever the request, and what that decides is not visited.
    settled: bool,
    collections: BTreeMap<(Collection, Vec<u8>), Value>,
    environment: BTreeMap<Vec<u8>, Value>,
    /// Lent to each operator in turn.
    captures: Option<Box<Captures>>,
    /// Handed from the first phase to the second: what its rules look at is mostly what those before looked at.
    room: Option<Box<Room>>,
    /// What the rule under way has matched, over its chain.
    matched: Vec<Matched>,
    removed: RuleBits,
    removed_targets: Vec<(RuleBits, Exclusion)>,
    allowed: Option<Allow>,
    wanted: Wanted,
    /// What reads the body unless `ctl` says otherwise.
    processor: Option<Processor>,
    request_body_access: bool,
    response_body_access: bool,
    request_body_limit: Option<u64>,
    response_body_limit: Option<u64>,
    audit: Option<Audit>,
    highest_severity: Option<Severity>,
    matches: Vec<Match>,
    matches_dropped: usize,
    interruption: Option<Interruption>,
    would_interrupt: Option<Interruption>,
    values_shown: bool,
    scored: Vec<Scored>,
    /// Without the fast path, for the proof that it changes nothing.
    #[cfg(test)]
    pub(crate) plain: bool,
}

impl Transaction {
    pub fn new(rules: Arc<RuleSet>, limits: Limits) -> Self {
        let settings = rules.settings();
        Self {
            fuel: limits.fuel_steps_max,
            limits,
            exhausted: None,
            engine: settings.engine,
            tx: Tx::new(rules.names()),
            tx_given: false,
            settled: false,
            collections: BTreeMap::new(),
            environment: BTreeMap::new(),
            captures: None,
            room: None,
            matched: Vec::new(),
            removed: RuleBits::default(),
            removed_targets: Vec::new(),
            allowed: None,
            wanted: Wanted::default(),
            processor: None,
            request_body_access: settings.request_body_access,
            response_body_access: settings.response_body_access,
            request_body_limit: None,
            response_body_limit: None,
            audit: None,
            highest_severity: None,
            matches: Vec::new(),
            matches_dropped: 0,
            interruption: None,
            would_interrupt: None,
            values_shown: false,
            scored: Vec::new(),
            rules,
            #[cfg(test)]
            plain: false,
        }
    }

    /// Messages and data of matches then repeat what a request holds: for `waf test` on files of the operator, never
    /// for traffic.
    pub fn show_values(mut self) -> Self {
        self.values_shown = true;
        self
    }

    /// Runs the rules as if `SecRuleEngine` said this.
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Sets a TX variable before any rule runs, as a `SecAction` at the head of the rules would.
    pub fn set_tx(&mut self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        let max = self.limits.variables_max;
        self.tx_given = true;
        self.settled = false;
        if !self.tx.set_named(self.rules.names(), name.as_bytes(), Some(value.as_bytes()), max) {
            self.exhausted = Some(Exhausted::Variables);
        }
    }

    /// Leaves out what these name.
    pub fn with_exclusions(mut self, exclusions: &Exclusions) -> Self {
        self.removed.extend(&exclusions.removed);
        self.removed_targets.extend_from_slice(&exclusions.targets);
        self
    }

    /// Leaves a rule out.
    pub fn remove_rule(&mut self, id: u64) {
        if let Some(index) = self.rules.rules().iter().position(|rule| rule.id == id) {
            self.removed.insert(index);
        }
    }

    /// Runs the rules of one phase. Phases run in ascending order, each once; after a refusal only logging still runs.
    pub fn run(&mut self, phase: Phase, input: &Input) -> Outcome {
        if let Some(exhausted) = self.exhausted {
            return Outcome::Exhausted(exhausted);
        }
        if phase != Phase::Logging {
            if let Some(interruption) = &self.interruption {
                return Outcome::Interrupted(interruption.clone());
            }
            if !self.goes_on(phase) {
                return Outcome::Continue;
            }
        } else if self.engine == Engine::Off {
            return Outcome::Continue;
        }
        self.processor = input.processor();
        let rules = Arc::clone(&self.rules);
        if let Err(exhausted) = self.run_rules(&rules, phase, input) {
            self.exhausted = Some(exhausted);
            return Outcome::Exhausted(exhausted);
        }
        match &self.interruption {
            Some(interruption) if phase != Phase::Logging => Outcome::Interrupted(interruption.clone()),
            _ => Outcome::Continue,
        }
    }

    fn is_allowed(&self, phase: Phase) -> bool {
        match self.allowed {
            Some(Allow::Transaction) => true,
            Some(Allow::Request) => phase <= Phase::RequestBody,
            Some(Allow::Phase) | None => false,
        }
    }

    fn run_rules(&mut self, rules: &Arc<RuleSet>, phase: Phase, input: &Input) -> Result<(), Exhausted> {
        if phase == Phase::RequestHeaders {
            self.settle(rules);
        }
        let mut found = {
            let map = rules.settings().unicode_map.as_deref();
            let (visits, room) = (self.visits(rules, phase), self.room.take());
            let room = room.unwrap_or_else(|| rules.rooms().take());
            Found::new(rules.fast(phase), visits, input, map, self.limits.values_max, room)
        };
        let done = self.run_each(rules, phase, input, &mut found);
        let room = found.leave();
        // Rules on answers look at other values, and what is kept would wait for the service with the request.
        if phase < Phase::RequestBody && done.is_ok() && self.goes_on(Phase::RequestBody) {
            self.room = Some(room);
        } else {
            rules.rooms().give(room);
        }
        done
    }

    /// Whether rules of a phase of request or answer still run.
    fn goes_on(&self, phase: Phase) -> bool {
        self.interruption.is_none() && self.engine != Engine::Off && !self.is_allowed(phase)
    }

    fn run_each<'i>(
        &mut self,
        rules: &Arc<RuleSet>,
        phase: Phase,
        input: &'i Input,
        found: &mut Found<'_, 'i>,
    ) -> Result<(), Exhausted> {
        let list = rules.phase(phase);
        let fast = found.fast;
        let mut settled = self.settled;
        let mut position = 0;
        if self.is_fast() {
            found.leave_lacking()?;
        }
        while let Some(at) = found.visits.next(position) {
            let Some(index) = list.get(at).copied() else { break };
            let check = fast.check(at);
            position = at + 1;
            if self.removed.has(index) {
                continue;
            }
            self.burn(1)?;
            let verdict = if self.is_fast() { self.verdict(check, found)? } else { None };
            if verdict == Some(false) {
                continue;
            }
            let Some(rule) = rules.rules().get(index) else { continue };
            // Nobody asks what matched: then it is a rule without a chain.
            let matched = if verdict == Some(true) && !rule.remembers {
                for link in &rule.links {
                    self.affect(rule, link, input)?;
                }
                self.complete(rules, index, input);
                true
            } else {
                self.rule(rules, index, input, found)?
            };
            if settled != self.settled {
                settled = self.settled;
                found.visits = self.visits(rules, phase);
            }
            if !matched {
                continue;
            }
            if let Some(to) = rule.skip_to {
                position = position.max(to);
            }
            position += rule.skip as usize;
            if self.interruption.is_some() && phase != Phase::Logging {
                break;
            }
            match self.allowed {
                Some(Allow::Phase) => {
                    self.allowed = None;
                    break;
                }
                Some(_) if self.is_allowed(phase) && phase != Phase::Logging => break,
                _ => {}
            }
            if self.engine == Engine::Off {
                break;
            }
        }
        Ok(())
    }

    /// What happens when a whole chain has matched.
    fn complete(&mut self, rules: &RuleSet, index: usize, input: &Input) {
        let Some(rule) = rules.rules().get(index) else { return };
        if let Some(severity) = rule.words.severity {
            self.highest_severity = Some(self.highest_severity.map_or(severity, |other| other.min(severity)));
        }
        let kind = match &rule.disruptive {
            Disruptive::Pass => None,
            Disruptive::Deny => Some(Kind::Deny),
            Disruptive::Drop => Some(Kind::Drop),
            Disruptive::Redirect(location) => {
                let location = self.expand(location, input, Some(rule));
                Some(Kind::Redirect(String::from_utf8_lossy(&location).into_owned()))
            }
            Disruptive::Allow(allow) => {
                if self.engine == Engine::On {
                    self.allowed = Some(*allow);
                }
                None
            }
        };
        if rule.log {
            self.tell(rules, index, input, kind.is_some());
        }
        let Some(kind) = kind else { return };
        let interruption = Interruption { status: rule.status, rule_id: rule.id, phase: rule.phase, kind };
        match self.engine {
            Engine::On => {
                self.interruption.get_or_insert(interruption);
            }
            Engine::DetectionOnly | Engine::Off => {
                self.would_interrupt.get_or_insert(interruption);
            }
        }
    }

    /// Takes steps from the fuel.
    fn burn(&mut self, steps: u64) -> Result<(), Exhausted> {
        self.fuel = self.fuel.checked_sub(steps).ok_or(Exhausted::Fuel)?;
        Ok(())
    }

    /// How the request's body is to be read, as `ctl` said so far.
    pub fn body_wanted(&self) -> Wanted {
        self.wanted
    }

    /// Whether the request's body is to be looked at at all.
    pub fn request_body_access(&self) -> bool {
        self.request_body_access
    }

    pub fn response_body_access(&self) -> bool {
        self.response_body_access
    }

    /// `ctl:requestBodyLimit`, in bytes.
    pub fn request_body_limit(&self) -> Option<u64> {
        self.request_body_limit
    }

    /// `ctl:responseBodyLimit`, in bytes.
    pub fn response_body_limit(&self) -> Option<u64> {
        self.response_body_limit
    }

    /// `ctl:auditEngine`.
    pub fn audit(&self) -> Option<Audit> {
        self.audit
    }

    /// The rules that it runs.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The matches of rules that log, in order; at most `matches_max`.
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// Matches beyond `matches_max`.
    pub fn matches_dropped(&self) -> usize {
        self.matches_dropped
    }

    pub fn interruption(&self) -> Option<&Interruption> {
        self.interruption.as_ref()
    }

    /// In DetectionOnly: what the first disruptive rule would have done.
    pub fn would_interrupt(&self) -> Option<&Interruption> {
        self.would_interrupt.as_ref()
    }

    /// A TX variable; `name` in any case.
    pub fn tx(&self, name: &str) -> Option<&[u8]> {
        self.tx.get_named(self.rules.names(), name.to_ascii_lowercase().as_bytes())
    }

    /// Every TX variable with its value.
    #[cfg(test)]
    pub(crate) fn scores(&self) -> BTreeMap<String, String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.tx.each(self.rules.names()).map(|(name, value)| (text(name), text(value))).collect()
    }

    /// Fuel that was used, in steps.
    pub fn fuel_used(&self) -> u64 {
        self.limits.fuel_steps_max - self.fuel
    }
}

#[cfg(test)]
mod tests;
