//! Opens connections: name, TCP, TLS, within one deadline.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Scheme, UpstreamError};
use crate::stream::Stream;
use crate::tls::Securing;

#[derive(Debug)]
pub(crate) struct Dialer {
    host: String,
    port: u16,
    /// Instead of what the host's name leads to.
    address: Option<SocketAddr>,
    /// For `Host` and `:authority` where a request has none.
    pub authority: String,
    pub scheme: Scheme,
    tls: Option<Securing>,
    patience: Duration,
}

impl Dialer {
    pub(crate) fn new(
        scheme: Scheme,
        host: &str,
        port: u16,
        tls: Option<Securing>,
        patience: Duration,
    ) -> Self {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let authority = match (scheme, port) {
            (Scheme::Http, 80) | (Scheme::Https, 443) => name,
            _ => format!("{name}:{port}"),
        };
        Self { host, port, address: None, authority, scheme, tls, patience }
    }

    /// Connects to this address only; the host's name is still what is told and what a certificate must hold.
    pub(super) fn at(mut self, address: Option<SocketAddr>) -> Self {
        self.address = address;
        self
    }

    pub(crate) async fn dial(&self) -> Result<(Stream, SocketAddr), UpstreamError> {
        tokio::time::timeout(self.patience, self.dial_patiently())
            .await
            .unwrap_or(Err(UpstreamError::timeout("connecting took too long")))
    }

    async fn dial_patiently(&self) -> Result<(Stream, SocketAddr), UpstreamError> {
        if let Some(address) = self.address {
            return self.dial_one_of(&[address]).await;
        }
        let addresses = resolve(&self.host, self.port).await?;
        self.dial_one_of(&addresses).await
    }

    /// Connects to the first of `addresses` that answers.
    pub(crate) async fn dial_one_of(
        &self,
        addresses: &[SocketAddr],
    ) -> Result<(Stream, SocketAddr), UpstreamError> {
        for address in addresses {
            let Ok(tcp) = TcpStream::connect(address).await else { continue };
            tcp.set_nodelay(true).map_err(|_| UpstreamError::unreachable("the connection was lost"))?;
            return Ok((self.secure(tcp).await?, *address));
        }
        Err(UpstreamError::unreachable("no address of the service accepts a connection"))
    }

    async fn secure(&self, tcp: TcpStream) -> Result<Stream, UpstreamError> {
        let Some(Securing { config, name }) = &self.tls else { return Ok(Stream::Tcp(tcp)) };
        let name = match name {
            Some(name) => name.clone(),
            None => ServerName::try_from(self.host.clone()).map_err(|_| {
                UpstreamError::unreachable("the host is not a name that a certificate can hold")
            })?,
        };
        let tls = TlsConnector::from(Arc::clone(config))
            .connect(name, tcp)
            .await
            .map_err(|error| UpstreamError::unreachable(handshake_fault(&error)))?;
        let wanted = config.alpn_protocols.first().map(Vec::as_slice);
        let agreed = tls.get_ref().1.alpn_protocol();
        if wanted == Some(b"h2") && agreed != wanted {
            return Err(UpstreamError::unreachable("the service does not speak HTTP/2"));
        }
        Ok(Stream::Tls(Box::new(tls.into())))
    }
}

/// The class of a handshake's failure, for records; the certificate's own words are not repeated.
fn handshake_fault(error: &std::io::Error) -> &'static str {
    use rustls::{CertificateError, Error};
    let certificate = match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(fault)) => fault,
        Some(Error::AlertReceived(_)) => return "the service refused the TLS handshake",
        Some(_) => return "the TLS handshake failed: the service does not follow the protocol",
        None => return "the TLS handshake failed: the connection was lost",
    };
    match certificate {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the TLS handshake failed: the service's certificate has expired"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the TLS handshake failed: the service's certificate is for another name"
        }
        CertificateError::UnknownIssuer => {
            "the TLS handshake failed: the service's certificate comes from no trusted issuer"
        }
        CertificateError::ApplicationVerificationFailure => {
            "the TLS handshake failed: the service's certificate holds none of the pinned keys"
        }
        CertificateError::Revoked => "the TLS handshake failed: the service's certificate is revoked",
        _ => "the TLS handshake failed: the service's certificate is not acceptable",
    }
}

pub(crate) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, UpstreamError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let found = tokio::net::lookup_host((host, port))
        .await
        .map_err(|_| UpstreamError::unreachable("the host's name has no address"))?;
    Ok(found.collect())
}
