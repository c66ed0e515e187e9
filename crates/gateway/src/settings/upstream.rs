//! The service behind an API.

#[derive(Debug, Clone)]
pub struct Upstream {
    /// `http` or `https`.
    pub scheme: String,
    pub host: String,
    pub port: u16,
    /// Replaces `base_path` when given; without trailing slash.
    pub base_path: Option<String>,
    pub http2: bool,
    /// Under `https`: how the service is recognised, and what it is shown.
    pub tls: net::ClientTls,
}
