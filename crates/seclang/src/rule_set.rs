//! A compiled set of rules: immutable, shared by all transactions.

use std::sync::{Arc, OnceLock};

use model::Finding;

use crate::execute::Settled;
use crate::fast::{Fast, Rooms};
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
    settled: OnceLock<Settled>,
    rooms: Rooms,
}

impl RuleSet {
    pub(crate) fn new(
        rules: Vec<Rule>,
        phases: [Vec<usize>; 5],
        names: TxNames,
        settings: Settings,
        notes: Vec<Finding>,
    ) -> Self {
        let mut looks = 0;
        let fast = Phase::ALL.map(|phase| {
            let list = phases.get(phase.index()).map_or(&[][..], Vec::as_slice);
            let mut fast = Fast::new(&PhaseRules { rules: &rules, list });
            looks = fast.number_looks(looks);
            fast
        });
        Self {
            rules,
            phases,
            names,
            settings,
            notes,
            fast,
            settled: OnceLock::new(),
            rooms: Rooms::default(),
        }
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

    /// Whether any rule runs in this phase.
    pub fn runs(&self, phase: Phase) -> bool {
        !self.phase(phase).is_empty()
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

    /// What the rules do whatever the request; found out by the first transaction.
    pub(crate) fn settled(self: &Arc<Self>) -> &Settled {
        self.settled.get_or_init(|| Settled::of(self))
    }

    /// Memory that its transactions hand on.
    pub(crate) fn rooms(&self) -> &Rooms {
        &self.rooms
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

/// The rules of one phase, in order.
pub(crate) struct PhaseRules<'a> {
    rules: &'a [Rule],
    list: &'a [usize],
}

impl<'a> PhaseRules<'a> {
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Index in the set, and rule.
    pub fn each(&self) -> impl Iterator<Item = (usize, &'a Rule)> {
        self.list.iter().filter_map(|index| Some((*index, self.rules.get(*index)?)))
    }
}
