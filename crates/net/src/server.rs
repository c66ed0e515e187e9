//! Listens, ends TLS, counts connections, and hands each to the protocol it speaks.

mod bell;
mod door;
mod gone;
mod h1;
mod h2;
mod open;
mod places;
mod proxied;
mod reading;
mod respond;
mod tally;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::stream::Stream;
use crate::upstream::Scheme;
use crate::workers::Seat;
use crate::{HeadFault, Limits, Memory, RequestBody, ResponseBody, Shutdown, Socket, TlsServer, Workers};

pub use door::{Door, Rules};
pub use open::OpenConnections;
pub use places::Places;
pub use tally::{Ended, Tally};

use places::{AddressPlace, Place};

/// Pause after an accept that failed for want of file descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where a request came in. An IPv4 address is one, also on a socket of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Whom the connection is from: the socket's address, or the one that a trusted proxy's PROXY header names.
    pub peer: SocketAddr,
    /// The other end of the socket.
    pub socket: SocketAddr,
    pub local: SocketAddr,
    pub tls: bool,
    /// A PROXY header named the peer.
    pub is_proxied: bool,
    /// The listener's number, see [`Listener::number`].
    pub listener: usize,
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
    socket: Socket,
    tls: Option<TlsServer>,
    door: Door,
    places: Places,
    number: usize,
    open: OpenConnections,
    tally: Tally,
    workers: Option<Workers>,
    memory: Memory,
}

impl Listener {
    /// Binds. Without `tls` the listener speaks cleartext: whether that is fit for the address is the caller's to say.
    pub fn bind(address: SocketAddr, tls: Option<TlsServer>, limits: Limits) -> io::Result<Self> {
        Ok(Self::on(Socket::bind(address)?, tls, limits))
    }

    /// On a socket that listens already.
    pub fn on(socket: Socket, tls: Option<TlsServer>, limits: Limits) -> Self {
        Self {
            socket,
            tls,
            door: Door::new(limits),
            places: Places::new(limits.connections_max, limits.connections_per_address_max),
            number: 0,
            open: OpenConnections::default(),
            tally: Tally::default(),
            workers: None,
            memory: Memory::default(),
        }
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// A second handle of the socket, to be passed to a successor; it listens for as long as one of them is there.
    pub fn try_clone_socket(&self) -> io::Result<Socket> {
        self.socket.try_clone()
    }

    /// What the listener speaks TLS with, also while it is being served.
    pub fn tls(&self) -> Option<TlsServer> {
        self.tls.clone()
    }

    /// Takes its places from those of other listeners, instead of having its own.
    pub fn share(&mut self, places: &Places) {
        self.places = places.clone();
    }

    /// Has its connections driven by these threads, and not by the runtime in which it is served.
    pub fn employ(&mut self, workers: &Workers) {
        self.workers = Some(workers.clone());
    }

    /// Counts the connections that it refuses or ends together with those of other listeners.
    pub fn count_with(&mut self, tally: &Tally) {
        self.tally = tally.clone();
    }

    /// Counts the heads that it holds together with what others hold.
    pub fn hold_with(&mut self, memory: &Memory) {
        self.memory = memory.clone();
    }

    /// Gives the listener a number, by which a handler tells where a connection came in.
    pub fn number(&mut self, number: usize) {
        self.number = number;
    }

    /// What the listener goes by, also while it is being served.
    pub fn door(&self) -> Door {
        self.door.clone()
    }

    /// Connections that were refused or ended, by reason.
    pub fn tally(&self) -> Tally {
        self.tally.clone()
    }

    /// Accepted and not yet closed, handshakes included; 0 before and after [`serve`].
    pub fn open_connections(&self) -> OpenConnections {
        self.open.clone()
    }
}

/// A connection, and where it is from.
type Arrival = (TcpStream, SocketAddr);

/// What the connections of a listener share, for as long as its rules are the same.
struct House<H: ?Sized> {
    handler: Arc<H>,
    limits: Limits,
    tls: Option<TlsServer>,
    shutdown: Shutdown,
    rules: Arc<Rules>,
    places: Places,
    number: usize,
    open: OpenConnections,
    tally: Tally,
    memory: Memory,
}

impl<H: ?Sized> House<H> {
    /// Whether a target of this scheme may be asked for on this connection. What `https` promises holds only where there
    /// is TLS, or a trusted proxy that ended it (RFC 9110 section 7.4).
    fn is_asked_for(&self, scheme: Option<Scheme>, connection: &Connection) -> bool {
        let agrees = |scheme| (scheme == Scheme::Https) == connection.tls;
        scheme.is_none_or(|scheme| agrees(scheme) || self.rules.trusts(connection.socket.ip()))
    }

