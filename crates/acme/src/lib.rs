//! Certificates ordered from an authority and renewed in time (RFC 8555): account, validation by HTTP-01 or TLS-ALPN-01,
//! and what is kept on disk. What is asked of the network goes through the guarded fetcher of `net`.

mod authority;
mod keeper;
mod order;
mod schedule;
mod store;

pub use keeper::{Keeper, Report, Tell};
pub use store::Store;

/// What is ordered, and from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// DNS names, lower case, without wildcards.
    pub names: Vec<String>,
    /// `mailto:` URIs.
    pub contact: Vec<String>,
    /// URL of the authority's directory. Whoever orders has agreed to its terms of service.
    pub directory: String,
    /// PEM of the roots that the directory's own certificate descends from; the system's when `None`.
    pub roots: Option<Vec<u8>>,
    pub challenge: Challenge,
}

/// How the authority sees that a name is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// RFC 8555 section 8.3.
    Http01,
    /// RFC 8737.
    TlsAlpn01,
}

/// Why there is no new certificate. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the directory's URL is not well-formed")]
    Directory,
    #[error("the authority's roots cannot be used: {0}")]
    Roots(net::TlsError),
    #[error("{0}")]
    Authority(String),
    #[error("the authority offers no {1} for `{0}`")]
    NotOffered(String, &'static str),
    #[error("`{name}` could not be validated: {why}")]
    Validation { name: String, why: String },
    #[error("too many validations are pending")]
    TooMany,
    #[error("the authority took too long")]
    TimedOut,
    #[error("the authority's certificate cannot be used: {0}")]
    Unfit(net::TlsError),
    #[error("the authority's certificate is not for `{0}`")]
    OtherNames(String),
    #[error("a key or certificate of our own cannot be made")]
    Crypto,
    #[error("{what} cannot be kept in the state directory: {kind}")]
    Disk { what: &'static str, kind: std::io::ErrorKind },
}

#[cfg(test)]
mod tests;
