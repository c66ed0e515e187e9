//! The server's handshake: the client's hello is read before it is decided what answers it.

use std::net::IpAddr;

use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::TlsServer;
use super::server::Choice;

impl TlsServer {
    /// `None`: there is nothing to serve, because the handshake failed, was refused, or only validated a name. The caller
    /// bounds the time. `local`: the address that was connected to.
    pub(crate) async fn accept<IO>(&self, io: IO, local: IpAddr) -> Option<TlsStream<IO>>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let mut start = LazyConfigAcceptor::new(Acceptor::default(), io).await.ok()?;
        let choice = self.choose(&start.client_hello(), local);
        match choice {
            Choice::Serve(config) => start.into_stream(config).await.ok(),
            Choice::Validate(config) => {
                let mut validated = start.into_stream(config).await.ok()?;
                let _ = validated.shutdown().await;
                None
            }
            Choice::Refuse(alert) => {
                // A record of type alert, fatal (RFC 8446 sections 5.1 and 6).
                let _ = start.io.write_all(&[21, 3, 3, 0, 2, 2, alert]).await;
                let _ = start.io.shutdown().await;
                None
            }
        }
    }
}
