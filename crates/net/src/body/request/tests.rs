#![allow(clippy::unwrap_used, clippy::panic)]

use std::future::poll_fn;
use std::io::Write;

use super::*;
use crate::Memory;

#[tokio::test]
async fn what_is_gathered_for_a_large_piece_counts_while_the_rest_is_waited_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (tcp, _) = listener.accept().await.unwrap();
    let memory = Memory::default();
    memory.set_max(10_000);
    let channel = Channel {
        stream: Stream::Tcp(tcp),
        buffer: BytesMut::new(),
        body: Decoder::length(60_000),
        interim: b"",
        has_failed: false,
        held: memory.hold(),
    };
    let channel = Arc::new(Mutex::new(channel));
    let mut body = RequestBody::wire(&channel, Duration::from_secs(10), 0).in_large_pieces();
    client.write_all(&[0; 8_000]).unwrap();
    poll_fn(|context| match Pin::new(&mut body).poll_frame(context) {
        Poll::Pending if memory.used() == 8_000 => Poll::Ready(()),
        Poll::Pending => Poll::Pending,
        Poll::Ready(piece) => panic!("{piece:?}"),
    })
    .await;
    client.write_all(&[0; 4_000]).unwrap();
    let piece = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
    assert_eq!(piece.unwrap().unwrap_err(), BodyError::NoRoom);
    assert_eq!(memory.used(), 0);
    assert!(lock(&channel).has_failed);
}
