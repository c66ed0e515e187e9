//! A compiled set of rules: immutable, shared by all transactions.

use model::Finding;

use crate::fast::Fast;
use crate::phase::Phase;
use crate::rule::Rule;
use crate::settings::Settings;
use crate::tx::TxNames;

/// What [`crate::compile`] makes.
pub struct RuleSet {
    rules: Vec<Rule>,
    phases: [Vec<usize>; 5],
    names: TxNames,
    settings: Settings,
    notes: Vec<Finding>,
    fast: [Fast; 5],
}

impl RuleSet {
    pub(crate) fn new(
        rules: Vec<Rule>,
        phases: [Vec<usize>; 5],
        names: TxNames,
        settings: Settings,
        notes: Vec<Finding>,
    ) -> Self {
        let fast = std::array::from_fn(|_| Fast::default());
        Self { rules, phases, names, settings, notes, fast }
    }

    /// Every rule, chains as one.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub fn rule(&self, id: u64) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Warnings and notes: what has no effect, exclusions that concern no rule.
    pub fn notes(&self) -> &[Finding] {
        &self.notes
    }

    /// Indices of the rules of a phase, in order.
    pub(crate) fn phase(&self, phase: Phase) -> &[usize] {
        self.phases.get(phase.index()).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn fast(&self, phase: Phase) -> &Fast {
        let [one, two, three, four, five] = &self.fast;
        match phase {
            Phase::RequestHeaders => one,
            Phase::RequestBody => two,
            Phase::ResponseHeaders => three,
            Phase::ResponseBody => four,
            Phase::Logging => five,
        }
    }

    pub(crate) fn names(&self) -> &TxNames {
        &self.names
    }
}

impl std::fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuleSet").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}
