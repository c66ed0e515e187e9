//! HTTP/2 towards clients: the same rules for heads, and limits on what a client may make us do.

use std::future::poll_fn;

use http::Version;
use http_body_util::{BodyExt, Empty, Full};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::*;

async fn connect<B>(address: SocketAddr) -> SendRequest<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync,
{
    let stream = TcpStream::connect(address).await.unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(uri: &str) -> http::request::Builder {
    Request::builder().uri(uri).version(Version::HTTP_2)
}

#[tokio::test]
async fn a_request_has_the_form_that_http_1_has() {
    let served = start(patient(), |request| {
        let cookies: Vec<_> = request
            .headers()
            .get_all("cookie")
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        assert_eq!(request.headers().get_all("host").iter().count(), 1);
        if request.uri().path() == "/cookies" {
            return Box::pin(async move { ok(cookies.join("|")) });
        }
        describe(request)
    });
    let mut sender = connect(served.address).await;
    let mut said = async |request: Request<Full<Bytes>>| {
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status(), 200);
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    };
    let body = request("http://x:1/p?q").method("POST").body(Full::from("abc")).unwrap();
    assert_eq!(said(body).await, "POST /p?q host=x:1 body=abc\n");
    let same = request("http://x/").header("host", "X").body(Full::default()).unwrap();
    assert_eq!(said(same).await, "GET / host=X body=\n");
    let crumbs = request("http://x/cookies").header("cookie", "a=1").header("cookie", "b=2");
    assert_eq!(said(crumbs.body(Full::default()).unwrap()).await, "a=1; b=2");
    let spaces = request("http://x/cookies").header("cookie", " \ta=1 \t");
    assert_eq!(said(spaces.body(Full::default()).unwrap()).await, "a=1");
}

