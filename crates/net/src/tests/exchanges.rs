//! Requests and answers of HTTP/1 as they should be.

use super::*;
use crate::upstream::{Pool, Scheme, UpstreamConfig};

#[tokio::test]
async fn a_connection_serves_several_requests_also_pipelined_ones() {
    let served = start(patient(), describe);
    let got = talk(
        served.address,
        b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\
          POST /c?d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1;x=y\r\nf\r\n0\r\nT: v\r\n\r\n\
          GET /e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        LONG,
    )
    .await;
    assert_eq!(got.statuses(), [200, 200, 200, 200], "{got:?}");
    assert!(got.closed);
    for expected in
        ["GET /a host=x body=\n", "POST /b host=x body=abc\n", "POST /c?d host=x body=def\n", "GET /e "]
    {
        assert!(got.text.contains(expected), "{expected} in {got:?}");
    }
    assert!(served.faults.lock().unwrap().is_empty());
}

#[tokio::test]
async fn passes_a_request_on_and_its_answer_back() {
    let behind = start(patient(), describe);
    let pool =
        Arc::new(Pool::new(UpstreamConfig::new(Scheme::Http, "127.0.0.1", behind.address.port())).unwrap());
    let served = start(patient(), move |request| {
        let pool = Arc::clone(&pool);
        Box::pin(async move {
            let sent = pool.send(request, false).await.unwrap();
            sent.response.map(ResponseBody::from)
        })
    });
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    for _ in 0..3 {
        stream
            .write_all(b"POST /b HTTP/1.1\r\nHost: api\r\nContent-Length: 3\r\nConnection: x-secret\r\nX-Secret: 1\r\n\r\nabc")
            .await
            .unwrap();
        let got = read_message(&mut stream).await;
        assert!(got.ends_with("\r\n\r\nPOST /b host=api body=abc\n"), "{got}");
    }
}

