//! The asking side: whom it trusts, which name it asks for, and what it shows of itself.

use std::sync::Arc;

use model::Secret;
use rustls::client::WebPkiServerVerifier;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;

use super::pins::Pinned;
use super::{Roots, TlsError, provider, read_certificates, read_key};

/// How a service is recognised. The default trusts the system's roots and asks for the host that is connected to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientTls {
    /// PEM of the roots to trust; the system's when `None`.
    pub roots: Option<Vec<u8>>,
    /// Sent as SNI and looked for in the certificate, instead of the host that is connected to.
    pub server_name: Option<String>,
    /// SHA-256 of the SubjectPublicKeyInfo (as in RFC 7469 section 2.4, without its base64) of which the service's own
    /// certificate must hold one. In addition to the verification by roots and name, never instead. Empty: any.
    pub pins: Vec<[u8; 32]>,
    /// Shown when the service asks for a certificate.
    pub identity: Option<ClientIdentity>,
}

/// A client's certificate chain and key, both PEM.
#[derive(Debug, Clone)]
pub struct ClientIdentity {
    /// Leaf first.
    pub certificates: Vec<u8>,
    /// PKCS#8, SEC1 or PKCS#1.
    pub key: Secret<Vec<u8>>,
}

impl PartialEq for ClientIdentity {
    fn eq(&self, other: &Self) -> bool {
        self.certificates == other.certificates && self.key.expose() == other.key.expose()
    }
}

/// What a dialer needs to secure a connection.
#[derive(Debug, Clone)]
pub(crate) struct Securing {
    pub(crate) config: Arc<ClientConfig>,
    /// Instead of the host.
    pub(crate) name: Option<ServerName<'static>>,
}

impl ClientTls {
    /// Whether everything can be read and fits together; nothing is opened.
    pub fn examine(&self) -> Result<(), TlsError> {
        self.securing(b"http/1.1").map(|_| ())
    }

    /// `protocol`: the one that is offered by ALPN.
    pub(crate) fn securing(&self, protocol: &[u8]) -> Result<Securing, TlsError> {
        let roots = match &self.roots {
            Some(pem) => Roots::from_pem(pem)?,
            None => Roots::system()?,
        };
        let name = match &self.server_name {
            Some(name) => Some(ServerName::try_from(name.clone()).map_err(|_| TlsError::ServerName)?),
            None => None,
        };
        Ok(Securing { config: self.config(&roots.store, protocol)?, name })
    }

    fn config(&self, roots: &Arc<RootCertStore>, protocol: &[u8]) -> Result<Arc<ClientConfig>, TlsError> {
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), provider())
            .build()
            .map_err(|_| TlsError::NoRoots)?;
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Unfit)?;
        let builder = if self.pins.is_empty() {
            builder.with_webpki_verifier(verifier)
        } else {
            // "Dangerous" is any verifier of one's own; this one asks rustls's first.
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Pinned::new(verifier, &self.pins)))
        };
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let chain = read_certificates(&identity.certificates)?;
                let key = read_key(identity.key.expose())?;
                builder.with_client_auth_cert(chain, key).map_err(TlsError::Unfit)?
            }
        };
        config.alpn_protocols = vec![protocol.to_vec()];
        Ok(Arc::new(config))
    }
}

impl Roots {
    /// For fetches: these roots, the host's own name, no certificate of ours.
    pub(crate) fn client(&self, protocol: &[u8]) -> Result<Arc<ClientConfig>, TlsError> {
        ClientTls::default().config(&self.store, protocol)
    }
}
