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
