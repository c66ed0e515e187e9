//! The room over real sockets of 127.0.0.1, port 0.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod crowd;
mod differential;
mod doors;
mod exchanges;
pub(crate) mod frames;
mod http2;
mod lifetime;
mod malformed;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body::Body;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::{
    BodyError, Connection, Handler, Handling, HeadFault, Limits, Listener, OpenConnections, RequestBody,
    ResponseBody, Shutdown, Stop, TlsServer, serve,
};

/// Nothing in a test takes longer unless it hangs.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// A handler made of a function; remembers the faults it refused.
pub(crate) struct Answering<F> {
    answer: F,
    faults: Arc<Mutex<Vec<HeadFault>>>,
}

impl<F: Fn(Request<RequestBody>) -> Handling + Send + Sync + 'static> Handler for Answering<F> {
    fn handle(self: Arc<Self>, _: &Connection, request: Request<RequestBody>) -> Handling {
        (self.answer)(request)
    }

    fn refuse_head(&self, _: &Connection, fault: HeadFault) -> Response<Bytes> {
        self.faults.lock().unwrap().push(fault);
        let mut response = Response::new(Bytes::from(format!("{}\n", fault.code().slug())));
        *response.status_mut() = StatusCode::from_u16(fault.code().status()).unwrap();
        response
    }
}

/// A listener that is being served; stops with the test.
pub(crate) struct Served {
    pub address: SocketAddr,
    pub faults: Arc<Mutex<Vec<HeadFault>>>,
    pub stop: Stop,
    pub open: OpenConnections,
    pub tally: crate::Tally,
    pub task: JoinHandle<std::io::Result<()>>,
}

/// Nothing ends because a test was not scheduled for a while; short enough to be waited for.
pub(crate) fn patient() -> Limits {
    const A_WHILE: Duration = Duration::from_secs(10);
    Limits { head: A_WHILE, idle: A_WHILE, body: A_WHILE, ..Limits::default() }
}

/// For tests of what ends by itself.
pub(crate) fn quick() -> Limits {
    Limits {
        head: Duration::from_millis(300),
        idle: Duration::from_secs(5),
        body: Duration::from_millis(300),
        ..patient()
    }
}

pub(crate) fn start<F>(limits: Limits, answer: F) -> Served
where
    F: Fn(Request<RequestBody>) -> Handling + Send + Sync + 'static,
{
    start_with("127.0.0.1:0".parse().unwrap(), limits, None, answer)
}

pub(crate) fn start_with<F>(at: SocketAddr, limits: Limits, tls: Option<TlsServer>, answer: F) -> Served
where
    F: Fn(Request<RequestBody>) -> Handling + Send + Sync + 'static,
{
    let (stop, shutdown) = Shutdown::channel();
    let faults = Arc::default();
    let listener = Listener::bind(at, tls, limits).unwrap();
    let address = listener.local_addr().unwrap();
    let open = listener.open_connections();
    let tally = listener.tally();
    let handler = Arc::new(Answering { answer, faults: Arc::clone(&faults) });
    Served { address, faults, stop, open, tally, task: tokio::spawn(serve(listener, handler, shutdown)) }
}

/// Reads a body to its end.
pub(crate) async fn read_all<B: Body<Data = Bytes>>(body: B) -> Result<Bytes, B::Error> {
    let mut body = std::pin::pin!(body);
    let mut all = BytesMut::new();
    while let Some(frame) = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await {
        if let Ok(data) = frame?.into_data() {
            all.extend_from_slice(&data);
        }
    }
    Ok(all.freeze())
}

pub(crate) fn ok(body: impl Into<Bytes>) -> Response<ResponseBody> {
    Response::new(ResponseBody::whole(body))
}

/// Says what arrived: method, target, Host and the body; 400 when the body is not whole.
pub(crate) fn describe(request: Request<RequestBody>) -> Handling {
    Box::pin(async move {
        let (parts, body) = request.into_parts();
        let host = parts.headers.get("host").map_or("-", |host| host.to_str().unwrap()).to_owned();
        match read_all(body).await {
            Ok(body) => {
                let body = String::from_utf8_lossy(&body).into_owned();
                ok(format!("{} {} host={host} body={body}\n", parts.method, parts.uri))
            }
            Err(fault) => {
                let mut response = ok(format!("{fault:?}\n"));
                *response.status_mut() = StatusCode::from_u16(fault.code().status()).unwrap();
                response
            }
        }
    })
}

/// What a raw client got, and whether the other side then closed.
#[derive(Debug)]
pub(crate) struct Got {
    pub text: String,
    pub closed: bool,
}

impl Got {
    /// Status codes of all final answers in the text, in order.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        self.text.split("HTTP/1.1 ").skip(1).filter_map(|rest| rest.get(..3)?.parse().ok()).collect()
    }
}

/// Writes, then reads until the other side closes or is silent for `quiet`.
pub(crate) async fn talk(address: SocketAddr, text: &[u8], quiet: Duration) -> Got {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(text).await;
    listen(&mut stream, quiet).await
}

pub(crate) async fn listen(stream: &mut TcpStream, quiet: Duration) -> Got {
    let mut all = Vec::new();
    let closed = loop {
        let mut piece = [0; 16 << 10];
        match tokio::time::timeout(quiet, stream.read(&mut piece)).await {
            Err(_) => break false,
            Ok(Ok(0)) | Ok(Err(_)) => break true,
            Ok(Ok(read)) => all.extend_from_slice(&piece[..read]),
        }
    };
    Got { text: String::from_utf8_lossy(&all).into_owned(), closed }
}

/// Reads one whole message whose length is stated by Content-Length or is nothing.
pub(crate) async fn read_message(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
                })
                .unwrap_or(0);
            if text.len() >= end + 4 + length {
                return text;
            }
        }
        let mut piece = [0; 4096];
        let read = tokio::time::timeout(LONG, stream.read(&mut piece)).await.unwrap().unwrap();
        assert!(read > 0, "closed within {text:?}");
        all.extend_from_slice(&piece[..read]);
    }
}

/// A service that reads one head a connection and then writes these bytes; says how many connections it had.
pub(crate) async fn raw_service(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                read_message(&mut stream).await;
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
                listen(&mut stream, LONG).await;
            });
        }
    });
    address
}

/// A body of pieces made on demand.
pub(crate) struct Pieces<F>(pub F);

impl<F: FnMut() -> Option<Bytes> + Unpin> Body for Pieces<F> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BodyError>>> {
        std::task::Poll::Ready((self.0)().map(|piece| Ok(http_body::Frame::data(piece))))
    }
}
