//! Connections: how many, how long, and how they end.

use super::*;

/// A handler that waits until it is told.
fn gated()
-> (tokio::sync::watch::Sender<bool>, impl Fn(Request<RequestBody>) -> Handling + Send + Sync + 'static) {
    let (open, gate) = tokio::sync::watch::channel(false);
    let answer = move |_| -> Handling {
        let mut gate = gate.clone();
        Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
            ok("done")
        })
    };
    (open, answer)
}

/// Waits until so many requests wait at the gate.
async fn at_the_gate(open: &tokio::sync::watch::Sender<bool>, count: usize) {
    let waiting = async {
        // Each has an end of the channel, and the handler its own.
        while open.receiver_count() < 1 + count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, waiting).await.unwrap();
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn shutdown_lets_requests_finish_and_closes_what_idles() {
    let (open, answer) = gated();
    let served = start(patient(), answer);
    let mut busy = TcpStream::connect(served.address).await.unwrap();
    busy.write_all(GET).await.unwrap();
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    at_the_gate(&open, 1).await;
    while served.open.count() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!listen(&mut idle, Duration::from_millis(100)).await.closed);
    served.stop.begin(LONG);
    let got = listen(&mut idle, LONG).await;
    assert!(got.closed && got.text.is_empty());
    open.send(true).unwrap();
    let got = listen(&mut busy, LONG).await;
    assert!(
        got.closed && got.text.ends_with("done") && got.text.contains("\r\nconnection: close\r\n"),
        "{got:?}"
    );
    tokio::time::timeout(LONG, served.task).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(served.address).await.is_err());
}

