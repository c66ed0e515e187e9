#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod answers;
mod frames;
mod reuse;
mod unasked;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Empty, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::tests::{LONG, Pieces, describe, listen, patient, read_all, read_message, start, start_with};
use crate::{ClientTls, ResponseBody, TlsServer};

const ROOT: &[u8] = include_bytes!("../../fixtures/tls/root.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../fixtures/tls/server.pem");
const KEY: &[u8] = include_bytes!("../../fixtures/tls/server.key.pem");

fn config(address: SocketAddr) -> UpstreamConfig {
    UpstreamConfig::new(Scheme::Http, address.ip().to_string(), address.port())
}

fn get(path: &str) -> Request<Empty<Bytes>> {
    Request::builder().uri(path).header("host", "api").body(Empty::new()).unwrap()
}

fn post(body: &'static str) -> Request<Full<Bytes>> {
    Request::builder()
        .method("POST")
        .uri("/")
        .header("host", "api")
        .body(Full::new(Bytes::from(body)))
        .unwrap()
}

/// A service that gives these answers on its connections: one list a connection, one answer a request, `""`: closes.
/// Behind the last list it accepts no more.
async fn scripted(script: &'static [&'static [&'static str]]) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    tokio::spawn(async move {
        for answers in script {
            let (mut stream, _) = listener.accept().await.unwrap();
            let ears = Arc::clone(&ears);
            tokio::spawn(async move {
                for answer in *answers {
                    let request = read_message(&mut stream).await;
                    ears.lock().unwrap().push(request);
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    if answer.is_empty() {
                        return;
                    }
                }
                listen(&mut stream, LONG).await;
            });
        }
    });
    (address, heard)
}

