//! How it was decided whether a caller may do something to an object, for the record.

use serde::{Deserialize, Serialize};

/// Characters of an object's id that are kept.
pub const OBJECT_ID_CHARS_MAX: usize = 64;
/// Objects of one request that are listed.
pub const OBJECTS_MAX: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    Allowed,
    Denied,
    /// There is no such object, or not for this caller.
    Absent,
    /// It could not be found out.
    Unknown,
    /// The answer of the service decides.
    Awaiting,
}

impl Judgement {
    /// The word in records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Absent => "absent",
            Self::Unknown => "unknown",
            Self::Awaiting => "awaiting",
        }
    }
}

/// One request's authorization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationTrace {
    pub decision: Judgement,
    /// Ids of the policies that decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectTrace>,
    /// In the order in which they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceTrace>,
    /// Requests that were sent to the service to find it out.
    pub upstream_calls: u32,
    /// What went wrong, in words that hold no value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// One object: which one, and where what is known of it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectTrace {
    #[serde(rename = "type")]
    pub kind: String,
    /// At most [`OBJECT_ID_CHARS_MAX`] characters.
    pub id: String,
    pub decision: Judgement,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<FactTrace>,
}

/// A fact's name, and where it comes from; never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactTrace {
    pub name: String,
    pub origin: String,
}

/// A source that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceTrace {
    /// `claim`, `producer`, `resolver`, ...
    pub source: String,
    /// The operation that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// `found`, `absent`, `cached`, `failed`, ...
    pub outcome: String,
    pub calls: u32,
}

impl AuthorizationTrace {
    pub fn new(decision: Judgement) -> Self {
        Self {
            decision,
            policies: Vec::new(),
            objects: Vec::new(),
            evidence: Vec::new(),
            upstream_calls: 0,
            faults: Vec::new(),
        }
    }

    /// Takes over what a later step decided.
    pub fn add(&mut self, later: Self) {
        self.decision = later.decision;
        for policy in later.policies {
            if !self.policies.contains(&policy) {
                self.policies.push(policy);
            }
        }
        if !later.objects.is_empty() {
            self.objects = later.objects;
        }
        self.evidence.extend(later.evidence);
        self.upstream_calls = self.upstream_calls.saturating_add(later.upstream_calls);
        self.faults.extend(later.faults);
    }
}

/// An id as it may stand in a record: printable, and not longer than is kept.
pub fn object_id(id: &str) -> String {
    id.chars().take(OBJECT_ID_CHARS_MAX).map(|one| if one.is_control() { '?' } else { one }).collect()
}