/// Old clients end a body with an empty line (RFC 9112 section 2.2). It asks for nothing, so nothing answers it: the
/// client would take that for the answer to its next request.
#[tokio::test]
async fn empty_lines_behind_a_request_are_answered_with_silence_however_they_come() {
    let limits = Limits { idle: Duration::from_millis(600), ..patient() };
    for behind in ["", "\r", "\r\n", "\r\n\r", "\r\n\r\n\r\n"] {
        for is_at_once in [true, false] {
            let served = start(limits, describe);
            let mut stream = TcpStream::connect(served.address).await.unwrap();
            if is_at_once {
                stream.write_all(&[GET, behind.as_bytes()].concat()).await.unwrap();
            } else {
                stream.write_all(GET).await.unwrap();
            }
            assert!(read_message(&mut stream).await.starts_with("HTTP/1.1 200"));
            if !is_at_once {
                for byte in behind.bytes() {
                    stream.write_all(&[byte]).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
            let got = listen(&mut stream, LONG).await;
            assert!(got.closed && got.text.is_empty(), "{behind:?} {is_at_once}: {got:?}");
            assert!(served.faults.lock().unwrap().is_empty());
        }
    }
    // So many of them that nobody means them end the connection.
    let served = start(Limits { idle: 100 * LONG, ..patient() }, describe);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&[GET, &b"\r\n".repeat(40)].concat()).await.unwrap();
    let got = listen(&mut stream, LONG).await;
    assert!(got.closed && got.statuses() == [200], "{got:?}");
    // And behind one of them the next request is as good as any.
    let served = start(limits, describe);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&[GET, b"\r\n"].concat()).await.unwrap();
    read_message(&mut stream).await;
    stream.write_all(GET).await.unwrap();
    assert!(read_message(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn behind_an_answer_a_client_has_the_time_to_idle_and_not_that_for_a_head() {
    let served = start(Limits { head: Duration::from_secs(2), ..patient() }, describe);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(GET).await.unwrap();
    assert!(read_message(&mut stream).await.starts_with("HTTP/1.1 200"));
    assert!(!listen(&mut stream, Duration::from_secs(3)).await.closed);
    stream.write_all(GET).await.unwrap();
    assert!(read_message(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn shutdown_cuts_what_does_not_finish_in_time() {
    let (open, answer) = gated();
    let served = start(patient(), answer);
    let mut busy = TcpStream::connect(served.address).await.unwrap();
    busy.write_all(GET).await.unwrap();
    at_the_gate(&open, 1).await;
    assert!(!listen(&mut busy, Duration::from_millis(100)).await.closed);
    served.stop.begin(Duration::from_millis(200));
    let got = listen(&mut busy, LONG).await;
    assert!(got.closed && got.text.is_empty(), "{got:?}");
    tokio::time::timeout(LONG, served.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn shutdown_of_http_2_lets_streams_finish() {
    let (open, answer) = gated();
    let served = start(patient(), answer);
    let stream = TcpStream::connect(served.address).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), io).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::builder().uri("http://x/").body(http_body_util::Empty::<Bytes>::new()).unwrap();
    let mut sending = Box::pin(sender.send_request(request));
    tokio::select! {
        () = at_the_gate(&open, 1) => {}
        _ = &mut sending => panic!("answered with the gate shut"),
    }
    served.stop.begin(LONG);
    open.send(true).unwrap();
    let response = tokio::time::timeout(LONG, sending).await.unwrap().unwrap();
    assert_eq!(read_all(response.into_body()).await.unwrap(), "done");
    tokio::time::timeout(LONG, connection).await.unwrap().unwrap().unwrap();
    tokio::time::timeout(LONG, served.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn open_connections_are_counted_until_they_end() {
    let served = start(patient(), describe);
    assert_eq!(served.open.count(), 0);
    let mut clients = Vec::new();
    for open in 1..=3 {
        let mut client = TcpStream::connect(served.address).await.unwrap();
        client.write_all(GET).await.unwrap();
        read_message(&mut client).await;
        clients.push(client);
        assert_eq!(served.open.count(), open);
    }
    drop(clients);
    served.stop.begin(LONG);
    tokio::time::timeout(LONG, served.task).await.unwrap().unwrap().unwrap();
    assert_eq!(served.open.count(), 0);
}

#[tokio::test]
async fn a_full_house_lets_an_idle_connection_go_and_a_busy_one_stay() {
    let (open, answer) = gated();
    let served = start(Limits { connections_max: 1, ..patient() }, answer);
    let mut first = TcpStream::connect(served.address).await.unwrap();
    first.write_all(b"G").await.unwrap();
    assert!(!listen(&mut first, Duration::from_millis(100)).await.closed);
    first.write_all(GET.get(1..).unwrap()).await.unwrap();
    at_the_gate(&open, 1).await;
    let mut second = TcpStream::connect(served.address).await.unwrap();
    second.write_all(GET).await.unwrap();
    // The first is busy: the second waits.
    assert!(listen(&mut second, Duration::from_millis(200)).await.text.is_empty());
    open.send(true).unwrap();
    assert!(read_message(&mut first).await.ends_with("done"));
    // The first idles now, and makes room.
    assert!(read_message(&mut second).await.ends_with("done"));
    assert!(listen(&mut first, LONG).await.closed);
}

#[tokio::test]
async fn a_listener_under_tls_ends_what_is_not_tls() {
    let tls = TlsServer::new(
        include_bytes!("../../fixtures/tls/server.pem"),
        include_bytes!("../../fixtures/tls/server.key.pem"),
    );
    let served = start_with("127.0.0.1:0".parse().unwrap(), patient(), Some(tls.unwrap()), describe);
    for sent in [GET, b"\x16\x03\x01", b""] {
        let got = talk(served.address, sent, LONG).await;
        assert!(got.closed && !got.text.contains("HTTP"), "{got:?}");
    }
    let wrong = TlsServer::new(
        include_bytes!("../../fixtures/tls/root.pem"),
        include_bytes!("../../fixtures/tls/server.key.pem"),
    );
    assert!(matches!(wrong, Err(crate::TlsError::Unfit(_))));
}
