//! Counts the frames of a client that carry nothing, and waits only so long for it to take what is sent.
//!
//! Only the lengths and types of frames are read here (RFC 9113 section 4.1), beside h2 and before it: a flood of PING,
//! SETTINGS, PRIORITY, WINDOW_UPDATE or RST_STREAM is well-formed for it, frame by frame.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::pulse::Pulse;
use crate::Limits;
use crate::body::Pace;

/// Frames without content that a client may send at once.
const FRAMES_BURST: u64 = 1_000;
/// And further ones: a second, for each request, and for so many bytes of content in either direction.
const FRAMES_A_SECOND: u64 = 100;
const FRAMES_A_REQUEST: u64 = 8;
const BYTES_A_FRAME: u64 = 256;
const PREFACE_BYTES: usize = 24;
const FAREWELL_BYTES_MAX: usize = 1 << 20;

pub(super) struct Metered<S> {
    stream: S,
    pulse: Arc<Pulse>,
    frames: Frames,
    pace: Pace,
    began: Instant,
    sent: u64,
    /// Bytes that are still read, and thrown away, when the connection has been ended.
    farewell: usize,
}

impl<S> Metered<S> {
    pub(super) fn new(stream: S, pulse: Arc<Pulse>, limits: &Limits) -> Self {
        let pace = Pace::new(limits.idle, limits.answer_rate_min);
        Self {
            stream,
            pulse,
            frames: Frames::default(),
            pace,
            began: Instant::now(),
            sent: 0,
            farewell: FAREWELL_BYTES_MAX,
        }
    }

    /// What a write came to: a client that takes nothing, or too little on the whole, is not waited for.
    fn written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let bytes = match written {
            Poll::Ready(written) => written?,
            Poll::Pending => {
                ready!(self.pace.poll_wait(context));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        };
        self.sent = self.sent.saturating_add(bytes as u64);
        let is_timely = self.pace.moved(bytes);
        Poll::Ready(if is_timely { Ok(bytes) } else { Err(io::ErrorKind::TimedOut.into()) })
    }
}

/// What a client has sent, by what it is good for.
#[derive(Default)]
struct Frames {
    /// Of what is being read: the preface or a frame's payload.
    skipped: usize,
    has_begun: bool,
    header: [u8; 9],
    known: usize,
    empty: u64,
    requests: u64,
    content_bytes: u64,
}

impl Frames {
    fn take(&mut self, mut bytes: &[u8]) {
        if !self.has_begun {
            (self.has_begun, self.skipped) = (true, PREFACE_BYTES);
        }
        loop {
            let skipped = self.skipped.min(bytes.len());
            self.skipped -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let Some((byte, rest)) = bytes.split_first() else { return };
            if let Some(place) = self.header.get_mut(self.known) {
                *place = *byte;
            }
            bytes = rest;
            self.known += 1;
            if self.known == self.header.len() {
                self.frame();
            }
        }
    }

    fn frame(&mut self) {
        let [a, b, c, kind, flags, ..] = self.header;
        let length = u32::from_be_bytes([0, a, b, c]);
        self.known = 0;
        self.skipped = length as usize;
        let is_end = flags & 1 != 0;
        match kind {
            // DATA that says nothing, not even that it is the last.
            0 if length == 0 && !is_end => self.empty += 1,
            0 => self.content_bytes = self.content_bytes.saturating_add(u64::from(length)),
            1 => self.requests += 1,
            _ => self.empty += 1,
        }
    }

    fn are_too_empty(&self, sent: u64, seconds: u64) -> bool {
        let allowed = FRAMES_BURST
            .saturating_add(seconds.saturating_mul(FRAMES_A_SECOND))
            .saturating_add(self.requests.saturating_mul(FRAMES_A_REQUEST))
            .saturating_add(self.content_bytes.saturating_add(sent) / BYTES_A_FRAME);
        self.empty > allowed
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, into))?;
        let empty = this.frames.empty;
        this.frames.take(into.filled().get(before..).unwrap_or_default());
        if this.frames.empty > empty.max(FRAMES_BURST)
            && this.frames.are_too_empty(this.sent, this.began.elapsed().as_secs())
        {
            this.pulse.frames_are_empty();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.written(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        // What a client still sends would turn the end into a reset, which overtakes the last word.
        while this.pulse.is_dismissed() && this.farewell > 0 {
            let mut space = [0; 4 << 10];
            let mut rest = ReadBuf::new(&mut space);
            let read = ready!(Pin::new(&mut this.stream).poll_read(context, &mut rest));
            if read.is_err() || rest.filled().is_empty() {
                break;
            }
            this.farewell = this.farewell.saturating_sub(rest.filled().len());
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let [_, a, b, c] = u32::try_from(payload).unwrap().to_be_bytes();
        [&[a, b, c, kind, flags, 0, 0, 0, 1][..], &vec![0; payload]].concat()
    }

    #[test]
    fn frames_are_counted_whatever_pieces_they_come_in() {
        let mut text = vec![b'p'; PREFACE_BYTES];
        // SETTINGS, HEADERS, DATA of 700 bytes, DATA with nothing, the last DATA with nothing, PING.
        for (kind, flags, payload) in [(4, 0, 12), (1, 4, 30), (0, 0, 700), (0, 0, 0), (0, 1, 0), (6, 0, 8)] {
            text.extend(frame(kind, flags, payload));
        }
        for size in [1, 7, 100, 10_000] {
            let mut frames = Frames::default();
            for piece in text.chunks(size) {
                frames.take(piece);
            }
            assert_eq!((frames.empty, frames.requests, frames.content_bytes), (3, 1, 700), "{size}");
        }
    }

    #[test]
    fn requests_content_and_time_earn_frames_without_content() {
        let frames =
            |empty, requests, content_bytes| Frames { empty, requests, content_bytes, ..Frames::default() };
        for (frames, sent, seconds, expected) in [
            (frames(1_000, 0, 0), 0, 0, false),
            (frames(1_001, 0, 0), 0, 0, true),
            (frames(1_100, 0, 0), 0, 1, false),
            (frames(1_008, 1, 0), 0, 0, false),
            (frames(1_002, 0, 256), 256, 0, false),
            (frames(1_003, 0, 256), 256, 0, true),
        ] {
            assert_eq!(frames.are_too_empty(sent, seconds), expected, "{} {sent} {seconds}", frames.empty);
        }
    }
}
