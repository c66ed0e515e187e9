#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const BULK: usize = 4 << 20;

/// Both ends of a connection.
async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (one, other) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
    (one.unwrap(), other.unwrap().0)
}

#[tokio::test]
async fn a_buffer_that_grew_with_bulk_stays_until_the_tunnel_rests() {
    let ((mut client, from), (to, mut service)) = (pair().await, pair().await);
    let (mut from, mut to) = (Stream::Tcp(from), Stream::Tcp(to));
    let (mut up, mut down, mut resting) = (Direction::default(), Direction::default(), Resting::default());
    let writing = tokio::spawn(async move {
        client.write_all(&vec![b'a'; BULK]).await.unwrap();
        client
    });
    let reading = tokio::spawn(async move {
        let mut all = vec![0; BULK];
        service.read_exact(&mut all).await.unwrap();
        service
    });
    let mut moved = 0;
    poll_fn(|context| {
        up.poll(context, &mut from, &mut to).unwrap();
        let now = std::mem::take(&mut up.moved);
        resting.poll(context, now > 0, [&mut up, &mut down]);
        moved += now;
        if moved == BULK as u64 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let _ends = (writing.await.unwrap(), reading.await.unwrap());
    // All has passed, and nothing was given back on the way.
    assert!(up.pending.is_empty() && up.pending.try_reclaim(32 << 10), "{}", up.pending.capacity());
    poll_fn(|context| {
        resting.poll(context, false, [&mut up, &mut down]);
        if resting.is_lean { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    assert!(!up.pending.try_reclaim(1), "{}", up.pending.capacity());
}
