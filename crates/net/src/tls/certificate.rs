//! What a certificate says of itself: names, addresses, and from when to when (RFC 5280).

use std::net::IpAddr;

use rustls_pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{TlsError, read_certificates};

/// Days before its end from which a certificate is warned of.
pub const EXPIRES_SOON_DAYS: i64 = 21;

/// The leaf of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Subject alternative names, lower case; a wildcard as `*.example.com`. The subject's common name does not count
    /// (RFC 9525 section 2).
    pub dns_names: Vec<String>,
    pub addresses: Vec<IpAddr>,
    /// Seconds since 1970.
    pub not_before: i64,
    pub not_after: i64,
}

impl CertificateFacts {
    /// Of the first certificate in the PEM text.
    pub fn of_pem(pem: &[u8]) -> Result<Self, TlsError> {
        let chain = read_certificates(pem)?;
        Self::of(chain.first().ok_or(TlsError::NoCertificate)?)
    }

    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self, TlsError> {
        let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| TlsError::Certificate)?;
        let mut facts = Self {
            dns_names: Vec::new(),
            addresses: Vec::new(),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
        };
        let names = parsed.subject_alternative_name().map_err(|_| TlsError::Certificate)?;
        for name in names.iter().flat_map(|extension| &extension.value.general_names) {
            match name {
                GeneralName::DNSName(name) => facts.dns_names.push(name.to_ascii_lowercase()),
                GeneralName::IPAddress(bytes) => facts.addresses.extend(address(bytes)),
                _ => {}
            }
        }
        Ok(facts)
    }

    /// Whether a client that asks for `host` (a name, or an address without brackets) may take this certificate for it.
    pub fn covers(&self, host: &str) -> bool {
        if let Ok(address) = host.parse::<IpAddr>() {
            return self.addresses.contains(&address);
        }
        self.dns_names.iter().any(|pattern| fits(pattern, host))
    }

    /// Of a certificate that is not there yet.
    pub fn for_names(names: &[String]) -> Self {
        Self { dns_names: names.to_vec(), addresses: Vec::new(), not_before: 0, not_after: i64::MAX }
    }

    /// One for each DNS name, holding it alone.
    pub fn only_names(&self) -> Vec<Self> {
        self.dns_names.iter().map(|name| Self::for_names(std::slice::from_ref(name))).collect()
    }

    /// Whole days from `now` (seconds since 1970) until it expires; negative afterwards.
    pub fn days_left(&self, now: i64) -> i64 {
        self.not_after.saturating_sub(now).div_euclid(86_400)
    }

    /// Within [`EXPIRES_SOON_DAYS`], or the last quarter of a lifetime that is too short for them; or already past.
    pub fn expires_soon(&self, now: i64) -> bool {
        let quarter = self.not_after.saturating_sub(self.not_before) / 4;
        self.not_after.saturating_sub(now) < quarter.min(EXPIRES_SOON_DAYS * 86_400)
    }

    /// Names and addresses as text, in the certificate's order.
    pub fn names(&self) -> Vec<String> {
        self.dns_names.iter().cloned().chain(self.addresses.iter().map(ToString::to_string)).collect()
    }
}

/// A wildcard is the whole first label and stands for exactly one (RFC 9525 section 6.3).
fn fits(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let Some(rest) = pattern.strip_prefix("*.") else { return pattern.eq_ignore_ascii_case(host) };
    host.split_once('.').is_some_and(|(first, under)| !first.is_empty() && under.eq_ignore_ascii_case(rest))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(bytes)
        .map(IpAddr::from)
        .or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}
