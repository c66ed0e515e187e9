#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::{BLOCK_BYTES_MAX, BLOCK_BYTES_MIN, Gather, ToCome};
use crate::pipeline::buffers::{BufferFault, Buffers, counted};

const MIB: usize = 1 << 20;

fn gather(buffers: &Arc<Buffers>) -> Gather {
    Gather::new(buffers.reserve(), MIB, 4 * MIB)
}

fn bytes(length: usize) -> Bytes {
    Bytes::from_iter((0..length).map(|index| u8::try_from(index % 251).unwrap()))
}

/// How much memory the gather holds, by what its allocations say.
fn held(gather: &Gather) -> usize {
    gather.blocks.iter().map(Vec::capacity).sum::<usize>() + gather.only.len()
}

#[test]
fn an_unfinished_body_holds_what_is_counted_and_little_more_than_what_came() {
    let body = bytes(980_000);
    for (piece, announced) in
        [(1, true), (1, false), (1_460, true), (8_192, true), (8_192, false), (100_000, true)]
    {
        let buffers = Arc::new(Buffers::default());
        let mut gather = gather(&buffers);
        let mut rest = body.slice(..body.len() / 2);
        let mut came = 0;
        while !rest.is_empty() {
            let data = rest.split_to(piece.min(rest.len()));
            came += data.len();
            let to_come = if announced { ToCome::Bytes(body.len() - came) } else { ToCome::Unknown };
            gather.take_in(data, to_come).unwrap();
            assert_eq!(buffers.used(), held(&gather));
            let spare = BLOCK_BYTES_MAX.min(came.max(BLOCK_BYTES_MIN));
            assert!(buffers.used() <= came + spare, "{} for {came} in pieces of {piece}", buffers.used());
        }
        drop(gather);
        assert_eq!(buffers.used(), 0);
    }
}

#[test]
fn a_whole_body_is_what_came_and_counts_as_long_as_somebody_holds_it() {
    let body = bytes(300_000);
    for piece in [1, 999, 65_536, 299_999] {
        let buffers = Arc::new(Buffers::default());
        let mut gather = gather(&buffers);
        for from in (0..body.len()).step_by(piece) {
            let data = body.slice(from..body.len().min(from + piece));
            gather.take_in(data, ToCome::Unknown).unwrap();
        }
        let (whole, reservation) = gather.whole();
        assert_eq!(whole, body);
        assert_eq!(buffers.used(), body.len());
        let held = counted(whole, reservation);
        let part = held.slice(5..6);
        drop(held);
        assert_eq!(buffers.used(), body.len());
        drop(part);
        assert_eq!(buffers.used(), 0);
    }
}

#[test]
fn an_announcement_alone_reserves_nothing_and_the_last_block_is_no_larger_than_the_rest() {
    let buffers = Arc::new(Buffers::default());
    let mut gather = gather(&buffers);
    assert_eq!(buffers.used(), 0);
    gather.take_in(bytes(10), ToCome::Bytes(5)).unwrap();
    assert_eq!(buffers.used(), 15);
    gather.take_in(bytes(5), ToCome::Nothing).unwrap();
    assert_eq!((buffers.used(), gather.whole().0.len()), (15, 15));
}

#[test]
fn a_piece_does_not_keep_the_buffer_that_it_was_cut_from_unless_it_is_the_whole_body() {
    let buffers = Arc::new(Buffers::default());
    let cut = |to_come| {
        let mut read = BytesMut::from(&bytes(64 << 10)[..]);
        let piece = read.split_to(1).freeze();
        let mut gather = gather(&buffers);
        gather.take_in(piece, to_come).unwrap();
        read.clear();
        // The front can be taken back only when nobody holds it.
        let is_free = read.try_reclaim(64 << 10);
        (is_free, gather.whole().0.len())
    };
    assert_eq!(cut(ToCome::Unknown), (true, 1));
    assert_eq!(cut(ToCome::Nothing), (false, 1));
}

#[test]
fn both_bounds_hold_and_a_refused_piece_counts_for_nothing() {
    let buffers = Arc::new(Buffers::default());
    let mut small = Gather::new(buffers.reserve(), 10, 100);
    assert_eq!(small.take_in(bytes(11), ToCome::Nothing), Err(BufferFault::TooLarge));
    small.take_in(bytes(10), ToCome::Bytes(0)).unwrap();
    assert_eq!(small.take_in(bytes(1), ToCome::Nothing), Err(BufferFault::TooLarge));
    let mut second = Gather::new(buffers.reserve(), 200, 100);
    assert_eq!(second.take_in(bytes(91), ToCome::Nothing), Err(BufferFault::Full));
    assert_eq!(second.take_in(bytes(50), ToCome::Bytes(50)), Err(BufferFault::Full));
    assert_eq!(buffers.used(), 10);
    second.take_in(bytes(90), ToCome::Nothing).unwrap();
    assert_eq!(buffers.used(), 100);
}

#[test]
fn what_comes_after_the_end_is_not_lost() {
    let buffers = Arc::new(Buffers::default());
    let mut gather = gather(&buffers);
    gather.take_in(Bytes::from_static(b"one "), ToCome::Nothing).unwrap();
    gather.take_in(Bytes::from_static(b"more"), ToCome::Nothing).unwrap();
    assert_eq!(gather.whole().0, "one more");
}
