//! A listening TCP socket by itself: bound here, or taken over from the process before.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Connections that the kernel keeps until they are accepted.
const BACKLOG: i32 = 1024;

/// What the kernel takes of an answer beyond what it may send now, for each connection. Without a bound it takes
/// megabytes for a client that reads nothing, and a few hundred such clients fill the memory that it has for all of TCP.
/// What is on its way is not counted: a fast client far away has its window.
const UNSENT_BYTES_MAX: u32 = 128 << 10;

/// Listens from the moment it exists: connections that come before somebody accepts wait in the kernel's backlog.
#[derive(Debug)]
pub struct Socket(TcpListener);

impl Socket {
    /// Errors: the address is taken, not ours, or needs a privilege.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = socket2::Socket::new(
            socket2::Domain::for_address(address),
            socket2::Type::STREAM,
            Some(socket2::Protocol::TCP),
        )?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        hold_little(&socket);
        socket.listen(BACKLOG)?;
        Ok(Self(socket.into()))
    }

    /// Takes a descriptor from outside. Errors: `InvalidInput` when it is no listening TCP socket.
    pub fn inherited(descriptor: OwnedFd) -> io::Result<Self> {
        let socket = socket2::Socket::from(descriptor);
        let is_tcp = socket.r#type()? == socket2::Type::STREAM
            && socket.local_addr()?.as_socket().is_some()
            && socket.is_listener()?;
        if !is_tcp {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        socket.set_nonblocking(true)?;
        hold_little(&socket);
        Ok(Self(socket.into()))
    }

    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// A second handle of the same socket and backlog, which listens until both are dropped.
    pub fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    pub(crate) fn into_tokio(self) -> io::Result<tokio::net::TcpListener> {
        tokio::net::TcpListener::from_std(self.0)
    }
}

/// Accepted connections inherit it. A kernel without it serves all the same.
fn hold_little(socket: &socket2::Socket) {
    let _ = socket.set_tcp_notsent_lowat(UNSENT_BYTES_MAX);
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
