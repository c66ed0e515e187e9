//! Why a service gave no answer that may be passed on.

use model::Code;

use super::TargetFault;
use crate::BodyError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamErrorKind {
    /// No connection, or it ended before an answer.
    Unreachable,
    /// Connected, but silent.
    Timeout,
    /// The answer breaks HTTP.
    Invalid,
    /// The client's own body failed on the way.
    RequestBody(BodyError),
    /// Every endpoint has as many requests as it may have, and as many wait as may.
    Overloaded,
    /// Every endpoint is ejected.
    Unavailable,
}

/// The text is fixed: it holds nothing of the request, the answer or the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct UpstreamError {
    pub kind: UpstreamErrorKind,
    pub detail: &'static str,
}

// Cold, like everything that only failures reach: the way of a request that goes well is laid out without it.
impl UpstreamError {
    #[cold]
    pub(crate) fn unreachable(detail: &'static str) -> Self {
        Self { kind: UpstreamErrorKind::Unreachable, detail }
    }

    #[cold]
    pub(crate) fn timeout(detail: &'static str) -> Self {
        Self { kind: UpstreamErrorKind::Timeout, detail }
    }

    #[cold]
    pub(crate) fn invalid(detail: &'static str) -> Self {
        Self { kind: UpstreamErrorKind::Invalid, detail }
    }

    #[cold]
    pub(crate) fn request_body(fault: BodyError) -> Self {
        Self { kind: UpstreamErrorKind::RequestBody(fault), detail: "the request's body failed on the way" }
    }

    #[cold]
    pub(crate) fn overloaded(detail: &'static str) -> Self {
        Self { kind: UpstreamErrorKind::Overloaded, detail }
    }

    #[cold]
    pub(crate) fn unavailable(detail: &'static str) -> Self {
        Self { kind: UpstreamErrorKind::Unavailable, detail }
    }

    /// What the client is told.
    pub fn code(self) -> Code {
        match self.kind {
            UpstreamErrorKind::Unreachable => Code::UpstreamUnreachable,
            UpstreamErrorKind::Timeout => Code::UpstreamTimeout,
            UpstreamErrorKind::Invalid => Code::UpstreamInvalid,
            UpstreamErrorKind::RequestBody(fault) => fault.code(),
            UpstreamErrorKind::Overloaded => Code::UpstreamOverloaded,
            UpstreamErrorKind::Unavailable => Code::UpstreamUnavailable,
        }
    }
}

impl From<TargetFault> for UpstreamError {
    fn from(_: TargetFault) -> Self {
        Self::unreachable("the target cannot be told")
    }
}
