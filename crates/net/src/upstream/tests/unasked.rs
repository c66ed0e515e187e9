//! What a service says without being asked, or beside what it was asked, is never the answer of the next request.

use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const EVIL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

/// What a test has its service say at once, on the connection of this number.
type Says = UnboundedSender<(usize, &'static str)>;

/// Answers each request of a connection with the next of these texts, the last one for ever, and says beside that what
/// it is told to.
async fn talkative(answers: &'static [&'static str], tls: Option<TlsServer>) -> (SocketAddr, Says) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (says, mut said): (Says, _) = unbounded_channel();
    tokio::spawn(async move {
        let mut speakers: Vec<UnboundedSender<&'static str>> = Vec::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (tcp, _) = accepted.unwrap();
                    tcp.set_nodelay(true).unwrap();
                    let (speaker, texts) = unbounded_channel();
                    speakers.push(speaker);
                    match &tls {
                        None => drop(tokio::spawn(speak(tcp, answers, texts))),
                        Some(tls) => {
                            let tls = tls.clone();
                            tokio::spawn(async move {
                                let stream = tls.accept(tcp, address.ip()).await.unwrap();
                                speak(stream, answers, texts).await;
                            });
                        }
                    }
                }
                Some((connection, text)) = said.recv() => drop(speakers[connection].send(text)),
            }
        }
    });
    (address, says)
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    answers: &[&str],
    mut texts: UnboundedReceiver<&'static str>,
) {
    let (mut heard, mut piece, mut answered) = (Vec::new(), [0; 4096], 0);
    loop {
        tokio::select! {
            read = stream.read(&mut piece) => {
                let Ok(read @ 1..) = read else { return };
                heard.extend_from_slice(&piece[..read]);
                // Of a request with a body the head is answered alone.
                while let Some(end) = heard.windows(4).position(|window| window == b"\r\n\r\n") {
                    heard.drain(..end + 4);
                    let answer = answers[answered.min(answers.len() - 1)];
                    answered += 1;
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    stream.flush().await.unwrap();
                }
                heard.drain(..heard.len().saturating_sub(3));
            }
            Some(text) = texts.recv() => {
                // A connection that was closed meanwhile hears nothing.
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.flush().await;
            }
        }
    }
}

fn pool(address: SocketAddr, is_tls: bool) -> Pool {
    let scheme = if is_tls { Scheme::Https } else { Scheme::Http };
    let tls = ClientTls { roots: Some(ROOT.to_vec()), ..ClientTls::default() };
    Pool::new(UpstreamConfig { scheme, tls, ..config(address) }).unwrap()
}

fn tls(is_tls: bool) -> Option<TlsServer> {
    is_tls.then(|| TlsServer::new(CERTIFICATE, KEY).unwrap())
}

async fn ask(pool: &Pool, method: &str) -> (bool, Bytes) {
    let request =
        Request::builder().method(method).uri("/").header("host", "api").body(Empty::<Bytes>::new()).unwrap();
    let sent = pool.send(request, true).await.unwrap();
    (sent.reused, read_all(sent.response.into_body()).await.unwrap())
}

/// Whatever has reached a socket by now is known to the runtime afterwards.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

#[tokio::test]
async fn a_body_that_comes_late_behind_a_bodiless_answer_answers_nothing() {
    for (method, head) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 44\r\n\r\n"),
        ("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 44\r\n\r\n"),
        ("GET", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let pool = pool(listener.local_addr().unwrap(), false);
        let service = async {
            let (mut first, _) = listener.accept().await.unwrap();
            read_message(&mut first).await;
            first.write_all(head.as_bytes()).await.unwrap();
            // The next request is on its way: here, if this connection is used again.
            let mut piece = [0; 1024];
            let accepted = tokio::select! {
                Ok(1..) = first.read(&mut piece) => None,
                accepted = listener.accept() => Some(accepted.unwrap().0),
            };
            match accepted {
                None => first.write_all(EVIL.as_bytes()).await.unwrap(),
                Some(mut second) => {
                    read_message(&mut second).await;
                    second.write_all(OK.as_bytes()).await.unwrap();
                }
            }
            first
        };
        let client = async {
            assert_eq!(ask(&pool, method).await.1, "");
            ask(&pool, "GET").await
        };
        let (_first, got) = tokio::join!(service, client);
        assert_eq!(got, (false, Bytes::from_static(b"ok")), "{method} {head:?}");
    }
}

