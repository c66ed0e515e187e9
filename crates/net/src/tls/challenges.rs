//! Answers to validations of ACME servers that are pending now, and to no others: HTTP-01 (RFC 8555 section 8.3) and
//! TLS-ALPN-01 (RFC 8737).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ServerConfig;
use rustls::sign::CertifiedKey;

use super::server::{self, TlsVersion};
use super::{TlsError, provider, read_certificates, read_key};

/// RFC 8737 section 3.
pub(super) const ACME_TLS: &[u8] = b"acme-tls/1";
/// Pending at a time, of each kind; an order of a certificate has at most one a name.
const PENDING_MAX: usize = 256;

/// Clones share what is pending.
#[derive(Clone, Default)]
pub struct Challenges(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Key authorizations by token.
    http: HashMap<String, String>,
    /// By name, lower case.
    tls: HashMap<String, Arc<ServerConfig>>,
}

/// Withdraws its answer when it is dropped.
#[must_use]
pub struct Pending {
    of: Challenges,
    key: Key,
}

enum Key {
    Http(String),
    Tls(String),
}

impl Challenges {
    /// Answers `/.well-known/acme-challenge/TOKEN` until the result is dropped; `None` when too many are pending.
    pub fn expect_http(&self, token: &str, key_authorization: &str) -> Option<Pending> {
        let mut state = self.lock();
        if state.http.len() >= PENDING_MAX {
            return None;
        }
        state.http.insert(token.to_owned(), key_authorization.to_owned());
        Some(Pending { of: self.clone(), key: Key::Http(token.to_owned()) })
    }

    /// Shows this certificate to handshakes for `name` by `acme-tls/1` until the result is dropped; both PEM.
    pub fn expect_tls(
        &self,
        name: &str,
        certificate: &[u8],
        key: &[u8],
    ) -> Result<Option<Pending>, TlsError> {
        let key = provider().key_provider.load_private_key(read_key(key)?).map_err(TlsError::Unfit)?;
        // Not held against each other here: the extension is critical and unknown to the parser that would.
        let key = Arc::new(CertifiedKey::new(read_certificates(certificate)?, key));
        let mut config = server::config(key, TlsVersion::V1_2)?;
        config.alpn_protocols = vec![ACME_TLS.to_vec()];
        config.send_tls13_tickets = 0;
        let name = name.to_ascii_lowercase();
        let mut state = self.lock();
        if state.tls.len() >= PENDING_MAX {
            return Ok(None);
        }
        state.tls.insert(name.clone(), Arc::new(config));
        Ok(Some(Pending { of: self.clone(), key: Key::Tls(name) }))
    }

    /// The key authorization that a token stands for.
    pub fn http(&self, token: &str) -> Option<String> {
        self.lock().http.get(token).cloned()
    }

    pub(super) fn tls(&self, name: &str) -> Option<Arc<ServerConfig>> {
        self.lock().tls.get(&name.to_ascii_lowercase()).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let mut state = self.of.lock();
        match &self.key {
            Key::Http(token) => drop(state.http.remove(token)),
            Key::Tls(name) => drop(state.tls.remove(name)),
        }
    }
}

impl std::fmt::Debug for Challenges {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.lock();
        write!(formatter, "Challenges({} by HTTP, {} by TLS)", state.http.len(), state.tls.len())
    }
}
