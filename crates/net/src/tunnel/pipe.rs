//! Bytes both ways, each direction at its own pace, until one side has closed.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BufMut, BytesMut};
use http::Response;
use tokio::io::AsyncWrite;

use super::{Tunnel, TunnelEnd};
use crate::body::{Channel, Patience, Turn, lock};
use crate::encode;
use crate::stream::Stream;

/// For the last bytes of a side that has closed.
const CLOSING: Duration = Duration::from_secs(2);
/// When nothing has moved for so long, buffers that grew with bulk are given back.
const RESTING: Duration = Duration::from_millis(500);

/// Sends the 101 and pipes until the end. The connection is of no use afterwards.
pub(crate) async fn run(channel: &Mutex<Channel>, head: Response<()>, tunnel: Tunnel) {
    let Tunnel { mut switched, idle, mut over, mut watcher } = tunnel;
    let mut front = BytesMut::with_capacity(1 << 10);
    front.put_slice(b"HTTP/1.1 101 Switching Protocols\r\n");
    encode::put_headers(&mut front, head.headers());
    front.put_slice(b"connection: Upgrade\r\nupgrade: websocket\r\n\r\n");
    let mut up = Direction::default();
    let mut down = Direction { pending: front, ..Direction::default() };
    {
        // What either side sent right behind its head.
        let (early, wire) = (&mut lock(channel).buffer, &mut switched.wire);
        up.pending.unsplit(std::mem::take(early));
        down.pending.extend_from_slice(&std::mem::take(&mut wire.buffer));
    }
    let (mut patience, mut resting) = (Patience::new(idle), Resting::default());
    let how = poll_fn(|context| {
        let client = &mut lock(channel).stream;
        let upstream = &mut switched.wire.stream;
        let polled = up.poll(context, client, upstream).and_then(|()| down.poll(context, upstream, client));
        let (to_upstream, to_client) = (std::mem::take(&mut up.moved), std::mem::take(&mut down.moved));
        if to_upstream + to_client > 0 {
            patience.rest();
            watcher.moved(to_upstream, to_client);
        }
        resting.poll(context, to_upstream + to_client > 0, [&mut up, &mut down]);
        match () {
            () if polled.is_err() => Poll::Ready(TunnelEnd::Broken),
            () if up.is_done() || down.is_done() => Poll::Ready(TunnelEnd::Closed),
            () if over.as_mut().poll(context).is_ready() => Poll::Ready(TunnelEnd::Over),
            () => patience.poll(context).map(|()| TunnelEnd::Idle),
        }
    })
    .await;
    let closing = poll_fn(|context| {
        let upstream = Pin::new(&mut switched.wire.stream).poll_shutdown(context);
        let client = Pin::new(&mut lock(channel).stream).poll_shutdown(context);
        if upstream.is_ready() && client.is_ready() { Poll::Ready(()) } else { Poll::Pending }
    });
    // Whoever is gone needs no farewell.
    let _ = tokio::time::timeout(CLOSING, closing).await;
    watcher.ended(how);
}

/// Gives back what bulk has left behind, once the tunnel is at rest.
struct Resting {
    patience: Patience,
    is_lean: bool,
}

impl Default for Resting {
    fn default() -> Self {
        Self { patience: Patience::new(RESTING), is_lean: true }
    }
}

impl Resting {
    fn poll(&mut self, context: &mut Context<'_>, has_moved: bool, ways: [&mut Direction; 2]) {
        if has_moved {
            self.patience.rest();
            self.is_lean = false;
        }
        if !self.is_lean && self.patience.poll(context).is_ready() {
            ways.into_iter().for_each(|way| Stream::shrink(&mut way.pending));
            self.is_lean = true;
        }
    }
}

/// One way through.
#[derive(Default)]
struct Direction {
    /// Read and not yet written; nothing more is read before it is out.
    pending: BytesMut,
    has_ended: bool,
    /// Written since the last look.
    moved: u64,
    needs_flush: bool,
}

impl Direction {
    fn is_done(&self) -> bool {
        self.has_ended && self.pending.is_empty() && !self.needs_flush
    }

    /// Moves what can be moved now.
    fn poll(&mut self, context: &mut Context<'_>, from: &mut Stream, to: &mut Stream) -> io::Result<()> {
        let mut turn = Turn::default();
        loop {
            if !self.pending.is_empty() {
                match Pin::new(&mut *to).poll_write(context, &self.pending) {
                    Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                    Poll::Ready(written) => {
                        let written = written?;
                        self.pending.advance(written);
                        self.moved += written as u64;
                        self.needs_flush = true;
                        if turn.is_over(written, context) {
                            break;
                        }
                    }
                    Poll::Pending => return Ok(()),
                }
            } else if self.has_ended {
                break;
            } else {
                match from.poll_fill(context, &mut self.pending) {
                    Poll::Ready(Ok(0)) => self.has_ended = true,
                    Poll::Ready(read) => {
                        read?;
                    }
                    Poll::Pending => break,
                }
            }
        }
        if self.needs_flush
            && let Poll::Ready(flushed) = Pin::new(to).poll_flush(context)
        {
            flushed?;
            self.needs_flush = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
