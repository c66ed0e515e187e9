#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::future::poll_fn;
use std::io::Write;

use bytes::BytesMut;
use tokio::net::TcpStream;

use super::Stream;

#[tokio::test]
async fn a_buffer_that_is_emptied_in_place_does_not_grow_with_what_passes() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let sender = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept().unwrap();
        let _ = peer.write_all(&vec![7; 16 << 20]);
    });
    let mut stream = Stream::Tcp(TcpStream::connect(address).await.unwrap());
    let (mut buffer, mut passed) = (BytesMut::new(), 0);
    while passed < 16 << 20 {
        buffer.clear();
        let read = poll_fn(|context| stream.poll_fill(context, &mut buffer)).await.unwrap();
        assert!(read > 0 && buffer.capacity() <= 256 << 10, "{} after {passed}", buffer.capacity());
        passed += read;
    }
    sender.join().unwrap();
    Stream::shrink(&mut buffer);
    assert!(buffer.capacity() > 0, "what is buffered stays");
    buffer.clear();
    Stream::shrink(&mut buffer);
    assert_eq!(buffer.capacity(), 0);
}

#[test]
fn what_was_large_is_given_back_also_when_little_of_it_is_left() {
    for (allocated, passed_on, is_kept) in
        [(64 << 10, 62 << 10, false), (64 << 10, 100, false), (8 << 10, 7 << 10, true), (8 << 10, 100, true)]
    {
        let mut buffer = BytesMut::with_capacity(allocated);
        buffer.resize(passed_on, b'x');
        drop(buffer.split_to(passed_on).freeze());
        Stream::shrink(&mut buffer);
        assert_eq!(buffer.capacity() > 0, is_kept, "{passed_on} of {allocated}");
    }
    // What has not been looked at stays.
    let mut buffer = BytesMut::with_capacity(64 << 10);
    buffer.extend_from_slice(b"GET");
    Stream::shrink(&mut buffer);
    assert_eq!(buffer, "GET");
}
