//! How the caller says who it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// The Authorization header, as far as rules see it: never the secret.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// As it was written: `Basic`.
    pub(crate) scheme: Bytes,
    /// The user of Basic credentials (RFC 7617).
    pub(crate) user: Option<Vec<u8>>,
}

impl Credentials {
    pub(crate) fn read(header: &Bytes) -> Option<Self> {
        let at = memchr::memchr(b' ', header).unwrap_or(header.len());
        let scheme = header.slice(..at);
        let rest = header.get(at..).unwrap_or_default().trim_ascii();
        let user = scheme
            .eq_ignore_ascii_case(b"basic")
            .then(|| STANDARD.decode(rest).ok())
            .flatten()
            .map(|text| text.split(|&byte| byte == b':').next().unwrap_or_default().to_vec());
        (!scheme.is_empty()).then_some(Self { scheme, user })
    }
}