    /// Gives whoever was accepted a place. Who finds none is a newcomer; where nobody could be accepted, it takes a moment.
    async fn receive(
        &self,
        accepted: io::Result<Arrival>,
        newcomer: &mut Option<Arrival>,
    ) -> Option<(Arrival, Place)> {
        let Ok(accepted) = accepted else {
            self.tally.add(Ended::AcceptFailed);
            // Whoever idles gives its descriptor back.
            self.places.crowd();
            tokio::time::sleep(ACCEPT_PAUSE).await;
            return None;
        };
        let Some(place) = self.places.try_take() else {
            *newcomer = Some(accepted);
            return None;
        };
        Some((accepted, place))
    }

    /// The same under other rules.
    fn under(&self, rules: Arc<Rules>) -> Self {
        Self {
            handler: Arc::clone(&self.handler),
            limits: rules.limits,
            tls: self.tls.clone(),
            shutdown: self.shutdown.clone(),
            rules,
            places: self.places.clone(),
            number: self.number,
            open: self.open.clone(),
            tally: self.tally.clone(),
            memory: self.memory.clone(),
        }
    }
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
    let Listener { socket, tls, door, places, number, open, tally, workers, memory } = listener;
    let socket = socket.into_tokio()?;
    let rules = door.rules();
    let mut house = Arc::new(House {
        handler,
        limits: rules.limits,
        tls,
        shutdown: shutdown.clone(),
        rules,
        places: places.clone(),
        number,
        open,
        tally,
        memory,
    });
    let mut connections = JoinSet::new();
    // Accepted, and waiting for a place; others wait in the kernel's backlog.
    let mut newcomer = None;
    let mut begun = std::pin::pin!(shutdown.begun());
    loop {
        let admitted = tokio::select! {
            () = &mut begun => break,
            Some(_ended) = connections.join_next(), if !connections.is_empty() => None,
            accepted = socket.accept(), if newcomer.is_none() => house.receive(accepted, &mut newcomer).await,
            place = places.take(), if newcomer.is_some() => newcomer.take().map(|accepted| (accepted, place)),
        };
        let Some(((tcp, peer), place)) = admitted else { continue };
        let rules = door.rules();
        if !Arc::ptr_eq(&rules, &house.rules) {
            house = Arc::new(house.under(rules));
        }
        if let Some(guest) = admit(&house, plain(peer), place, &tcp) {
            attend_by(workers.as_ref(), &mut connections, tcp, plain(peer), Arc::clone(&house), guest);
        }
    }
    drop(socket);
    if let Some((tcp, peer)) = newcomer {
        // No successor can take what has been accepted here: it is served as soon as there is a place.
        let place = tokio::select! {
            place = places.take() => Some(place),
            () = shutdown.idle_over() => None,
        };
        let guest = place.and_then(|place| admit(&house, plain(peer), place, &tcp));
        if let Some(guest) = guest {
            connections.spawn(attend(Accepted::Here(tcp), plain(peer), Arc::clone(&house), guest));
        }
    }
    tokio::select! {
        () = async { while connections.join_next().await.is_some() {} } => {}
        () = shutdown.drained() => connections.shutdown().await,
    }
    Ok(())
}

/// What a connection occupies while it lasts.
struct Guest {
    _place: Place,
    _of_address: Option<AddressPlace>,
    _open: open::Open,
}

/// `None`: the address has as many connections as it may. A trusted proxy has many clients and no bound of its own.
fn admit<H: ?Sized>(house: &House<H>, peer: SocketAddr, place: Place, tcp: &TcpStream) -> Option<Guest> {
    let of_address = if house.rules.trusts(peer.ip()) {
        None
    } else {
        let Some(of_address) = house.places.of_address(peer.ip()) else {
            house.tally.add(Ended::AddressFull);
            cut(tcp);
            return None;
        };
        Some(of_address)
    };
    Some(Guest { _place: place, _of_address: of_address, _open: house.open.open() })
}

/// Closing will send a reset, and keep nothing of the connection in the kernel.
fn cut(tcp: &TcpStream) {
    let _ = socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO));
}

