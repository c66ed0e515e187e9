//! TLS 1.2 and 1.3 by rustls with aws-lc-rs: one certificate on the listening side, roots on the asking side.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("no certificate in the PEM text")]
    NoCertificate,
    #[error("a certificate in the PEM text cannot be read")]
    Certificate,
    #[error("no usable private key in the PEM text")]
    Key,
    #[error("the certificate and the key do not fit, or are not acceptable: {0}")]
    Unfit(rustls::Error),
    #[error("no trusted root certificate is available")]
    NoRoots,
}

/// A listener's certificate chain and key.
#[derive(Clone)]
pub struct TlsServer {
    pub(crate) config: Arc<ServerConfig>,
}

impl TlsServer {
    /// `certificates`: PEM, leaf first; `key`: PEM in PKCS#8, SEC1 or PKCS#1. Offers `h2` and `http/1.1`.
    pub fn new(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = read_certificates(certificates)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Unfit)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(TlsError::Unfit)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // No early data: a replayed request is a second request.
        config.max_early_data_size = 0;
        Ok(Self { config: Arc::new(config) })
    }
}

impl std::fmt::Debug for TlsServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TlsServer")
    }
}

/// The certificate authorities that a peer's certificate may descend from.
#[derive(Debug, Clone)]
pub struct Roots {
    store: Arc<RootCertStore>,
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

    pub(crate) fn client(&self, protocol: &[u8]) -> Result<Arc<ClientConfig>, TlsError> {
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::clone(&self.store), provider())
            .build()
            .map_err(|_| TlsError::NoRoots)?;
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Unfit)?
            .with_webpki_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        Ok(Arc::new(config))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn read_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| TlsError::Certificate)?;
    if certificates.is_empty() { Err(TlsError::NoCertificate) } else { Ok(certificates) }
}
