//! The certificate authorities that a peer's certificate may descend from.

use std::sync::Arc;

use rustls::RootCertStore;

use super::{TlsError, read_certificates};

#[derive(Debug, Clone)]
pub struct Roots {
    pub(super) store: Arc<RootCertStore>,
}

impl Roots {
    /// The system's roots. Certificates that cannot be read are left out.
    pub fn system() -> Result<Self, TlsError> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::of(store)
    }

    /// Exactly the roots in this PEM text; every one must be readable.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TlsError> {
        let mut store = RootCertStore::empty();
        for certificate in read_certificates(pem)? {
            store.add(certificate).map_err(|_| TlsError::Certificate)?;
        }
        Self::of(store)
    }

    fn of(store: RootCertStore) -> Result<Self, TlsError> {
        if store.is_empty() {
            return Err(TlsError::NoRoots);
        }
        Ok(Self { store: Arc::new(store) })
    }
}
