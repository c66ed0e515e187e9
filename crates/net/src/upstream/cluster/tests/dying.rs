//! The table of deaths: an upstream that ends in each phase of a request, and what the client sees of it. Never is what
//! is not whole told as if it were.

use tokio::net::TcpStream;

use super::*;
use crate::tests::{Served, patient, start};
use crate::{BodyError, ClientTls, ResponseBody};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Reads {
    Nothing,
    /// The head and whatever comes with it.
    Head,
    /// The head and the body.
    All,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ends {
    Close,
    Reset,
    Stall,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Seen {
    /// A refusal of ours, whole.
    Refused(u16),
    /// The head passed, and the message is visibly broken.
    Broken,
    /// Whole, and rightly so.
    Whole,
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
const TABLE: &[(&str, Reads, &str, Ends, Seen)] = &[
    ("closes on accept", Reads::Nothing, "", Ends::Close, Seen::Refused(502)),
    ("resets on accept", Reads::Nothing, "", Ends::Reset, Seen::Refused(502)),
    ("closes after the request's head", Reads::Head, "", Ends::Close, Seen::Refused(502)),
    ("resets in the middle of the request's body", Reads::Head, "", Ends::Reset, Seen::Refused(502)),
    ("closes after the whole request", Reads::All, "", Ends::Close, Seen::Refused(502)),
    ("resets after the whole request", Reads::All, "", Ends::Reset, Seen::Refused(502)),
    ("is silent after the whole request", Reads::All, "", Ends::Stall, Seen::Refused(504)),
    ("closes after 100", Reads::Head, "HTTP/1.1 100 Continue\r\n\r\n", Ends::Close, Seen::Refused(502)),
    ("is silent after 100", Reads::Head, "HTTP/1.1 100 Continue\r\n\r\n", Ends::Stall, Seen::Refused(504)),
    ("closes inside the status line", Reads::All, "HTTP/1.1 20", Ends::Close, Seen::Refused(502)),
    ("closes inside the head", Reads::All, "HTTP/1.1 200 OK\r\nContent-Len", Ends::Close, Seen::Refused(502)),
    ("resets inside the head", Reads::All, "HTTP/1.1 200 OK\r\nContent-Len", Ends::Reset, Seen::Refused(502)),
    ("stops inside the head", Reads::All, "HTTP/1.1 200 OK\r\nContent-Len", Ends::Stall, Seen::Refused(504)),
    ("closes before a body with a length", Reads::All, HEAD, Ends::Close, Seen::Broken),
    (
        "closes inside a body with a length",
        Reads::All,
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        Ends::Close,
        Seen::Broken,
    ),
    (
        "resets inside a body with a length",
        Reads::All,
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        Ends::Reset,
        Seen::Broken,
    ),
    (
        "stops inside a body with a length",
        Reads::All,
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        Ends::Stall,
        Seen::Broken,
    ),
    (
        "closes inside a chunk",
        Reads::All,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nabc",
        Ends::Close,
        Seen::Broken,
    ),
    (
        "closes between two chunks",
        Reads::All,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        Ends::Close,
        Seen::Broken,
    ),
    (
        "closes inside the last chunk",
        Reads::All,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
        Ends::Close,
        Seen::Broken,
    ),
    (
        "stops between two chunks",
        Reads::All,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        Ends::Stall,
        Seen::Broken,
    ),
    (
        "resets inside a body that ends with the connection",
        Reads::All,
        "HTTP/1.1 200 OK\r\n\r\nabc",
        Ends::Reset,
        Seen::Broken,
    ),
    (
        "stops inside a body that ends with the connection",
        Reads::All,
        "HTTP/1.1 200 OK\r\n\r\nabc",
        Ends::Stall,
        Seen::Broken,
    ),
    // Without a length the end of the connection is the end of the body (RFC 9112 section 6.3): nothing else can be known.
    (
        "closes after a body that ends with the connection",
        Reads::All,
        "HTTP/1.1 200 OK\r\n\r\nabc",
        Ends::Close,
        Seen::Whole,
    ),
    ("closes after a whole body", Reads::All, OK, Ends::Close, Seen::Whole),
    ("is silent after a whole body", Reads::All, OK, Ends::Stall, Seen::Whole),
];

/// An upstream that treats every connection alike.
async fn dying(reads: Reads, says: &'static str, ends: Ends) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut stalled = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            let enough = |heard: &[u8]| match reads {
                Reads::Nothing => true,
                Reads::Head => heard.windows(4).any(|window| window == b"\r\n\r\n"),
                Reads::All => heard.ends_with(b"the last\r\n0\r\n\r\n"),
            };
            while !enough(&heard) {
                let mut piece = [0; 1024];
                match stream.read(&mut piece).await {
                    Ok(read) if read > 0 => heard.extend_from_slice(&piece[..read]),
                    _ => break,
                }
            }
            let _ = stream.write_all(says.as_bytes()).await;
            match ends {
                Ends::Stall => stalled.push(stream),
                Ends::Close => drop(stream),
                Ends::Reset => {
                    // What was said is read before the reset can overtake it.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
                }
            }
        }
    });
    (address, task)
}

fn gateway(config: ClusterConfig) -> (Served, Arc<Cluster>) {
    let cluster = cluster(config);
    let forwards = Arc::clone(&cluster);
    let served = start(patient(), move |request| {
        let cluster = Arc::clone(&forwards);
        Box::pin(async move {
            match ask(&cluster, request, Terms { is_whole: false, may_repeat: false }).await {
                Ok(sent) => sent.response.map(ResponseBody::from),
                Err(undelivered) => {
                    let mut response = crate::tests::ok("refused");
                    let code = undelivered.error.code();
                    *response.status_mut() = StatusCode::from_u16(code.status()).unwrap();
                    response
                }
            }
        })
    });
    (served, cluster)
}

