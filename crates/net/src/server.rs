//! Listens, ends TLS, counts connections, and hands each to the protocol it speaks.

mod h1;
mod h2;
mod open;
mod reading;
mod respond;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::stream::Stream;
use crate::{HeadFault, Limits, RequestBody, ResponseBody, Shutdown, TlsServer};

pub use open::OpenConnections;

/// Connections that the kernel keeps until they are accepted.
const BACKLOG: i32 = 1024;
/// Pause after an accept that failed for want of file descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where a request came in. An IPv4 address is one, also on a socket of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    pub peer: SocketAddr,
    pub local: SocketAddr,
    pub tls: bool,
}

/// What [`Handler::handle`] returns. Dropped when the connection is cut.
pub type Handling = Pin<Box<dyn Future<Output = Response<ResponseBody>> + Send>>;

/// Answers requests.
///
/// The request's URI is in origin form or `*`; `Host` is there exactly once and well-formed, for HTTP/2 too. Header
/// fields are as received, hop-by-hop ones included. The response's framing is made by this room: `Content-Length`,
/// `Transfer-Encoding` and hop-by-hop fields in it are not copied (`Content-Length` counts for HEAD and 304 alone).
pub trait Handler: Send + Sync + 'static {
    fn handle(self: Arc<Self>, connection: &Connection, request: Request<RequestBody>) -> Handling;

    /// Answers a head that was refused; for HTTP/1 the connection is closed afterwards.
    fn refuse_head(&self, connection: &Connection, fault: HeadFault) -> Response<Bytes>;
}

/// A bound socket that accepts nothing before [`serve`].
#[derive(Debug)]
pub struct Listener {
    socket: StdListener,
    tls: Option<TlsServer>,
    limits: Limits,
    open: OpenConnections,
}

impl Listener {
    /// Binds. Without `tls` the listener speaks cleartext: whether that is fit for the address is the caller's to say.
    pub fn bind(address: SocketAddr, tls: Option<TlsServer>, limits: Limits) -> io::Result<Self> {
        let socket = socket2::Socket::new(
            socket2::Domain::for_address(address),
            socket2::Type::STREAM,
            Some(socket2::Protocol::TCP),
        )?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(Self { socket: socket.into(), tls, limits, open: OpenConnections::default() })
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Accepted and not yet closed, handshakes included; 0 before and after [`serve`].
    pub fn open_connections(&self) -> OpenConnections {
        self.open.clone()
    }
}

/// What the connections of a listener share.
struct House<H: ?Sized> {
    handler: Arc<H>,
    limits: Limits,
    tls: Option<TlsAcceptor>,
    shutdown: Shutdown,
    /// Rung when there is no room for another connection: one that idles gives its place up.
    crowded: Notify,
}

/// Accepts until the shutdown begins; then closes the listener and idle connections, lets what is in flight finish
/// (`Connection: close`, GOAWAY), and cuts what is left when the drain is over.
///
/// Errors: only when the socket cannot be given to the runtime.
pub async fn serve<H: Handler + ?Sized>(
    listener: Listener,
    handler: Arc<H>,
    shutdown: Shutdown,
) -> io::Result<()> {
    let socket = TcpListener::from_std(listener.socket)?;
    let house = Arc::new(House {
        handler,
        limits: listener.limits,
        tls: listener.tls.map(|tls| TlsAcceptor::from(tls.config)),
        shutdown: shutdown.clone(),
        crowded: Notify::new(),
    });
    let open = listener.open;
    let places = Arc::new(Semaphore::new(house.limits.connections_max.clamp(1, Semaphore::MAX_PERMITS)));
    let mut connections = JoinSet::new();
    let mut begun = std::pin::pin!(shutdown.begun());
    loop {
        tokio::select! {
            () = &mut begun => break,
            Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
            accepted = accept(&socket, &places, &house.crowded) => match accepted {
                Ok((tcp, peer, place)) => {
                    connections.spawn(attend(tcp, peer, Arc::clone(&house), (place, open.open())));
                }
                Err(()) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    drop(socket);
    tokio::select! {
        () = async { while connections.join_next().await.is_some() {} } => {}
        () = shutdown.drained() => connections.shutdown().await,
    }
    Ok(())
}

async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
    crowded: &Notify,
) -> Result<(TcpStream, SocketAddr, OwnedSemaphorePermit), ()> {
    let place = match Arc::clone(places).try_acquire_owned() {
        Ok(place) => place,
        Err(_) => {
            // The newcomer stays in the backlog until a place is free.
            crowded.notify_one();
            Arc::clone(places).acquire_owned().await.map_err(|_| ())?
        }
    };
    let (tcp, peer) = socket.accept().await.map_err(|_| ())?;
    Ok((tcp, peer, place))
}

async fn attend<H: Handler + ?Sized>(
    tcp: TcpStream,
    peer: SocketAddr,
    house: Arc<House<H>>,
    _place: (OwnedSemaphorePermit, open::Open),
) {
    let Ok(local) = tcp.local_addr() else { return };
    if tcp.set_nodelay(true).is_err() {
        return;
    }
    let connection = Connection { peer: plain(peer), local: plain(local), tls: house.tls.is_some() };
    let Some(acceptor) = &house.tls else {
        if let Some((stream, received)) = h1::run(Stream::Tcp(tcp), connection, &house).await {
            h2::run(stream, received, connection, house).await;
        }
        return;
    };
    let Ok(Ok(tls)) = tokio::time::timeout(house.limits.head, acceptor.accept(tcp)).await else { return };
    let http2 = tls.get_ref().1.alpn_protocol() == Some(b"h2");
    let stream = Stream::Tls(Box::new(tls.into()));
    if http2 {
        h2::run(stream, BytesMut::new(), connection, house).await;
    } else {
        h1::run(stream, connection, &house).await;
    }
}

fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
