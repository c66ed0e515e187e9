//! Waits for the next head of a connection, with patience for idleness and less of it for slowness.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Poll, ready};

use bytes::{Buf, Bytes};

use super::Places;
use super::bell::Bell;
use tokio::task::coop::has_budget_remaining;

use crate::body::{Channel, Patience, lock};
use crate::head::Scan;
use crate::stream::Stream;
use crate::{Ended, HeadFault, Limits, Memory, Shutdown, Tally};

/// Empty lines that are waited behind: at most one of them is forgiven (RFC 9112 section 2.2).
const EMPTY_LINES_MAX: u32 = 8;

pub(super) enum Next {
    Head {
        raw: Bytes,
        lines: usize,
    },
    /// The client is gone, or nothing came and the connection has no more reason to be.
    Closed,
}

pub(super) struct Reading<'c, S> {
    channel: &'c Mutex<Channel>,
    limits: &'c Limits,
    bell: Bell<'c>,
    memory: &'c Memory,
    tally: &'c Tally,
    shutdown: &'c Shutdown,
    /// Resolves when idle connections are to be closed.
    begun: Pin<&'c mut S>,
    is_begun: bool,
    /// The task is woken when the shutdown is spoken of: until then `begun` need not be asked again.
    is_listening: bool,
    idle: Patience,
    /// Since the last request.
    empty_lines: u32,
}

impl<'c, S: Future<Output = ()>> Reading<'c, S> {
    pub(super) fn new(
        channel: &'c Mutex<Channel>,
        limits: &'c Limits,
        places: &'c Places,
        memory: &'c Memory,
        tally: &'c Tally,
        shutdown: &'c Shutdown,
        begun: Pin<&'c mut S>,
    ) -> Self {
        // A client that connects and says nothing is given as long as for a head.
        Self {
            channel,
            limits,
            bell: Bell::new(places),
            memory,
            tally,
            shutdown,
            begun,
            is_begun: false,
            is_listening: false,
            idle: Patience::new(limits.head),
            empty_lines: 0,
        }
    }

    pub(super) async fn next_head(&mut self) -> Result<Next, HeadFault> {
        self.empty_lines = 0;
        let is_there = has_something(&mut lock(self.channel), &mut self.empty_lines);
        if is_there && self.has_begun().await {
            return Ok(Next::Closed);
        }
        if !is_there && !self.something_came().await {
            return Ok(Next::Closed);
        }
        match self.empty_lines {
            0 | 1 => {}
            2..=EMPTY_LINES_MAX => return Err(HeadFault::Syntax),
            _ => return Ok(Next::Closed),
        }
        let mut scan = Scan::default();
        let next = match self.look(&mut scan)? {
            Some(next) => next,
            None => tokio::time::timeout(self.limits.head, self.rest_of_head(&mut scan))
                .await
                .unwrap_or(Err(HeadFault::Timeout))?,
        };
        self.idle.within(self.limits.idle);
        Ok(next)
    }

    async fn rest_of_head(&mut self, scan: &mut Scan) -> Result<Next, HeadFault> {
        self.bell.rest();
        // A head that comes at once is not held for anybody.
        let mut held = self.memory.hold();
        loop {
            if !held.grow_to(lock(self.channel).buffer.capacity()) {
                return Err(HeadFault::NoRoom);
            }
            match fill(self.channel).await {
                Ok(0) => return Err(HeadFault::Truncated),
                Ok(_) => {}
                Err(_) => return Ok(Next::Closed),
            }
            if let Some(next) = self.look(scan)? {
                return Ok(next);
            }
        }
    }

    /// Waits for what is to become of a request, and leaves to others what is asked of those that idle.
    pub(super) async fn attend<T>(&mut self, mut request: Pin<&mut impl Future<Output = T>>) -> T {
        poll_fn(|context| {
            let polled = request.as_mut().poll(context);
            if polled.is_pending() {
                self.bell.leave_to_others(context);
            }
            polled
        })
        .await
    }

    fn look(&self, scan: &mut Scan) -> Result<Option<Next>, HeadFault> {
        let buffer = &mut lock(self.channel).buffer;
        let Some(end) = scan.advance(buffer, self.limits)? else { return Ok(None) };
        Ok(Some(Next::Head { raw: buffer.split_to(end).freeze(), lines: scan.lines }))
    }

    /// Waits until something is there. `false` when the connection is to be closed without a word.
    async fn something_came(&mut self) -> bool {
        let (channel, idle, tally) = (self.channel, &mut self.idle, self.tally);
        let empty_lines = &mut self.empty_lines;
        let (shutdown, is_begun, is_listening) = (self.shutdown, &mut self.is_begun, &mut self.is_listening);
        let mut begun = self.begun.as_mut();
        // Asked to go, while a request was there that had not been read yet: somebody else is to go.
        let (bell, mut passes_on) = (&mut self.bell, false);
        poll_fn(|context| {
            let shared = &mut *lock(channel);
            while let Poll::Ready(read) = shared.stream.poll_fill(context, &mut shared.buffer) {
                if passes_on {
                    bell.pass_on();
                    passes_on = false;
                }
                if !read.is_ok_and(|read| read > 0) {
                    return Poll::Ready(false);
                }
                // Empty lines ask for nothing: who sends no more is not told that it is slow.
                if has_something(shared, empty_lines) {
                    return Poll::Ready(true);
                }
            }
            Stream::shrink(&mut shared.buffer);
            if !*is_listening || shutdown.is_begun() {
                *is_begun = *is_begun || begun.as_mut().poll(context).is_ready();
                // Who has used up its turn is asked again at once, and does not listen until then.
                *is_listening = has_budget_remaining();
            }
            if *is_begun {
                return Poll::Ready(false);
            }
            if !passes_on && bell.rings(context) {
                passes_on = shared.stream.has_unread();
                if !passes_on {
                    tally.add(Ended::GaveWay);
                    return Poll::Ready(false);
                }
            }
            ready!(idle.poll(context));
            Poll::Ready(false)
        })
        .await
    }

    /// A pipelined request that was not begun when the shutdown came is the client's to send again.
    async fn has_begun(&mut self) -> bool {
        let (begun, is_begun) = (self.begun.as_mut(), &mut self.is_begun);
        let mut begun = begun;
        poll_fn(|context| {
            *is_begun = *is_begun || begun.as_mut().poll(context).is_ready();
            Poll::Ready(*is_begun)
        })
        .await
    }
}

/// Passes over empty lines. `true` when something is behind them, or they are too many. Half of one says nothing yet:
/// what becomes of it must not hang on how the bytes arrive.
fn has_something(channel: &mut Channel, empty_lines: &mut u32) -> bool {
    let buffer = &mut channel.buffer;
    while *empty_lines <= EMPTY_LINES_MAX && buffer.starts_with(b"\r\n") {
        buffer.advance(2);
        *empty_lines += 1;
    }
    *empty_lines > EMPTY_LINES_MAX || !(buffer.is_empty() || buffer.as_ref() == b"\r")
}

async fn fill(channel: &Mutex<Channel>) -> io::Result<usize> {
    poll_fn(|context| {
        let shared = &mut *lock(channel);
        shared.stream.poll_fill(context, &mut shared.buffer)
    })
    .await
}
