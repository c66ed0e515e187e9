//! The words that the file and records use for actions, classes and sources.

use super::{Action, Class, Evidence};

impl Action {
    pub const ALL: [Self; 6] = [Self::Read, Self::Write, Self::Delete, Self::List, Self::Create, Self::Act];

    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::List => "list",
            Self::Create => "create",
            Self::Act => "act",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

impl Class {
    pub const ALL: [Self; 5] = [Self::Public, Self::User, Self::Support, Self::Internal, Self::Admin];

    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::User => "user",
            Self::Support => "support",
            Self::Internal => "internal",
            Self::Admin => "admin",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

impl Evidence {
    /// A source that is a word of its own.
    pub(super) fn word(word: &str) -> Option<Self> {
        Some(match word {
            "sealed" => Self::Sealed,
            "learned" => Self::Learned,
            "producer" => Self::Producer,
            "resolver" => Self::Resolver,
            "external" => Self::External,
            "response" => Self::Response,
            _ => return None,
        })
    }

    /// As the file names it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Claim(_) => "claim",
            Self::Sealed => "sealed",
            Self::Learned => "learned",
            Self::Producer => "producer",
            Self::List { .. } => "list",
            Self::Resolver => "resolver",
            Self::Related { .. } => "related",
            Self::External => "external",
            Self::Response => "response",
        }
    }
}
