//! How much is accepted of whom.

use std::time::Duration;

use model::LimitUnit;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Per {
    Address,
    Client,
    Principal,
    Tenant,
    Api,
    Operation,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// A structured-field token, unique within its list; `client` when it is `per: client` and alone.
    pub name: String,
    pub per: Per,
    /// Of what `count`, `burst` and `daily` are numbers.
    pub unit: LimitUnit,
    pub count: u64,
    pub window: Duration,
    pub burst: u64,
    /// The most until midnight UTC.
    pub daily: Option<u64>,
    /// Operation ids; empty: all.
    pub operations: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedAuthentications {
    /// Failures per address within the window, beyond which the address is refused; and failures with one and the same
    /// credential, which count once for the address.
    pub count: u64,
    pub window: Duration,
}

impl Default for FailedAuthentications {
    fn default() -> Self {
        Self { count: 30, window: Duration::from_secs(60) }
    }
}

/// How many requests an API's service is given at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// Whether the bound follows the service's latency, between `min` and `max`; else it is `max`.
    pub adaptive: bool,
    pub min: usize,
    pub max: usize,
    /// The latency that is still good, in percent of the latency without a queue.
    pub tolerance_percent: u32,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { adaptive: true, min: 10, max: 1_000, tolerance_percent: 200 }
    }
}
