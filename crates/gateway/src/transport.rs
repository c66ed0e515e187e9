//! What a listener does around requests because of TLS: validations answered, cleartext turned away, HSTS.

#[cfg(test)]
mod tests;

use http::header::STRICT_TRANSPORT_SECURITY;
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::certificates::Certificates;
use crate::settings::{Cleartext, Listener};
use crate::snapshot::Snapshot;

/// RFC 8555 section 8.3.
const VALIDATIONS: &str = "/.well-known/acme-challenge/";

/// What one listener is told, ready for use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manners {
    cleartext: Cleartext,
    hsts: Option<HeaderValue>,
}

impl Manners {
    pub(crate) fn of(listener: &Listener) -> Self {
        let hsts = listener.tls.as_ref().and_then(|tls| tls.hsts);
        Self {
            cleartext: if listener.tls.is_some() { Cleartext::Serve } else { listener.cleartext },
            hsts: hsts.and_then(|hsts| HeaderValue::try_from(hsts.value()).ok()),
        }
    }

    /// Puts `Strict-Transport-Security` on an answer. Cleartext must not have it (RFC 6797 section 7.2); a service's own
    /// gives way to the listener's.
    pub(crate) fn mark(&self, tls: bool, headers: &mut HeaderMap) {
        if tls && let Some(value) = &self.hsts {
            headers.insert(STRICT_TRANSPORT_SECURITY, value.clone());
        }
    }

    /// Whether [`Self::mark`] does anything.
    pub(crate) fn marks(&self, tls: bool) -> bool {
        tls && self.hsts.is_some()
    }

    /// Whether a request may have to be answered otherwise than by its operation: most have not, and are spared the look.
    pub(crate) fn may_turn_away(&self, tls: bool, uri: &Uri) -> bool {
        !tls && (self.cleartext != Cleartext::Serve || uri.path().starts_with(VALIDATIONS))
    }

    /// What becomes of a request instead of being served.
    pub(crate) fn instead(&self, host: &str, uri: &Uri, ours: &Ours<'_>) -> Option<Instead> {
        match self.cleartext {
            Cleartext::Serve => None,
            Cleartext::Refuse => Some(Instead::Refuse),
            Cleartext::Redirect { port } => Some(redirect(host, port, uri, ours)),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    /// TLS is required.
    Refuse,
    /// The host is none of ours: nobody is sent there by us.
    UnknownHost,
    /// To this place.
    Redirect(HeaderValue),
}

/// The token of a validation by HTTP-01.
pub(crate) fn validation(method: &Method, uri: &Uri) -> Option<String> {
    let token = uri.path().strip_prefix(VALIDATIONS)?;
    // The alphabet of base64url, as section 8.3 asks for.
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = (1..=256).contains(&token.len()) && token.bytes().all(is_token);
    (fits && (method == Method::GET || method == Method::HEAD)).then(|| token.to_owned())
}

/// To the same path, at a host that is configured: of an API, or where an API answers to every name, of a certificate.
fn redirect(host: &str, port: u16, uri: &Uri, ours: &Ours<'_>) -> Instead {
    let name = crate::route::without_port(host).to_ascii_lowercase();
    if !ours.holds(&name) {
        return Instead::UnknownHost;
    }
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    // `*` of OPTIONS names no path.
    let target = if target.starts_with('/') { target } else { "/" };
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    HeaderValue::try_from(format!("https://{name}{port}{target}"))
        .map_or(Instead::UnknownHost, Instead::Redirect)
}

/// The hosts that are ours.
pub(crate) struct Ours<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) certificates: &'a Certificates,
}

impl Ours<'_> {
    /// `name`: lower case, without port. An API that answers to every name knows none of its own: then the names of the
    /// certificates count.
    fn holds(&self, name: &str) -> bool {
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        self.snapshot.is_host(name)
            || (self.snapshot.has_api_of_every_host() && self.certificates.covers(bare))
    }
}
