//! Why something could not be fetched.

use net::fetch::FetchError;
use net::upstream::UpstreamErrorKind;
use serde::Serialize;

/// What to look at when it happens; the word in metrics and `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FetchFaultKind {
    /// We do not go there: the address guard, cleartext, or no URL at all.
    Forbidden,
    Unreachable,
    TimedOut,
    /// An answer with another status than 200.
    Status,
    /// An answer that is too large, breaks HTTP or does not say what was asked.
    Unusable,
}

/// The text is for the operator: it names places of the configuration, never what was sent or received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FetchFault {
    pub kind: FetchFaultKind,
    text: String,
}

impl FetchFaultKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Status => "status",
            Self::Unusable => "unusable",
        }
    }
}

impl FetchFault {
    pub(crate) fn forbidden(text: impl Into<String>) -> Self {
        Self { kind: FetchFaultKind::Forbidden, text: text.into() }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self { kind: FetchFaultKind::Status, text: format!("answered with status {status}") }
    }

    pub(crate) fn unusable(text: impl Into<String>) -> Self {
        Self { kind: FetchFaultKind::Unusable, text: text.into() }
    }

    pub(crate) fn timed_out() -> Self {
        FetchError::TimedOut.into()
    }

    /// The same fault, with where it happened before its text.
    pub(crate) fn at(self, place: &str) -> Self {
        Self { kind: self.kind, text: format!("{place}: {}", self.text) }
    }

    /// Two places failed. That one of them answered without the document says less than how the other failed.
    pub(crate) fn and(self, later: Self) -> Self {
        let kind = if self.kind == FetchFaultKind::Status { later.kind } else { self.kind };
        Self { kind, text: format!("{}; {}", self.text, later.text) }
    }
}

impl From<FetchError> for FetchFault {
    fn from(error: FetchError) -> Self {
        let kind = match &error {
            FetchError::Url | FetchError::AddressRefused | FetchError::Cleartext => FetchFaultKind::Forbidden,
            FetchError::TimedOut => FetchFaultKind::TimedOut,
            FetchError::TooLarge => FetchFaultKind::Unusable,
            FetchError::Failed(error) => match error.kind {
                UpstreamErrorKind::Unreachable
                | UpstreamErrorKind::Overloaded
                | UpstreamErrorKind::Unavailable => FetchFaultKind::Unreachable,
                UpstreamErrorKind::Timeout => FetchFaultKind::TimedOut,
                UpstreamErrorKind::Invalid | UpstreamErrorKind::RequestBody(_) => FetchFaultKind::Unusable,
            },
        };
        Self { kind, text: error.to_string() }
    }
}
