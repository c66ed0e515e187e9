//! What a listener shows under TLS, and what it does without.

use std::time::Duration;

use net::tls::{ServerCertificate, TlsVersion};

#[derive(Debug, Clone)]
pub struct ServerTls {
    /// The first is for clients that name no host. Empty only beside `acme`.
    pub certificates: Vec<ServerCertificate>,
    pub min_version: TlsVersion,
    pub hsts: Option<Hsts>,
    pub acme: Option<Acme>,
}

/// `Strict-Transport-Security` (RFC 6797).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hsts {
    pub max_age: Duration,
    pub include_subdomains: bool,
    /// Asks browsers' makers to know it before the first visit.
    pub preload: bool,
}

impl Hsts {
    /// The field's value.
    pub fn value(&self) -> String {
        let mut text = format!("max-age={}", self.max_age.as_secs());
        for (flag, word) in [(self.include_subdomains, "; includeSubDomains"), (self.preload, "; preload")] {
            if flag {
                text.push_str(word);
            }
        }
        text
    }
}

/// A certificate that is ordered and renewed by itself (RFC 8555).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// Lower case, without wildcards.
    pub names: Vec<String>,
    /// `mailto:` URIs that the authority may write to.
    pub contact: Vec<String>,
    /// URL of the authority's directory.
    pub directory: String,
    /// PEM of the roots that the directory's own certificate descends from; the system's when `None`.
    pub roots: Option<Vec<u8>>,
    pub challenge: AcmeChallenge,
}

/// How the authority sees that a name is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcmeChallenge {
    /// A handshake with the listener itself (RFC 8737).
    TlsAlpn01,
    /// A request to a cleartext listener (RFC 8555 section 8.3).
    Http01,
}

impl AcmeChallenge {
    /// As it is written in the gateway file.
    pub fn word(self) -> &'static str {
        match self {
            Self::TlsAlpn01 => "tls-alpn-01",
            Self::Http01 => "http-01",
        }
    }
}

/// What a listener without TLS does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cleartext {
    #[default]
    Serve,
    /// 308 to the same path under `https` at this port, for hosts that are served.
    Redirect { port: u16 },
    /// 403: TLS is required.
    Refuse,
}