/// Gives the connection to a worker, if there are any, with its socket registered where it will be read.
fn attend_by<H: Handler + ?Sized>(
    workers: Option<&Workers>,
    connections: &mut JoinSet<()>,
    tcp: TcpStream,
    socket: SocketAddr,
    house: Arc<House<H>>,
    guest: Guest,
) {
    let Some(workers) = workers else {
        connections.spawn(attend(Accepted::Here(tcp), socket, house, guest));
        return;
    };
    let Ok(tcp) = tcp.into_std() else { return };
    workers.spawn(connections, |seat| attend(Accepted::ForWorker(tcp, seat), socket, house, guest));
}

/// A connection on its way to where it is driven.
enum Accepted {
    Here(TcpStream),
    /// Its socket is registered by the worker.
    ForWorker(std::net::TcpStream, Seat),
}

/// One function for every kind of connection, with one place for each protocol: what is polled again and again should not
/// lie deep.
async fn attend<H: Handler + ?Sized>(
    accepted: Accepted,
    socket: SocketAddr,
    house: Arc<House<H>>,
    _guest: Guest,
) {
    let (mut tcp, _seat) = match accepted {
        Accepted::Here(tcp) => (tcp, None),
        Accepted::ForWorker(tcp, seat) => match TcpStream::from_std(tcp) {
            Ok(tcp) => (tcp, Some(seat)),
            Err(_) => return,
        },
    };
    let Ok(local) = tcp.local_addr() else { return };
    if tcp.set_nodelay(true).is_err() {
        return;
    }
    let mut connection = Connection {
        peer: socket,
        socket,
        local: plain(local),
        tls: house.tls.is_some(),
        is_proxied: false,
        listener: house.number,
    };
    let _of_source = match introduce(&mut tcp, &mut connection, &house).await {
        Ok(of_source) => of_source,
        Err(reason) => {
            house.tally.add(reason);
            cut(&tcp);
            return;
        }
    };
    let (stream, http2) = match &house.tls {
        None => (Stream::Tcp(tcp), false),
        Some(server) => {
            let handshake = Box::pin(server.accept(tcp, connection.local.ip()));
            let Ok(Some(tls)) = tokio::time::timeout(house.limits.head, handshake).await else { return };
            let http2 = tls.get_ref().1.alpn_protocol() == Some(b"h2");
            (Stream::Tls(Box::new(tls.into())), http2)
        }
    };
    let of_http2 = match http2 {
        true => Some((stream, BytesMut::new())),
        false => h1::run(stream, connection, &house).await,
    };
    if let Some((stream, received)) = of_http2 {
        Box::pin(h2::run(stream, received, connection, house)).await;
    }
}

/// Reads the PROXY header where there must be one; the address that it names has its own bound on connections.
async fn introduce<H: ?Sized>(
    tcp: &mut TcpStream,
    connection: &mut Connection,
    house: &House<H>,
) -> Result<Option<AddressPlace>, Ended> {
    if !house.rules.proxy_protocol {
        return Ok(None);
    }
    if !house.rules.trusts(connection.socket.ip()) {
        return Err(Ended::ProxyUntrusted);
    }
    let read = tokio::time::timeout(house.limits.head, proxied::read(tcp)).await;
    let Ok(Ok(source)) = read else { return Err(Ended::ProxyMalformed) };
    let Some(source) = source.map(plain) else { return Ok(None) };
    (connection.peer, connection.is_proxied) = (source, true);
    if house.rules.trusts(source.ip()) {
        return Ok(None);
    }
    house.places.of_address(source.ip()).map(Some).ok_or(Ended::AddressFull)
}

fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
