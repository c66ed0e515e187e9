//! How long authorization may make anybody wait, and how much it may ask of an API's service.

use std::time::Duration;

/// `authorization.limits` of one API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorizationLimits {
    /// How long a request waits for an object that another one is changing.
    pub lock_wait: Duration,
    /// How long one question of evidence may take, its further pages included.
    pub evidence_timeout: Duration,
    /// Calls of the service that one principal may cause within a minute beyond its own requests.
    pub evidence_calls_max: u32,
    /// Answers that there is no such object are given so long after the request's arrival, or twice, four times, ... as
    /// long, so that time does not tell a missing object from a foreign one.
    pub answer_grid: Duration,
}

impl Default for AuthorizationLimits {
    fn default() -> Self {
        Self {
            lock_wait: Duration::from_secs(2),
            evidence_timeout: Duration::from_secs(3),
            evidence_calls_max: 30_000,
            answer_grid: Duration::from_millis(4),
        }
    }
}
