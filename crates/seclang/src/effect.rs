//! What a match changes in its transaction, without refusing anything.

use crate::body::Processor;
use crate::macros::Macro;
use crate::rule::Exclusion;
use crate::rule_bits::RuleBits;
use crate::tx::Slot;

/// In the order in which a rule writes them.
#[derive(Debug, Clone)]
pub enum Effect {
    SetVar(SetVar),
    SetEnv {
        name: Macro,
        value: Macro,
    },
    /// Opens a collection for this transaction.
    Init {
        collection: Collection,
        key: Macro,
    },
    Ctl(Ctl),
}

impl Effect {
    /// Whether a macro of it names MATCHED_VAR or its kind.
    pub(crate) fn asks_what_matched(&self) -> bool {
        match self {
            Self::SetVar(SetVar { key, change }) => {
                let key = match key {
                    Key::Tx(_) => None,
                    Key::TxNamed(name) | Key::Other(_, name) => Some(name),
                };
                let value = match change {
                    Change::Set(text) | Change::Add(text) | Change::Subtract(text) => Some(text),
                    Change::Unset => None,
                };
                key.into_iter().chain(value).any(Macro::asks_what_matched)
            }
            Self::SetEnv { name, value } => name.asks_what_matched() || value.asks_what_matched(),
            Self::Init { key, .. } => key.asks_what_matched(),
            Self::Ctl(_) => false,
        }
    }
}

#[derive(Debug, Clone)]
pub struct SetVar {
    pub key: Key,
    pub change: Change,
}

#[derive(Debug, Clone)]
pub enum Key {
    Tx(Slot),
    /// A TX name with macros in it.
    TxNamed(Macro),
    Other(Collection, Macro),
}

#[derive(Debug, Clone)]
pub enum Change {
    Set(Macro),
    Add(Macro),
    Subtract(Macro),
    Unset,
}

/// Collections that other engines keep between requests. Here they live as long as their transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collection {
    Global,
    Ip,
    Resource,
    Session,
    User,
}

impl Collection {
    pub fn named(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "global" => Self::Global,
            "ip" => Self::Ip,
            "resource" => Self::Resource,
            "session" => Self::Session,
            "user" => Self::User,
            _ => return None,
        })
    }
}

/// What `ctl` changes for the rest of the transaction.
#[derive(Debug, Clone)]
pub enum Ctl {
    Remove(RuleChoice, RuleBits),
    RemoveTarget(RuleChoice, RuleBits, Exclusion),
    Engine(Engine),
    BodyProcessor(Processor),
    ForceBodyVariable(bool),
    RequestBodyAccess(bool),
    ResponseBodyAccess(bool),
    RequestBodyLimit(u64),
    ResponseBodyLimit(u64),
    /// The audit log is the gateway's record; kept for `explain`.
    Audit(Audit),
    /// Asked for, and without effect: the record has one shape.
    AuditParts,
}

/// Rules as an exclusion names them; the compiler turns it into [`RuleBits`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleChoice {
    /// From one id to another, both included.
    Ids(Vec<(u64, u64)>),
    Tag(String),
    Message(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    On,
    DetectionOnly,
    Off,
}

impl Engine {
    pub fn named(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "on" => Self::On,
            "detectiononly" => Self::DetectionOnly,
            "off" => Self::Off,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audit {
    On,
    RelevantOnly,
    Off,
}

impl Audit {
    pub fn named(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "on" => Self::On,
            "relevantonly" => Self::RelevantOnly,
            "off" => Self::Off,
            _ => return None,
        })
    }
}