#[tokio::test]
async fn sends_100_continue_only_when_the_body_is_asked_for() {
    let (ask, asked) = tokio::sync::watch::channel(false);
    let served = start(patient(), move |request| {
        let mut asked = asked.clone();
        Box::pin(async move {
            asked.wait_for(|asked| *asked).await.unwrap();
            describe(request).await
        })
    });
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let early = listen(&mut stream, Duration::from_millis(200)).await;
    assert!(early.text.is_empty() && !early.closed, "{early:?}");
    ask.send(true).unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").await.unwrap();
    assert!(read_message(&mut stream).await.ends_with("POST / host=x body=abc\n"));
    // The connection goes on.
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(read_message(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_answer_without_the_body_reaches_the_client_and_closes() {
    let refuse = |_| -> Handling {
        Box::pin(async {
            let mut response = ok("no");
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        })
    };
    // The client waits for 100 Continue: it gets the answer instead.
    let served = start(patient(), refuse);
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    let got = talk(served.address, head, LONG).await;
    assert_eq!(got.statuses(), [403]);
    assert!(got.closed && got.text.contains("connection: close") && !got.text.contains("100 Continue"));
    // The client sends on regardless, far more than is read: the answer is not lost in a reset.
    let served = start(patient(), refuse);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 800000\r\n\r\n").await.unwrap();
    stream.write_all(&vec![b'a'; 800_000]).await.unwrap();
    let got = listen(&mut stream, LONG).await;
    assert_eq!(got.statuses(), [403]);
    assert!(got.closed && got.text.ends_with("\r\n\r\nno"), "{got:?}");
    // A small rest is read, and the connection goes on.
    let served = start(patient(), refuse);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    for _ in 0..2 {
        stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde").await.unwrap();
        let got = read_message(&mut stream).await;
        assert!(got.starts_with("HTTP/1.1 403") && !got.contains("connection: close"), "{got}");
    }
}

#[tokio::test]
async fn frames_answers_itself_whatever_the_handler_says() {
    let served = start(patient(), |request: Request<RequestBody>| {
        let path = request.uri().path().to_owned();
        Box::pin(async move {
            let mut left = 3;
            let pieces = Pieces(move || {
                left -= 1;
                (left >= 0).then(|| Bytes::from_static(b"abc"))
            });
            let mut response = match path.as_str() {
                "/pieces" => Response::new(ResponseBody::boxed(pieces)),
                "/204" => Response::builder().status(204).body(ResponseBody::whole("surplus")).unwrap(),
                "/304" => Response::builder().status(304).body(ResponseBody::empty()).unwrap(),
                _ => ok("abc"),
            };
            for (name, value) in [
                ("content-length", "7"),
                ("transfer-encoding", "gzip"),
                ("connection", "x-a"),
                ("upgrade", "y"),
            ] {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        })
    });
    for (request, end, length) in [
        ("GET /whole HTTP/1.1", "\r\n\r\nabc", Some("content-length: 3\r\n")),
        ("HEAD /whole HTTP/1.1", "\r\n\r\n", Some("content-length: 7\r\n")),
        ("GET /204 HTTP/1.1", "\r\n\r\n", None),
        ("GET /304 HTTP/1.1", "\r\n\r\n", Some("content-length: 7\r\n")),
        ("HEAD /pieces HTTP/1.1", "\r\n\r\n", Some("content-length: 7\r\n")),
        (
            "GET /pieces HTTP/1.1",
            "\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n",
            Some("transfer-encoding: chunked\r\n"),
        ),
        ("GET /pieces HTTP/1.0", "\r\n\r\nabcabcabc", None),
        ("GET /whole HTTP/1.0", "\r\n\r\nabc", Some("content-length: 3\r\n")),
    ] {
        let text = format!("{request}\r\nHost: x\r\nConnection: close\r\n\r\n");
        let got = talk(served.address, text.as_bytes(), LONG).await;
        assert!(got.closed && got.text.ends_with(end), "{request}: {got:?}");
        assert_eq!(
            got.text.matches("content-length").count() + got.text.matches("transfer-encoding").count(),
            usize::from(length.is_some()),
            "{got:?}"
        );
        assert!(length.is_none_or(|length| got.text.contains(length)), "{request}: {got:?}");
        assert!(!got.text.contains("upgrade") && !got.text.contains("x-a"), "{got:?}");
        assert!(got.text.contains("\r\ndate: "));
    }
}

#[tokio::test]
async fn a_body_that_fails_or_lies_about_its_length_is_visibly_cut() {
    struct Lying(u64, std::collections::VecDeque<Result<&'static str, BodyError>>);
    impl Body for Lying {
        type Data = Bytes;
        type Error = BodyError;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BodyError>>> {
            std::task::Poll::Ready(
                self.1.pop_front().map(|piece| piece.map(|text| http_body::Frame::data(Bytes::from(text)))),
            )
        }
        fn size_hint(&self) -> http_body::SizeHint {
            if self.0 == 0 { http_body::SizeHint::new() } else { http_body::SizeHint::with_exact(self.0) }
        }
    }
    for (length, pieces) in [
        (0, vec![Ok("abc"), Err(BodyError::Truncated)]),
        (9, vec![Ok("abc")]),
        (2, vec![Ok("abc")]),
        (3, vec![Ok("abc"), Ok("HTTP/1.1 200 OK\r\n\r\n")]),
    ] {
        let served = start(patient(), move |_| {
            let body = Lying(length, pieces.clone().into());
            Box::pin(async move { Response::new(ResponseBody::boxed(body)) })
        });
        let got = talk(served.address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", LONG).await;
        assert!(got.closed && got.statuses().len() <= 1, "{got:?}");
        assert!(!got.text.contains("\r\n0\r\n"), "{got:?}");
    }
}

/// Bodies are made of pieces that count how many are alive: what is held is what was made and not yet dropped.
#[tokio::test]
async fn a_slow_client_holds_the_body_back() {
    const PIECE: usize = 64 << 10;
    const PIECES: usize = 1600;
    let made = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = Arc::clone(&made);
    let served = start(patient(), move |_| {
        let counter = Arc::clone(&counter);
        let pieces = Pieces(move || {
            let number = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            (number < PIECES).then(|| Bytes::from(vec![b'a'; PIECE]))
        });
        Box::pin(async move { Response::new(ResponseBody::boxed(pieces)) })
    });
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // What the kernel's buffers take is made; then making stops.
    let mut last = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = made.load(std::sync::atomic::Ordering::SeqCst);
        if now == last && now > 0 {
            break;
        }
        last = now;
    }
    assert!(last * PIECE < 20 << 20, "{last} pieces were made for a client that reads nothing");
    let mut read = 0;
    let mut piece = vec![0; 1 << 20];
    while read < PIECES * PIECE {
        read += tokio::time::timeout(LONG, stream.read(&mut piece)).await.unwrap().unwrap();
        let ahead = (made.load(std::sync::atomic::Ordering::SeqCst) * PIECE).saturating_sub(read);
        assert!(ahead < 20 << 20, "{ahead} bytes ahead of the client");
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_given_little_and_cut_in_time() {
    const PIECE: usize = 32 << 10;
    let limits = Limits { idle: Duration::from_millis(300), ..patient() };
    let (done, mut is_done) = tokio::sync::mpsc::channel::<()>(1);
    let made = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = Arc::clone(&made);
    let served = start(limits, move |_| {
        let (done, counter) = (done.clone(), Arc::clone(&counter));
        let pieces = Pieces(move || {
            let _held = &done;
            counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Some(Bytes::from_static(&[b'a'; PIECE]))
        });
        Box::pin(async move { Response::new(ResponseBody::boxed(pieces)) })
    });
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    served.stop.begin(LONG);
    // The handler's sender goes with the listener, the body's with the connection.
    tokio::time::timeout(LONG, served.task).await.unwrap().unwrap().unwrap();
    assert!(tokio::time::timeout(LONG, is_done.recv()).await.unwrap().is_none());
    // The kernel takes what the client's window lets through and little more; by itself it would take megabytes.
    let given = made.load(std::sync::atomic::Ordering::SeqCst) * PIECE;
    assert!(given < 1 << 20, "{given} bytes for a client that takes nothing");
}

#[tokio::test]
async fn a_body_that_nobody_asks_for_is_left_with_the_client() {
    let (open, gate) = tokio::sync::watch::channel(false);
    let served = start(patient(), move |request: Request<RequestBody>| {
        let mut gate = gate.clone();
        Box::pin(async move {
            gate.wait_for(|open| *open).await.unwrap();
            let body = read_all(request.into_body()).await.unwrap();
            ok(format!("{} bytes", body.len()))
        })
    });
    const BYTES: usize = 64 << 20;
    let (mut reader, mut writer) = TcpStream::connect(served.address).await.unwrap().into_split();
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {BYTES}\r\nConnection: close\r\n\r\n");
    writer.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b'a'; 64 << 10];
    let mut written = 0;
    // Until the kernel's buffers are full.
    while let Ok(taken) = tokio::time::timeout(Duration::from_millis(200), writer.write(&piece)).await {
        written += taken.unwrap();
        assert!(written < 20 << 20, "{written} bytes were taken for a body that nobody asked for");
    }
    open.send(true).unwrap();
    while written < BYTES {
        let rest = piece.len().min(BYTES - written);
        written += tokio::time::timeout(LONG, writer.write(&piece[..rest])).await.unwrap().unwrap();
    }
    let mut answer = String::new();
    tokio::time::timeout(LONG, reader.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.ends_with(&format!("{BYTES} bytes")), "{answer}");
}
