//! How much is accepted of whom.

use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Per {
    Address,
    Client,
    Principal,
    Api,
    Operation,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// A structured-field token, unique within its list; `client` when it is `per: client` and alone.
    pub name: String,
    pub per: Per,
    pub count: u64,
    pub window: Duration,
    pub burst: u64,
    /// Operation ids; empty: all.
    pub operations: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedAuthentications {
    /// Failures per address within the window, beyond which the address is refused.
    pub count: u64,
    pub window: Duration,
}

impl Default for FailedAuthentications {
    fn default() -> Self {
        Self { count: 30, window: Duration::from_secs(60) }
    }
}
