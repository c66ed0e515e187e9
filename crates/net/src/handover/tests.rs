#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::future::Future;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Predecessor;
use crate::unix::{Answers, LineHandler, LineListener};
use crate::{Shutdown, Socket};

const PATIENCE: Duration = Duration::from_secs(120);

struct Giver {
    socket: Socket,
}

impl LineHandler for Giver {
    fn answer(
        self: Arc<Self>,
        question: String,
        mut answers: Answers,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            // Longer than a socket's buffer, so that the sockets come with a part of the line.
            let line = format!("{question}: {}", "x".repeat(1 << 20));
            answers.send_with(&line, &[&self.socket, &self.socket]).await.unwrap();
            let said = answers.next_line().await.unwrap();
            assert_eq!(said.as_deref(), Some("ready"));
            answers.send("go on").await.unwrap();
        })
    }
}

#[tokio::test]
async fn a_successor_gets_the_sockets_and_a_connection_that_waits_in_the_backlog() {
    let path = std::env::temp_dir().join(format!("bartizan-handover-{}.sock", std::process::id()));
    let lines = LineListener::bind(&path).await.unwrap();
    let socket = Socket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = socket.local_addr().unwrap();
    let mut early = TcpStream::connect(address).unwrap();
    let (stop, heard) = Shutdown::channel();
    let served = tokio::spawn(crate::unix::serve(lines, Arc::new(Giver { socket }), heard));
    let (mut before, line, mut sockets) = Predecessor::ask(&path, "hand over", PATIENCE).await.unwrap();
    assert!(line.starts_with("hand over: xxx") && line.len() > 1 << 20);
    assert_eq!(sockets.len(), 2);
    assert_eq!(sockets[1].local_addr().unwrap(), address);
    assert_eq!(before.say("ready", PATIENCE).await.unwrap().as_deref(), Some("go on"));
    stop.begin(Duration::ZERO);
    served.await.unwrap();
    // The process before is gone; the socket listens on, and nobody in its backlog was turned away.
    let listener = sockets.pop().unwrap().into_tokio().unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    let mut accepted = accepted.into_std().unwrap();
    accepted.set_nonblocking(false).unwrap();
    accepted.write_all(b"hello").unwrap();
    drop(accepted);
    let mut text = String::new();
    early.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
}

#[test]
fn what_is_no_listening_socket_is_not_taken() {
    let file = std::fs::File::open("/dev/null").unwrap();
    assert!(Socket::inherited(file.into()).is_err());
    let (one, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    assert!(Socket::inherited(one.into()).is_err());
    let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    assert!(Socket::inherited(udp.into()).is_err());
}