#[tokio::test]
async fn writes_its_own_framing_and_nothing_of_the_hop() {
    const ANSWER: &str = "HTTP/1.1 204 No Content\r\n\r\n";
    let (address, heard) = scripted(&[&[ANSWER, ANSWER, ANSWER]]).await;
    let pool = Pool::new(config(address)).unwrap();
    let mut request = post("abc");
    for (name, value) in [
        ("content-length", "77"),
        ("transfer-encoding", "gzip"),
        ("connection", "close"),
        ("expect", "100-continue"),
        ("te", "trailers"),
        ("keep-alive", "1"),
        ("proxy-authorization", "Basic eA=="),
        ("upgrade", "h2c"),
        ("x-kept", "1"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    pool.send(request, true).await.unwrap();
    pool.send(post(""), true).await.unwrap();
    pool.send(Request::builder().uri("/p?q").body(Empty::<Bytes>::new()).unwrap(), true).await.unwrap();
    let heard = heard.lock().unwrap();
    assert_eq!(heard[0], "POST / HTTP/1.1\r\nhost: api\r\nx-kept: 1\r\ncontent-length: 3\r\n\r\nabc");
    assert_eq!(heard[1], "POST / HTTP/1.1\r\nhost: api\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(heard[2], format!("GET /p?q HTTP/1.1\r\nhost: {address}\r\n\r\n"));
}

#[tokio::test]
async fn streams_a_body_of_unknown_length_in_chunks_and_does_not_run_ahead() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pool = Pool::new(config(listener.local_addr().unwrap())).unwrap();
    let made = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = Arc::clone(&made);
    let pieces = Pieces(move || {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        (number < 1600).then(|| Bytes::from(vec![b'a'; 64 << 10]))
    });
    let request = Request::builder().method("PUT").uri("/").header("host", "api").body(pieces).unwrap();
    let sending = tokio::spawn(async move { pool.send(request, false).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = [0; 58];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"PUT / HTTP/1.1\r\nhost: api\r\ntransfer-encoding: chunked\r\n\r\n1");
    let mut last = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = made.load(std::sync::atomic::Ordering::SeqCst);
        if now == last {
            break;
        }
        last = now;
    }
    assert!(last < 320, "{last} pieces were taken for a service that reads nothing");
    let mut tail = Vec::new();
    let mut piece = vec![0; 1 << 20];
    while !tail.ends_with(b"\r\n0\r\n\r\n") {
        let read = stream.read(&mut piece).await.unwrap();
        tail.extend_from_slice(&piece[..read]);
        tail.drain(..tail.len().saturating_sub(16));
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
    let sent = sending.await.unwrap().unwrap();
    assert_eq!(read_all(sent.response.into_body()).await.unwrap(), "ok");
}

#[tokio::test]
async fn an_answer_that_begins_before_the_request_ends_flows_both_ways() {
    // The service gives every piece back as it comes.
    let echo = start(patient(), |request| {
        Box::pin(async move { Response::new(ResponseBody::boxed(request.into_body())) })
    });
    let pool = Arc::new(Pool::new(config(echo.address)).unwrap());
    let served = start(patient(), move |request| {
        let pool = Arc::clone(&pool);
        Box::pin(async move { pool.send(request, false).await.unwrap().response.map(ResponseBody::from) })
    });
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        .await
        .unwrap();
    let mut seen = String::new();
    for (word, next) in
        [("one", "3\r\ntwo\r\n"), ("two", "5\r\nthree\r\n0\r\n\r\n"), ("three\r\n0\r\n\r\n", "")]
    {
        while !seen.ends_with(word) && !seen.ends_with(&format!("{word}\r\n")) {
            let mut piece = [0; 1024];
            let read = tokio::time::timeout(LONG, stream.read(&mut piece)).await.unwrap().unwrap();
            assert!(read > 0, "{seen}");
            seen.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        }
        stream.write_all(next.as_bytes()).await.unwrap();
    }
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(read_message(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_failing_body_of_the_client_is_the_clients_failure() {
    let served = start(patient(), describe);
    let pool = Pool::new(config(served.address)).unwrap();
    let body = Failing(vec![Err(BodyError::Malformed), Ok("abc")]);
    let request = Request::builder().method("POST").uri("/").header("host", "api").body(body).unwrap();
    let error = pool.send(request, false).await.unwrap_err();
    assert_eq!(error.kind, UpstreamErrorKind::RequestBody(BodyError::Malformed));
    assert_eq!(error.code(), model::Code::RequestMalformed);
}

struct Failing(Vec<Result<&'static str, BodyError>>);

impl Body for Failing {
    type Data = Bytes;
    type Error = BodyError;
    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BodyError>>> {
        std::task::Poll::Ready(
            self.0.pop().map(|piece| piece.map(|text| http_body::Frame::data(Bytes::from(text)))),
        )
    }
}

#[tokio::test]
async fn speaks_tls_and_http_2_and_trusts_only_the_given_roots() {
    let tls = TlsServer::new(CERTIFICATE, KEY).unwrap();
    for address in ["127.0.0.1:0", "127.0.0.2:0"] {
        for http2 in [false, true] {
            let served = start_with(address.parse().unwrap(), patient(), Some(tls.clone()), describe);
            let with_roots = |roots: &[u8]| {
                let config = config(served.address);
                Pool::new(UpstreamConfig {
                    scheme: Scheme::Https,
                    http2,
                    tls: ClientTls { roots: Some(roots.to_vec()), ..ClientTls::default() },
                    ..config
                })
            };
            let sent = with_roots(ROOT).unwrap().send(post("abc"), true).await;
            if address == "127.0.0.2:0" {
                // The certificate is for another address.
                assert_eq!(sent.unwrap_err().kind, UpstreamErrorKind::Unreachable);
                continue;
            }
            let response = sent.unwrap().response;
            assert_eq!(response.version(), if http2 { Version::HTTP_2 } else { Version::HTTP_11 });
            assert_eq!(read_all(response.into_body()).await.unwrap(), "POST / host=api body=abc\n");
            let distrusting = with_roots(CERTIFICATE);
            let refused = match distrusting {
                Ok(pool) => pool.send(get("/"), true).await.unwrap_err().kind,
                Err(_) => UpstreamErrorKind::Unreachable,
            };
            assert_eq!(refused, UpstreamErrorKind::Unreachable);
        }
    }
    assert!(matches!(
        Pool::new(UpstreamConfig {
            tls: ClientTls { roots: Some(b"x".to_vec()), ..ClientTls::default() },
            scheme: Scheme::Https,
            ..config("127.0.0.1:1".parse().unwrap())
        }),
        Err(TlsError::NoCertificate)
    ));
}

#[tokio::test]
async fn speaks_http_2_with_prior_knowledge_over_few_connections() {
    let served = start(patient(), describe);
    let pool = Arc::new(Pool::new(UpstreamConfig { http2: true, ..config(served.address) }).unwrap());
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let pool = Arc::clone(&pool);
        sending.spawn(async move {
            let sent = pool.send(post("abc"), true).await.unwrap();
            let reused = sent.reused;
            assert_eq!(read_all(sent.response.into_body()).await.unwrap(), "POST / host=api body=abc\n");
            reused
        });
    }
    let reused = sending.join_all().await;
    assert_eq!(reused.iter().filter(|reused| !**reused).count(), 4);
    // All four are gone: each is noticed and replaced, or the request is sent again.
    served.stop.begin(Duration::ZERO);
    served.task.await.unwrap().unwrap();
    assert_eq!(pool.send(get("/"), true).await.unwrap_err().kind, UpstreamErrorKind::Unreachable);
    let again = start_with(served.address, patient(), None, describe);
    for _ in 0..8 {
        let sent = pool.send(get("/"), true).await.unwrap();
        assert_eq!(read_all(sent.response.into_body()).await.unwrap(), "GET / host=api body=\n");
    }
    drop(again);
}
