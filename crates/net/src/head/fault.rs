//! Why a head was refused before any operation was looked for.

use model::Code;

/// The text is a lower-case fragment without any value of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum HeadFault {
    #[error("the head is not well-formed")]
    Syntax,
    #[error("the request target is not well-formed")]
    Target,
    #[error("the HTTP version is not supported")]
    Version,
    #[error("the Host header is missing")]
    HostMissing,
    #[error("the Host header was sent more than once")]
    HostRepeated,
    #[error("the Host header is not well-formed")]
    HostInvalid,
    #[error("the target's authority and the Host header disagree")]
    HostMismatch,
    #[error("the target's scheme is not that of the connection")]
    SchemeMismatch,
    #[error("the Transfer-Encoding is not exactly one chunked")]
    TransferEncoding,
    #[error("both Transfer-Encoding and Content-Length were sent")]
    LengthWithTransferEncoding,
    #[error("the Content-Length was sent more than once")]
    LengthRepeated,
    #[error("the Content-Length is not a number")]
    LengthInvalid,
    #[error("the Connection header names a field that is not its to name")]
    ConnectionNames,
    #[error("the expectation is not known")]
    Expectation,
    #[error("the request target is too long")]
    TargetTooLong,
    #[error("the head is too large")]
    HeadTooLarge,
    #[error("the head has too many fields")]
    HeadersTooMany,
    #[error("the head did not arrive in time")]
    Timeout,
    #[error("the connection ended within the head")]
    Truncated,
    /// Of HTTP/2, where data may come that belies the length for as long as the stream is open.
    #[error("a request of length 0 did not end in time")]
    Unended,
    #[error("there is no room for the rest of the head")]
    NoRoom,
    #[error("CONNECT is not supported")]
    Connect,
    #[error("an upgrade to another protocol is not supported")]
    Upgrade,
}

impl HeadFault {
    /// The stable code, which has the status.
    pub fn code(self) -> Code {
        match self {
            Self::HostMissing | Self::HostRepeated | Self::HostInvalid | Self::HostMismatch => {
                Code::HostInvalid
            }
            Self::Version => Code::VersionUnsupported,
            Self::TargetTooLong => Code::TargetTooLong,
            Self::HeadTooLarge | Self::HeadersTooMany => Code::HeadTooLarge,
            Self::Timeout | Self::Unended => Code::RequestTimeout,
            Self::NoRoom => Code::Overloaded,
            Self::Connect | Self::Upgrade => Code::UpgradeRefused,
            Self::Syntax
            | Self::Target
            | Self::SchemeMismatch
            | Self::TransferEncoding
            | Self::LengthWithTransferEncoding
            | Self::LengthRepeated
            | Self::LengthInvalid
            | Self::ConnectionNames
            | Self::Expectation
            | Self::Truncated => Code::RequestMalformed,
        }
    }
}