/// Sends a request whose body comes in two pieces, and reads whatever comes back to the end of the connection.
async fn see(served: &Served) -> Seen {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nthe first\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(b"8\r\nthe last\r\n0\r\n\r\n").await;
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    let was_reset = loop {
        match tokio::time::timeout(LONG, stream.read(&mut piece)).await.unwrap() {
            Ok(0) => break false,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
            Err(_) => break true,
        }
    };
    let text = String::from_utf8(bytes).unwrap();
    let status: u16 = text.split(' ').nth(1).unwrap_or_default().parse().unwrap_or(0);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let is_whole = match length {
        Some(length) => body.len() == length.parse::<usize>().unwrap(),
        None => body.ends_with("0\r\n\r\n"),
    };
    match (status, is_whole && !was_reset) {
        (200, true) => Seen::Whole,
        (200, false) => Seen::Broken,
        // The head waits for the first piece of its body, and went with it.
        _ if text.is_empty() => Seen::Broken,
        (status, true) => Seen::Refused(status),
        _ => panic!("{text:?}"),
    }
}

#[tokio::test]
async fn whatever_the_phase_in_which_an_upstream_dies_the_client_knows_what_it_has() {
    for (what, reads, says, ends, seen) in TABLE {
        let (address, task) = dying(*reads, says, *ends).await;
        let mut config = config(&[address]);
        (config.upstream.head, config.upstream.body) =
            (Duration::from_millis(800), Duration::from_millis(800));
        let (served, cluster) = gateway(config);
        assert_eq!(see(&served).await, *seen, "an upstream that {what}");
        let failed = cluster.endpoint_states()[0].failures;
        assert_eq!(failed > 0, *seen != Seen::Whole, "an upstream that {what}");
        until("the end of the request", || cluster.endpoint_states()[0].in_flight == 0).await;
        task.abort();
    }
}

/// The client's side of HTTP/2 is our own, so this is an upstream of HTTP/2 that breaks off, too.
#[tokio::test]
async fn over_http_2_a_broken_answer_is_a_reset_stream_and_never_a_whole_one() {
    for (what, reads, says, ends, seen) in TABLE.iter().filter(|row| !matches!(row.4, Seen::Refused(_))) {
        let (address, task) = dying(*reads, says, *ends).await;
        let mut config = config(&[address]);
        config.upstream.body = Duration::from_millis(800);
        let (served, _) = gateway(config);
        let http2 = UpstreamConfig {
            http2: true,
            ..UpstreamConfig::new(Scheme::Http, "127.0.0.1", served.address.port())
        };
        let body = Told(vec!["the last", "the first"]);
        let request = Request::builder().method("POST").uri("/").body(body).unwrap();
        let got = match Pool::new(http2).unwrap().send(request, false).await {
            Ok(sent) => read_all(sent.response.into_body()).await.is_ok(),
            Err(_) => false,
        };
        assert_eq!(got, *seen == Seen::Whole, "an upstream that {what}");
        task.abort();
    }
}

#[tokio::test]
async fn an_upstream_that_refuses_connections_or_dies_in_the_tls_handshake_is_a_502() {
    let (served, _) = gateway(config(&[closed()]));
    assert_eq!(see(&served).await, Seen::Refused(502));
    for ends in [Ends::Close, Ends::Reset, Ends::Stall] {
        let (address, task) = dying(Reads::Nothing, "", ends).await;
        let mut config = config(&[address]);
        config.upstream.scheme = Scheme::Https;
        config.upstream.connect = Duration::from_millis(800);
        let root = include_bytes!("../../../../fixtures/tls/root.pem").to_vec();
        config.upstream.tls = ClientTls { roots: Some(root), ..ClientTls::default() };
        let (served, _) = gateway(config);
        assert_eq!(see(&served).await, Seen::Refused(if ends == Ends::Stall { 504 } else { 502 }));
        task.abort();
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_speaks_against_its_endpoint_and_a_client_that_fails_does_not() {
    let (address, _task) = dying(Reads::All, HEAD, Ends::Close).await;
    let cluster = cluster(config(&[address]));
    let body = Told(vec!["the last", "the first"]);
    let request = Request::builder().method("PUT").uri("/").body(body).unwrap();
    let sent = ask(&cluster, request, Terms { is_whole: false, may_repeat: true }).await.unwrap();
    assert_eq!(read_all(sent.response.into_body()).await.unwrap_err(), BodyError::Truncated);
    assert_eq!(cluster.endpoint_states()[0].last_failure.unwrap().0, "the answer's body broke off");
    let before = cluster.endpoint_states()[0].failures;
    let body = Told(vec!["!", "the first"]);
    let request = Request::builder().method("PUT").uri("/").body(body).unwrap();
    let error = ask(&cluster, request, Terms { is_whole: false, may_repeat: true }).await.unwrap_err().error;
    assert!(matches!(error.kind, UpstreamErrorKind::RequestBody(_)));
    assert_eq!(cluster.endpoint_states()[0].failures, before);
}

/// Pieces from the last to the first; `!` is a fault.
struct Told(Vec<&'static str>);

impl http_body::Body for Told {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BodyError>>> {
        std::task::Poll::Ready(self.0.pop().map(|piece| match piece {
            "!" => Err(BodyError::Malformed),
            piece => Ok(http_body::Frame::data(Bytes::from(piece))),
        }))
    }
}
