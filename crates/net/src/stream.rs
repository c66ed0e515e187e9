//! A byte stream: TCP, or TLS over it.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// Bytes asked of the socket at a time.
const READ_BYTES: usize = 8 << 10;
const BULK_BYTES: usize = 64 << 10;

pub(crate) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(crate) fn tcp(&self) -> &TcpStream {
        match self {
            Self::Tcp(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0,
        }
    }

    /// Closing will send a reset: the peer learns that what it has is not whole.
    pub(crate) fn reset_on_close(&self) {
        let _ = socket2::SockRef::from(self.tcp()).set_linger(Some(std::time::Duration::ZERO));
    }

    /// Whether the peer has sent something that was not read yet, also when the runtime has not heard of it.
    pub(crate) fn has_unread(&self) -> bool {
        let mut byte = [std::mem::MaybeUninit::uninit()];
        socket2::SockRef::from(self.tcp()).peek(&mut byte).is_ok_and(|seen| seen > 0)
    }

    /// Whether the peer has neither sent anything nor closed, as far as the runtime has heard. What is read to know it is
    /// lost.
    pub(crate) fn is_quiet(&mut self) -> bool {
        match self {
            // Asks nobody to wake anybody.
            Self::Tcp(tcp) => {
                tcp.try_read(&mut [0]).is_err_and(|fault| fault.kind() == io::ErrorKind::WouldBlock)
            }
            // A record may be nothing but a new ticket.
            Self::Tls(tls) => {
                let mut byte = [0];
                let mut read = ReadBuf::new(&mut byte);
                let look = poll_fn(|context| Pin::new(tls.as_mut()).poll_read(context, &mut read));
                // A task that has used up its turn would be told that nothing is there.
                let look = pin!(tokio::task::unconstrained(look));
                look.poll(&mut Context::from_waker(Waker::noop())).is_pending()
            }
        }
    }

    /// Appends what the peer sent; 0 means that it will send no more.
    pub(crate) fn poll_fill(
        &mut self,
        context: &mut Context<'_>,
        into: &mut BytesMut,
    ) -> Poll<io::Result<usize>> {
        if into.capacity() - into.len() < READ_BYTES / 4 {
            into.reserve(READ_BYTES);
        }
        let spare = into.capacity() - into.len();
        let read = std::task::ready!(std::pin::pin!(self.read_buf(into)).poll(context))?;
        if read == spare && into.len() < BULK_BYTES {
            // More is there than was asked for: bulk, for which larger pieces cost fewer system calls. The bound
            // keeps a buffer that is emptied in place from doubling with each piece.
            into.reserve(BULK_BYTES);
        }
        Poll::Ready(Ok(read))
    }

    /// Makes room for `wanted` bytes in all, with some to spare: a read that does not fill its buffer has taken all that
    /// there was, and spares the next one.
    pub(crate) fn make_room(buffer: &mut BytesMut, wanted: usize) {
        if buffer.capacity() <= wanted {
            buffer.reserve(wanted - buffer.len() + READ_BYTES / 4);
        }
    }

    /// Gives back what a bulk transfer left behind; called between messages, when nothing is buffered.
    pub(crate) fn shrink(buffer: &mut BytesMut) {
        // Of an allocation whose front was passed on the buffer shows the rest alone, until it is claimed whole.
        let is_large = |buffer: &mut BytesMut| {
            buffer.capacity() > 2 * READ_BYTES || buffer.try_reclaim(2 * READ_BYTES + 1)
        };
        if buffer.is_empty() && is_large(buffer) {
            *buffer = BytesMut::new();
        }
    }

    /// Writes `front`, then `data`, then `tail`, as far as it goes; `Ready` when all is out and flushed.
    pub(crate) fn poll_send(&mut self, context: &mut Context<'_>, out: &mut Outbox) -> Poll<io::Result<()>> {
        while !out.is_empty() {
            let written = if out.data.is_empty() && out.tail.is_empty() {
                // One piece needs no vector, which the kernel would have to copy in and walk.
                std::task::ready!(Pin::new(&mut *self).poll_write(context, &out.front))?
            } else {
                let slices = [IoSlice::new(&out.front), IoSlice::new(&out.data), IoSlice::new(out.tail)];
                std::task::ready!(Pin::new(&mut *self).poll_write_vectored(context, &slices))?
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            out.advance(written);
        }
        Pin::new(self).poll_flush(context)
    }
}

/// What waits to be written, in this order. One system call takes all three.
#[derive(Default)]
pub(crate) struct Outbox {
    pub front: BytesMut,
    pub data: Bytes,
    pub tail: &'static [u8],
}

impl Outbox {
    pub(crate) fn is_empty(&self) -> bool {
        self.front.is_empty() && self.data.is_empty() && self.tail.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.front.len() + self.data.len() + self.tail.len()
    }

    pub(crate) fn advance(&mut self, written: usize) {
        let front = written.min(self.front.len());
        let data = (written - front).min(self.data.len());
        let tail = written - front - data;
        if front == self.front.len() {
            self.front.clear();
        } else {
            let _ = self.front.split_to(front);
        }
        let _ = self.data.split_to(data);
        self.tail = self.tail.get(tail..).unwrap_or_default();
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_read(context, into),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write_vectored(context, slices),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_flush(context),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_shutdown(context),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(context),
        }
    }
}

/// A stream of which the beginning was read already.
pub(crate) struct Rewound {
    prefix: Bytes,
    stream: Stream,
}

impl Rewound {
    pub(crate) fn new(prefix: Bytes, stream: Stream) -> Self {
        Self { prefix, stream }
    }
}

impl AsyncRead for Rewound {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.prefix.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, into);
        }
        let length = self.prefix.len().min(into.remaining());
        into.put_slice(&self.prefix.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Rewound {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
