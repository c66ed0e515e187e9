//! TLS 1.2 and 1.3 by rustls with aws-lc-rs, hybrid post-quantum key exchange first: certificates by name on the
//! listening side; roots, pins and a client certificate on the asking side.

mod accept;
mod certificate;
mod challenges;
mod client;
mod pins;
mod roots;
mod server;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

pub use certificate::{CertificateFacts, EXPIRES_SOON_DAYS};
pub use challenges::{Challenges, Pending};
pub(crate) use client::Securing;
pub use client::{ClientIdentity, ClientTls};
pub use roots::Roots;
pub use server::{Prepared, ServerCertificate, ServerTerms, TlsServer, TlsVersion};

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
    #[error("the server name is not one that a certificate can hold")]
    ServerName,
}

/// What both sides are built with. Feature `prefer-post-quantum` puts X25519MLKEM768 first
/// (draft-ietf-tls-ecdhe-mlkem); a test holds it there.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn read_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| TlsError::Certificate)?;
    if certificates.is_empty() { Err(TlsError::NoCertificate) } else { Ok(certificates) }
}

fn read_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| TlsError::Key)
}

#[cfg(test)]
mod tests;
