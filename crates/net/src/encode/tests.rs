#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Waker;

use http_body::Frame;

use super::*;

/// Pieces of which each is there at once.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// What a socket gets that takes `most` bytes at a time, with a look at the body before each.
fn sent(sizes: &[usize], most: usize) -> Vec<u8> {
    let mut body = Pieces(sizes.iter().map(|size| Bytes::from(vec![b'a'; *size])).collect());
    let mut outgoing = Outgoing::new(BytesMut::new(), Framing::Chunked);
    let mut context = Context::from_waker(Waker::noop());
    let mut sent = Vec::new();
    while !outgoing.is_ended || !outgoing.out.is_empty() {
        let Poll::Ready(gathered) = outgoing.gather(&mut context, Pin::new(&mut body)) else {
            panic!("pending")
        };
        gathered.unwrap();
        let out = &mut outgoing.out;
        let all = [&out.front[..], &out.data[..], out.tail].concat();
        let taken = all.len().min(most);
        sent.extend_from_slice(&all[..taken]);
        out.advance(taken);
    }
    sent
}

#[test]
fn chunks_are_the_same_wherever_the_socket_stops_taking() {
    let sizes = [5_000, 3, 6_000, 5_000, 1];
    let whole = sent(&sizes, usize::MAX);
    assert!(whole.ends_with(b"\r\n1\r\na\r\n0\r\n\r\n"));
    // The first chunk has 6 bytes before its data: among these are all ends of data, and of half a line end.
    for most in (1..60).chain(4_990..5_020).chain(5_990..6_030) {
        assert_eq!(sent(&sizes, most), whole, "{most} at a time");
    }
}

#[test]
fn a_short_message_gives_way_once_and_a_long_or_unfinished_one_never() {
    let context = Context::from_waker(Waker::noop());
    let message = |body: usize, is_whole: bool| {
        let mut outgoing = Outgoing::new(BytesMut::from("head"), Framing::Length(body as u64));
        if is_whole {
            outgoing.put_whole(Bytes::from(vec![b'a'; body]));
        }
        outgoing
    };
    let mut short = message(1_000, true);
    assert!(short.poll_turn(&context).is_pending());
    assert!(short.poll_turn(&context).is_ready());
    assert!(message(64 << 10, true).poll_turn(&context).is_ready());
    assert!(message(1_000, false).poll_turn(&context).is_ready());
}
