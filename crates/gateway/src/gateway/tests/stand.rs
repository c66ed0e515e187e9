//! The test stand: an upstream that tells what it saw, a gateway before it, and a client.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use model::{Record, SystemClock};
use net::upstream::{Pool, Scheme, UpstreamConfig};
use net::{Connection, HeadFault, Limits, Listener, RequestBody, ResponseBody, Shutdown, Stop};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::asker::Outside;
use crate::asker::outside::Fetching;
use crate::check::Kind;
use crate::gateway::{Gateway, Options};
use crate::pipeline::testing::{api, settings};
use crate::settings::{Api, Settings};
use crate::shared::Shared;

/// What the upstream saw of one request.
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Result<Bytes, net::BodyError>,
}

/// Answers with what it was told to, in order, and 200 with `ok` otherwise.
#[derive(Default)]
pub(super) struct Backend {
    pub(super) seen: Mutex<Vec<Seen>>,
    pub(super) answers: Mutex<VecDeque<Response<ResponseBody>>>,
}

impl net::Handler for Backend {
    fn handle(self: Arc<Self>, _: &Connection, request: Request<RequestBody>) -> net::Handling {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map(http_body_util::Collected::to_bytes);
            self.seen.lock().unwrap().push(Seen {
                method: parts.method.to_string(),
                target: parts.uri.to_string(),
                headers: parts.headers,
                body,
            });
            let told = self.answers.lock().unwrap().pop_front();
            told.unwrap_or_else(|| Response::new(ResponseBody::whole("ok")))
        })
    }

    fn refuse_head(&self, _: &Connection, fault: HeadFault) -> Response<Bytes> {
        Response::new(Bytes::from(fault.to_string()))
    }
}

impl Backend {
    /// Listens on a port of its own until the returned end is told to stop.
    pub(super) fn begin() -> (Arc<Self>, u16, Stop) {
        let backend = Arc::new(Self::default());
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), None, Limits::default()).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, shutdown) = Shutdown::channel();
        tokio::spawn(net::serve(listener, Arc::clone(&backend), shutdown));
        (backend, port, stop)
    }

    pub(super) fn will_answer(&self, status: u16, headers: &[(&'static str, &str)], body: &'static str) {
        let mut response = Response::new(ResponseBody::whole(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in headers {
            response.headers_mut().append(*name, value.parse().unwrap());
        }
        self.answers.lock().unwrap().push_back(response);
    }

    pub(super) fn last(&self) -> Seen {
        self.seen.lock().unwrap().pop().expect("the upstream saw no request")
    }

    pub(super) fn saw_nothing(&self) -> bool {
        self.seen.lock().unwrap().is_empty()
    }
}

pub(super) struct Stand {
    pub(super) gateway: Arc<Gateway>,
    pub(super) backend: Arc<Backend>,
    pub(super) settings: Settings,
    pub(super) address: SocketAddr,
    pub(super) stop: Stop,
    pub(super) serving: tokio::task::JoinHandle<std::io::Result<()>>,
    directory: PathBuf,
    client: Pool,
    _backend_stop: Stop,
}

/// An answer, read whole.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Stand {
    pub(super) async fn new(kinds: &[&'static dyn Kind], change: impl FnOnce(&mut Settings)) -> Self {
        let (backend, backend_port, backend_stop) = Backend::begin();
        let mut settings = settings(vec![api("orders", backend_port)]);
        change(&mut settings);

        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory =
            std::env::temp_dir().join(format!("bartizan-gateway-{}-{number}", std::process::id()));
        let shared = Shared::new(Arc::new(SystemClock::default()), &settings.sizes);
        let outside = Arc::new(Fetching::new(&settings, Arc::clone(&shared)));
        let answers = Arc::clone(&outside) as Arc<dyn Outside>;
        let options = Options::new(&directory);
        let gateway =
            Gateway::assemble(settings.clone(), shared, &options, kinds.to_vec(), outside, answers).unwrap();
        let limits = Limits { body: Duration::from_millis(200), ..Limits::default() };
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), None, limits).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, shutdown) = Shutdown::channel();
        let serving = {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move { gateway.serve(vec![listener], shutdown).await })
        };
        let client = Pool::new(UpstreamConfig::new(Scheme::Http, "127.0.0.1", address.port())).unwrap();
        Self {
            gateway,
            backend,
            settings,
            address,
            stop,
            serving,
            directory,
            client,
            _backend_stop: backend_stop,
        }
    }

    pub(super) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = http_body_util::Full::new(Bytes::from(body.to_owned()));
        let body = body.map_err(|never: std::convert::Infallible| -> net::BodyError { match never {} });
        let sent = self.client.send(request.body(body).unwrap(), true).await.unwrap();
        let (parts, body) = sent.response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(super) async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], "").await
    }

    /// Bytes as they are given, and what comes back until the connection ends or `enough` has come.
    pub(super) async fn raw(&self, text: &str, enough: &str) -> String {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        let mut got = Vec::new();
        while !String::from_utf8_lossy(&got).contains(enough) {
            if socket.read_buf(&mut got).await.unwrap() == 0 {
                break;
            }
        }
        String::from_utf8_lossy(&got).into_owned()
    }

    /// The record of an answer. A record is made when its flight ends, which may be a moment after the last byte.
    pub(super) async fn record(&self, answer: &Answer) -> Record {
        let id = text(&answer.headers, "x-request-id").to_owned();
        for _ in 0..12_000 {
            let gateway = Arc::clone(&self.gateway);
            let wanted = id.clone();
            let found = tokio::task::spawn_blocking(move || gateway.find_record(&wanted)).await.unwrap();
            if let Some(record) = found.unwrap() {
                return record;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no record of {id}");
    }

    pub(super) fn changed(&self, change: impl FnOnce(&mut Api)) -> Settings {
        let mut settings = self.settings.clone();
        settings.hash = "000000000002".into();
        change(&mut settings.apis[0]);
        settings
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Answer {
    pub(super) fn problem(&self) -> serde_json::Value {
        assert_eq!(text(&self.headers, "content-type"), "application/problem+json");
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn code(&self) -> String {
        self.problem()["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}
