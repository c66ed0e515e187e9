//! A compiled rule: what it looks at, what it asks, what it does.

use model::Place;

use crate::effect::Effect;
use crate::macros::Macro;
use crate::operator::Operator;
use crate::phase::Phase;
use crate::transformation::Transformation;
use crate::tx::Slot;
use crate::variable::{Selector, Variable};

/// One rule with its chain.
pub struct Rule {
    /// 0 for a rule without an id, which only tests write.
    pub id: u64,
    pub place: Place,
    pub phase: Phase,
    pub words: Words,
    pub disruptive: Disruptive,
    /// The status of a refusal or redirection.
    pub status: u16,
    /// Whether a match is told.
    pub log: bool,
    /// Top-level rules to leave out after a match, in the same phase.
    pub skip: u32,
    /// The position in the phase at which a match goes on.
    pub skip_to: Option<usize>,
    /// Somebody asks what matched: a later link, a macro, or whoever reads what is told.
    pub remembers: bool,
    /// The head first.
    pub links: Vec<Link>,
}

/// What a rule says about itself.
#[derive(Debug, Clone, Default)]
pub struct Words {
    pub message: Macro,
    pub data: Macro,
    pub tags: Vec<String>,
    pub severity: Option<Severity>,
    pub version: String,
    pub revision: String,
    pub maturity: Option<u8>,
    pub accuracy: Option<u8>,
}

/// One rule of a chain.
pub struct Link {
    pub targets: Vec<Target>,
    /// Values that are left out though a target names them.
    pub exclusions: Vec<Exclusion>,
    /// `None` for SecAction: it always matches.
    pub question: Option<Question>,
    pub transformations: Vec<&'static Transformation>,
    /// The operator is asked after every transformation that changes something.
    pub multi_match: bool,
    /// The groups of a match become TX.0 to TX.9.
    pub capture: bool,
    pub effects: Vec<Effect>,
    /// Of this link; empty when the head's is meant.
    pub message: Option<Macro>,
    pub data: Option<Macro>,
}

/// An operator with its argument.
pub struct Question {
    pub operator: Box<dyn Operator>,
    pub negated: bool,
    /// When the argument has macros.
    pub argument: Option<Macro>,
    /// As written: `@lt 2`.
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct Target {
    pub variable: Variable,
    pub selector: Selector,
    /// The number of values is asked about, not the values.
    pub counted: bool,
    /// For a member of TX by name.
    pub slot: Option<Slot>,
    /// For members of TX by pattern: those that rules mention.
    pub slots: Vec<Slot>,
}

#[derive(Debug, Clone)]
pub struct Exclusion {
    pub variable: Variable,
    pub selector: Selector,
}

impl Exclusion {
    pub fn takes(&self, variable: Variable, key: Option<&[u8]>) -> bool {
        self.variable == variable && self.selector.takes(key)
    }
}

/// What a match does to the transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Disruptive {
    #[default]
    Pass,
    Deny,
    Drop,
    Redirect(Macro),
    Allow(Allow),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allow {
    /// The rest of the transaction, except logging.
    Transaction,
    Phase,
    /// The rest of the request's phases.
    Request,
}

/// RFC 5424 severities, as rules write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Emergency,
    Alert,
    Critical,
    Error,
    Warning,
    Notice,
    Info,
    Debug,
}

impl Severity {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Emergency, "EMERGENCY"),
        (Self::Alert, "ALERT"),
        (Self::Critical, "CRITICAL"),
        (Self::Error, "ERROR"),
        (Self::Warning, "WARNING"),
        (Self::Notice, "NOTICE"),
        (Self::Info, "INFO"),
        (Self::Debug, "DEBUG"),
    ];

    /// By word or number.
    pub fn named(text: &str) -> Option<Self> {
        let number = text.parse::<usize>().ok();
        let mut all = Self::ALL.iter().enumerate();
        all.find(|(index, (_, name))| number == Some(*index) || name.eq_ignore_ascii_case(text))
            .map(|(_, (severity, _))| *severity)
    }

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(severity, _)| *severity == self).map_or("", |(_, name)| name)
    }
}
