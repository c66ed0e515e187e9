//! What became of one credential.

use std::sync::Arc;

use http::HeaderMap;
use model::Code;

use crate::shared::Shared;
use crate::tokens::Proven;

/// For 503: how soon it is worth trying again.
pub(super) const RETRY_AFTER_S: u64 = 5;

/// One scheme's part in one request.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// No credential of this scheme was sent.
    Absent,
    Proven(Arc<Proven>),
    Problem(Problem),
    /// The outside world has to be asked first.
    Ask,
}

/// Why a credential did not verify. The detail is safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) detail: String,
}

impl Problem {
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    pub(super) fn missing() -> Self {
        Self::new(Code::CredentialMissing, "")
    }

    /// Keeps the one that says more: what could not be checked, then what was false, then what is missing.
    pub(super) fn worsen(held: &mut Option<Self>, problem: Self) {
        let rank = |problem: &Self| match problem.code {
            Code::CredentialMissing => 0,
            // With several issuers, that it is none of this scheme's says least.
            Code::TokenIssuer => 1,
            code if code.status() == 503 => 3,
            _ => 2,
        };
        if held.as_ref().is_none_or(|held| rank(held) < rank(&problem)) {
            *held = Some(problem);
        }
    }
}

impl From<token::Fault> for Problem {
    fn from(fault: token::Fault) -> Self {
        Self::new(fault.code(), fault.to_string())
    }
}

impl From<Problem> for Outcome {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// What every verifier looks at.
pub(super) struct Look<'a> {
    pub(super) shared: &'a Shared,
    pub(super) headers: &'a HeaderMap,
}

impl<'a> Look<'a> {
    pub(super) fn new(shared: &'a Shared, headers: &'a HeaderMap) -> Self {
        Self { shared, headers }
    }

    pub(super) fn now_unix_s(&self) -> u64 {
        self.shared.clock.unix_ms() / 1000
    }

    pub(super) fn now_ns(&self) -> u64 {
        self.shared.clock.monotonic_ns()
    }
}