#[tokio::test]
async fn a_connection_that_stayed_quiet_after_a_bodiless_answer_is_used_again() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n";
    for is_tls in [false, true] {
        for is_noisy in [false, true] {
            let (address, says) = talkative(&[HEAD, OK], tls(is_tls)).await;
            let pool = pool(address, is_tls);
            assert_eq!(ask(&pool, "HEAD").await, (false, Bytes::new()));
            if is_noisy {
                says.send((0, EVIL)).unwrap();
            }
            // Longer than it is watched.
            tokio::time::sleep(Duration::from_millis(150)).await;
            let next = if is_noisy { "HEAD" } else { "GET" };
            assert_eq!(ask(&pool, next).await.0, !is_noisy, "tls={is_tls}");
        }
    }
}

#[tokio::test]
async fn what_comes_on_a_connection_that_waits_closes_it() {
    for is_tls in [false, true] {
        for text in [EVIL, "x", "\r\n"] {
            let (address, says) = talkative(&[OK], tls(is_tls)).await;
            let pool = pool(address, is_tls);
            assert_eq!(ask(&pool, "GET").await, (false, Bytes::from_static(b"ok")));
            assert_eq!(ask(&pool, "GET").await, (true, Bytes::from_static(b"ok")));
            says.send((0, text)).unwrap();
            settle().await;
            assert_eq!(ask(&pool, "GET").await, (false, Bytes::from_static(b"ok")), "tls={is_tls} {text:?}");
        }
    }
}

#[tokio::test]
async fn what_has_come_is_seen_also_by_a_task_that_has_used_up_its_turn() {
    use tokio::task::coop::{has_budget_remaining, poll_proceed};
    for is_tls in [false, true] {
        let (address, says) = talkative(&[OK], tls(is_tls)).await;
        let pool = pool(address, is_tls);
        assert!(!ask(&pool, "GET").await.0);
        says.send((0, EVIL)).unwrap();
        settle().await;
        let mut sending = std::pin::pin!(pool.send(post("abc"), true));
        let polled = std::future::poll_fn(|context| {
            while has_budget_remaining() {
                let _ = poll_proceed(context).map(|spent| spent.made_progress());
            }
            Poll::Ready(sending.as_mut().poll(context))
        });
        assert!(polled.await.is_pending());
        let sent = sending.await.unwrap();
        // It was not even tried there.
        assert_eq!((sent.reused, sent.attempts), (false, 1), "tls={is_tls}");
    }
}

/// The connection was found quiet and taken; before the request is written, the service speaks.
#[tokio::test]
async fn what_comes_between_the_choice_of_a_connection_and_the_request_is_no_answer() {
    for is_tls in [false, true] {
        let (address, says) = talkative(&[OK], tls(is_tls)).await;
        let pool = pool(address, is_tls);
        assert!(!ask(&pool, "GET").await.0);
        for (connection, request) in [post("abc"), post("")].into_iter().enumerate() {
            // Neither is idempotent: it is sent elsewhere all the same, for nothing of it was sent here.
            let mut sending = std::pin::pin!(pool.send(request, true));
            let polled = std::future::poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await;
            assert!(polled.is_pending());
            says.send((connection, EVIL)).unwrap();
            settle().await;
            let sent = sending.await.unwrap();
            assert_eq!((sent.reused, sent.attempts), (false, 2), "tls={is_tls}");
            assert_eq!(read_all(sent.response.into_body()).await.unwrap(), "ok");
        }
    }
}

/// What comes after the first byte of a request was written answers it, however early.
#[tokio::test]
async fn an_answer_before_the_end_of_a_request_is_its_answer() {
    const EARLY: &str = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nearly";
    for is_tls in [false, true] {
        let (address, _says) = talkative(&[OK, EARLY, OK], tls(is_tls)).await;
        let pool = pool(address, is_tls);
        assert!(!ask(&pool, "GET").await.0);
        let body = ResponseBody::boxed(Pieces(|| Some(Bytes::from_static(&[b'a'; 16 << 10]))));
        let request = Request::builder().method("POST").uri("/").header("host", "api").body(body).unwrap();
        let sent = pool.send(request, false).await.unwrap();
        assert_eq!((sent.reused, sent.response.status().as_u16()), (true, 413));
        assert_eq!(read_all(sent.response.into_body()).await.unwrap(), "early");
        // The rest of that request is still to come there: the next one goes elsewhere.
        assert_eq!(ask(&pool, "GET").await, (false, Bytes::from_static(b"ok")));
    }
}
