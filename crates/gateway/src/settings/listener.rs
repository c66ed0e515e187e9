//! Where requests are accepted.

use std::net::SocketAddr;

use model::Secret;

#[derive(Debug, Clone)]
pub struct Listener {
    pub address: SocketAddr,
    pub tls: Option<ServerTls>,
}

#[derive(Debug, Clone)]
pub struct ServerTls {
    /// PEM, leaf first.
    pub certificates: Vec<u8>,
    /// PEM, PKCS#8, SEC1 or PKCS#1.
    pub key: Secret<Vec<u8>>,
}
