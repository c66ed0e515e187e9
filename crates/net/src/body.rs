//! Bodies as they pass through: what arrives from a client, and what goes back to it. Neither is held whole.

mod pace;
mod patience;
mod request;
mod response;
mod turn;

pub(crate) use pace::Pace;
pub(crate) use patience::Patience;
pub use request::RequestBody;
pub(crate) use request::{Channel, lock};
pub use response::ResponseBody;
pub(crate) use turn::Turn;

/// Why a body ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum BodyError {
    #[error("the next piece of the body did not arrive in time")]
    TimedOut,
    #[error("the connection ended within the body")]
    Truncated,
    #[error("the framing of the body is not well-formed")]
    Malformed,
    #[error("the body is not as long as was said")]
    Length,
    #[error("there is no memory for the body")]
    NoRoom,
    /// Whoever passes the body on stopped it.
    #[error("the body was stopped")]
    Stopped,
}

impl BodyError {
    /// What a client is told when its own body ended like this.
    pub fn code(self) -> model::Code {
        match self {
            Self::TimedOut => model::Code::RequestTimeout,
            Self::NoRoom => model::Code::Overloaded,
            Self::Truncated | Self::Malformed | Self::Length | Self::Stopped => model::Code::RequestMalformed,
        }
    }
}

impl From<std::convert::Infallible> for BodyError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