#[tokio::test]
async fn refuses_heads_that_http_1_refuses() {
    let served = start(Limits { headers_max: 10, target_bytes_max: 100, ..patient() }, describe);
    let mut sender = connect(served.address).await;
    let long = format!("http://x/{}", "a".repeat(100));
    for (builder, status, fault) in [
        (request("http://x/").header("host", "y"), 400, HeadFault::HostMismatch),
        (request("http://x/").header("host", "x").header("host", "x"), 400, HeadFault::HostRepeated),
        (request("http://a@x/"), 400, HeadFault::HostInvalid),
        (request("https://x/"), 400, HeadFault::SchemeMismatch),
        (request("ftp://x/"), 400, HeadFault::Target),
        (request("http://x/").header("expect", "200-ok"), 400, HeadFault::Expectation),
        (
            request("http://x/").header("expect", "100-continue").header("expect", "100-continue"),
            400,
            HeadFault::Expectation,
        ),
        (request(&long), 414, HeadFault::TargetTooLong),
        (
            (0..11).fold(request("http://x/"), |request, _| request.header("a", "b")),
            431,
            HeadFault::HeadersTooMany,
        ),
    ] {
        let response = sender.send_request(builder.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{fault:?}");
        assert_eq!(served.faults.lock().unwrap().pop(), Some(fault));
    }
    // The connection is as good as before.
    let fine = request("http://x/").body(Empty::<Bytes>::new()).unwrap();
    assert_eq!(sender.send_request(fine).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_header_list_beyond_the_limit_never_reaches_the_handler() {
    let served = start(Limits { head_bytes_max: 4096, ..patient() }, describe);
    let mut sender = connect(served.address).await;
    let large = request("http://x/").header("a", "b".repeat(8000)).body(Empty::<Bytes>::new()).unwrap();
    let outcome = sender.send_request(large).await;
    assert!(outcome.is_err() || outcome.is_ok_and(|response| response.status() == 431));
}

#[tokio::test]
async fn an_answer_without_the_body_reaches_the_client() {
    let served = start(patient(), |_| Box::pin(async { ok("early") }));
    let mut sender = connect(served.address).await;
    let body = Pieces(|| Some(Bytes::from_static(&[b'a'; 16 << 10])));
    let response =
        sender.send_request(request("http://x/").method("POST").body(body).unwrap()).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "early");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408_and_head_has_no_body() {
    let served = start(patient(), describe);
    let mut sender = connect(served.address).await;
    let (never, body) = tokio::sync::oneshot::channel::<()>();
    let waiting = Waiting(body);
    let response =
        sender.send_request(request("http://x/").method("POST").body(waiting).unwrap()).await.unwrap();
    assert_eq!(response.status(), 408);
    drop(never);
    let mut sender = connect(served.address).await;
    let head = request("http://x/").method("HEAD").body(Empty::<Bytes>::new()).unwrap();
    let response = sender.send_request(head).await.unwrap();
    assert_eq!(response.headers()["content-length"], "20");
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
}

/// What nobody reads of them is given back to the connection's window, or the client could send nothing more.
#[tokio::test]
async fn bodies_behind_refused_requests_use_up_nothing() {
    let served = start(patient(), |request| {
        if request.uri().path() == "/read" {
            return describe(request);
        }
        Box::pin(async { ok("refused") })
    });
    let stream = TcpStream::connect(served.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    // Twice the connection's window.
    for number in 0..40 {
        let post = request("http://x/").method("POST").body(()).unwrap();
        let (response, mut body) = client.send_request(post, false).unwrap();
        body.reserve_capacity(50_000);
        let granted = poll_fn(|context| body.poll_capacity(context));
        let granted =
            tokio::time::timeout(LONG, granted).await.unwrap_or_else(|_| panic!("no window for {number}"));
        if let Some(Ok(bytes)) = granted {
            // The answer, and with it the end of the stream, may have come first.
            let _ = body.send_data(Bytes::from(vec![b'a'; bytes.min(50_000)]), true);
        }
        assert_eq!(response.await.unwrap().status(), 200);
        client = client.ready().await.unwrap();
    }
    let post = request("http://x/read").method("POST").body(()).unwrap();
    let (response, mut body) = client.send_request(post, false).unwrap();
    body.send_data(Bytes::from_static(b"abc"), true).unwrap();
    let mut answer = tokio::time::timeout(LONG, response).await.unwrap().unwrap();
    let said = answer.body_mut().data().await.unwrap().unwrap();
    assert_eq!(said, "POST /read host=x body=abc\n");
}

/// RFC 9110 section 10.1.1: a client that waits for it may send nothing before.
#[tokio::test]
async fn sends_100_continue_when_the_body_is_asked_for_and_not_before() {
    let served = start(patient(), |request| {
        if request.uri().path() == "/early" {
            return Box::pin(async { ok("early") });
        }
        describe(request)
    });
    let stream = TcpStream::connect(served.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    for (path, is_asked) in [("/", true), ("/early", false)] {
        let post = request(&format!("http://x{path}")).method("POST").header("expect", "100-Continue");
        let (mut response, mut body) = client.send_request(post.body(()).unwrap(), false).unwrap();
        let interim = poll_fn(|context| response.poll_informational(context)).await;
        assert_eq!(interim.map(|interim| interim.unwrap().status().as_u16()), is_asked.then_some(100));
        if is_asked {
            body.send_data(Bytes::from_static(b"abc"), true).unwrap();
        }
        let mut answer = response.await.unwrap();
        assert_eq!(answer.status(), 200);
        let said = answer.body_mut().data().await.unwrap().unwrap();
        assert_eq!(said, if is_asked { "POST / host=x body=abc\n" } else { "early" });
    }
}

/// A body that never has a piece.
struct Waiting(tokio::sync::oneshot::Receiver<()>);

impl Body for Waiting {
    type Data = Bytes;
    type Error = BodyError;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.0).poll(context).map(|_| None)
    }
}

#[tokio::test]
async fn a_request_of_length_0_is_handled_when_it_has_ended_and_not_before() {
    static HANDLED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let handled = || HANDLED.load(std::sync::atomic::Ordering::SeqCst);
    let served = start(patient(), |request| {
        HANDLED.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        describe(request)
    });
    let stream = TcpStream::connect(served.address).await.unwrap();
    let (client, mut connection) = h2::client::handshake(stream).await.unwrap();
    let mut ping = connection.ping_pong().unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    for (data, answered) in [("smuggled", 0), ("", 1)] {
        let empty = request("http://x/").method("POST").header("content-length", "0").body(()).unwrap();
        let (response, mut body) = client.send_request(empty, false).unwrap();
        // The head has long been read when the data comes.
        ping.ping(h2::Ping::opaque()).await.unwrap();
        ping.ping(h2::Ping::opaque()).await.unwrap();
        assert_eq!(handled(), 0);
        body.send_data(Bytes::from_static(data.as_bytes()), true).unwrap();
        assert_eq!((response.await.is_ok(), handled()), (answered == 1, answered), "{data}");
    }
}

#[tokio::test]
async fn a_request_of_length_0_that_does_not_end_is_refused_in_time() {
    static HANDLED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let served = start(patient(), |request| {
        HANDLED.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        describe(request)
    });
    let stream = TcpStream::connect(served.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let empty = request("http://x/").method("POST").header("content-length", "0").body(()).unwrap();
    let (response, _open) = client.send_request(empty, false).unwrap();
    assert_eq!(response.await.unwrap().status(), HeadFault::Unended.code().status());
    assert_eq!(
        (HeadFault::Unended.code().status(), HANDLED.load(std::sync::atomic::Ordering::SeqCst)),
        (408, 0)
    );
}

#[tokio::test]
async fn bounds_the_streams_of_a_client_and_ends_rapid_resets() {
    let served = start(patient(), |_| Box::pin(std::future::pending()));
    let stream = TcpStream::connect(served.address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let ended = async {
        for _ in 0..20_000 {
            client = match client.ready().await {
                Ok(client) => client,
                Err(_) => return true,
            };
            assert!(client.current_max_send_streams() > 0);
            let request = Request::builder().uri("http://x/").body(()).unwrap();
            let Ok((_answer, mut body)) = client.send_request(request, false) else { return true };
            // The head goes out before the reset.
            tokio::task::yield_now().await;
            body.send_reset(h2::Reason::CANCEL);
        }
        false
    };
    assert!(tokio::time::timeout(LONG, ended).await.unwrap(), "20000 resets were let pass");
    assert!(tokio::time::timeout(LONG, connection).await.unwrap().unwrap().is_err());

    let stream = TcpStream::connect(served.address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    // The server's settings come with its answer to our own.
    let (_pending, _) =
        client.send_request(Request::builder().uri("http://x/").body(()).unwrap(), true).unwrap();
    let settled = async {
        while client.current_max_send_streams() != 128 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, settled).await.unwrap();
}

#[tokio::test]
async fn an_idle_connection_and_one_that_takes_nothing_are_ended() {
    let limits = Limits { idle: Duration::from_millis(200), ..patient() };
    let served = start(limits, |_| {
        Box::pin(async {
            Response::new(ResponseBody::boxed(Pieces(|| Some(Bytes::from_static(&[b'a'; 16 << 10])))))
        })
    });
    let idle = TcpStream::connect(served.address).await.unwrap();
    let (_sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(idle))
            .await
            .unwrap();
    tokio::time::timeout(LONG, connection).await.unwrap().unwrap();

    let mut sender = connect(served.address).await;
    let response =
        sender.send_request(request("http://x/").body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
    // The window is full and stays full; the connection goes all the same.
    tokio::time::timeout(LONG, async {
        while !sender.is_closed() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    drop(response);
}
