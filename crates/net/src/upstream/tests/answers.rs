//! The table of answers: those that may be passed on, and those that may not.

use super::*;

#[derive(Debug, PartialEq)]
enum Outcome {
    Answer(u16, &'static str),
    /// No head that may be passed on.
    Error(UpstreamErrorKind),
    /// The head was fine, the body was not.
    Body(BodyError),
}
use Outcome::{Answer, Body, Error};

const INVALID: Outcome = Error(UpstreamErrorKind::Invalid);

async fn outcome(method: &str, text: &'static [u8]) -> Outcome {
    let address = crate::tests::raw_service(text).await;
    let pool = Pool::new(config(address)).unwrap();
    let request =
        Request::builder().method(method).uri("/").header("host", "api").body(Empty::<Bytes>::new()).unwrap();
    match pool.send(request, true).await {
        Err(error) => Error(error.kind),
        Ok(sent) => {
            let status = sent.response.status().as_u16();
            match read_all(sent.response.into_body()).await {
                Ok(body) => Answer(status, String::from_utf8(body.to_vec()).unwrap().leak()),
                Err(fault) => Body(fault),
            }
        }
    }
}

#[tokio::test]
async fn passes_on_what_is_well_formed() {
    for (method, text, expected) in [
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", Answer(200, "abc")),
        ("GET", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", Answer(200, "abc")),
        (
            "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n",
            Answer(200, "abc"),
        ),
        ("GET", "HTTP/1.1 200 OK\r\n\r\nabc", Answer(200, "abc")),
        ("GET", "HTTP/1.0 200 OK\r\n\r\nabc", Answer(200, "abc")),
        ("GET", "HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n", Answer(599, "")),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", Answer(200, "")),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n", Answer(204, "")),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", Answer(304, "")),
        (
            "GET",
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            Answer(200, ""),
        ),
        // Behind a whole answer nothing counts.
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\n", Answer(200, "abc")),
    ] {
        assert_eq!(outcome(method, text.as_bytes()).await, expected, "{text:?}");
    }
}

#[tokio::test]
async fn refuses_what_is_not() {
    for text in [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\0\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 600 High\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 20 Short\r\nContent-Length: 0\r\n\r\n",
        "garbage\r\n\r\n",
        "\x15\x03\x01\x00\x02",
        "<html>no head</html>",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ] {
        assert_eq!(outcome("GET", text.as_bytes()).await, INVALID, "{text:?}");
    }
    assert_eq!(outcome("GET", b"").await, Error(UpstreamErrorKind::Unreachable));
}

#[tokio::test]
async fn bounds_what_a_service_may_send_before_its_answer() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000).leak();
    let fields = format!("HTTP/1.1 200 OK\r\n{}", "A: b\r\n".repeat(100_000)).leak();
    let field = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(1 << 20)).leak();
    let line = format!("HTTP/1.1 200 {}", "b".repeat(1 << 20)).leak();
    for text in [interim, fields, field, line] {
        assert_eq!(outcome("GET", text.as_bytes()).await, INVALID);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_or_breaks_the_rules_is_an_error() {
    for (text, fault) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", BodyError::Truncated),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", BodyError::Truncated),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", BodyError::Truncated),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", BodyError::Malformed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nabc\r\n0\r\n\r\n", BodyError::Malformed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n", BodyError::Malformed),
    ] {
        assert_eq!(outcome("GET", text.as_bytes()).await, Body(fault), "{text:?}");
    }
}

/// How a service ends its connection.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Fin,
    Reset,
    TlsCloseNotify,
    /// What anybody on the way can bring about.
    TlsFin,
}

#[tokio::test]
async fn an_answer_to_the_end_of_its_connection_is_whole_when_the_service_itself_ended_it() {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\r\nabc";
    for end in [End::Fin, End::Reset, End::TlsCloseNotify, End::TlsFin] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let is_tls = matches!(end, End::TlsCloseNotify | End::TlsFin);
        let (read, is_read) = tokio::sync::oneshot::channel::<()>();
        let service = async {
            let (mut tcp, _) = listener.accept().await.unwrap();
            if !is_tls {
                read_message(&mut tcp).await;
                tcp.write_all(ANSWER).await.unwrap();
                // A reset overtakes what was not read before it.
                is_read.await.unwrap();
                if end == End::Reset {
                    socket2::SockRef::from(&tcp).set_linger(Some(Duration::ZERO)).unwrap();
                }
                return;
            }
            let tls = TlsServer::new(CERTIFICATE, KEY).unwrap();
            let mut stream = tls.accept(tcp, address.ip()).await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await.unwrap();
            stream.write_all(ANSWER).await.unwrap();
            stream.flush().await.unwrap();
            is_read.await.unwrap();
            match end {
                End::TlsCloseNotify => stream.shutdown().await.unwrap(),
                _ => stream.get_mut().0.shutdown().await.unwrap(),
            }
        };
        let scheme = if is_tls { Scheme::Https } else { Scheme::Http };
        let tls = ClientTls { roots: Some(ROOT.to_vec()), ..ClientTls::default() };
        let pool = Pool::new(UpstreamConfig { scheme, tls, ..config(address) }).unwrap();
        let client = async {
            let mut body = pool.send(get("/"), true).await.unwrap().response.into_body();
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "abc");
            read.send(()).unwrap();
            body.frame().await.map(|frame| frame.map(drop))
        };
        let ((), rest) = tokio::join!(service, client);
        let is_whole = matches!(end, End::Fin | End::TlsCloseNotify);
        assert_eq!(rest, if is_whole { None } else { Some(Err(BodyError::Truncated)) }, "{end:?}");
    }
}

#[tokio::test]
async fn waits_for_a_head_and_for_pieces_only_so_long() {
    let short = Duration::from_millis(800);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pool =
        Pool::new(UpstreamConfig { head: short, body: short, ..config(listener.local_addr().unwrap()) })
            .unwrap();
    let error = pool.send(get("/"), true).await.unwrap_err();
    assert_eq!(error.kind, UpstreamErrorKind::Timeout);
    let (_silent, _) = listener.accept().await.unwrap();
    let sending = pool.send(get("/"), true);
    let service = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_message(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await.unwrap();
        stream
    };
    let (sent, _stream) = tokio::join!(sending, service);
    assert_eq!(read_all(sent.unwrap().response.into_body()).await.unwrap_err(), BodyError::TimedOut);
}
