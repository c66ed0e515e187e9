#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod dying;
mod returning;

use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{Empty, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::tests::{LONG, read_all, read_message};
use crate::upstream::names::tests::Zone;
use crate::upstream::{Dns, Pool, RequestHead, Scheme, Sent, UpstreamConfig, UpstreamErrorKind};

const IDEMPOTENT: Terms = Terms { is_whole: true, may_repeat: true };
const ONCE: Terms = Terms { is_whole: true, may_repeat: false };

/// A service that answers every request with the same bytes and counts them.
struct Service {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    /// What it answers now; empty: it closes; [`SILENT`]: nothing, ever.
    answer: Arc<Mutex<&'static str>>,
    task: tokio::task::JoinHandle<()>,
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const SILENT: &str = "silent";
const BAD: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

impl Service {
    async fn start(answer: &'static str) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), answer).await
    }

    async fn at(address: SocketAddr, answer: &'static str) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(answer)));
        let (count, says) = (Arc::clone(&asked), Arc::clone(&answer));
        let task = tokio::spawn(async move {
            let mut serving = tokio::task::JoinSet::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (count, says) = (Arc::clone(&count), Arc::clone(&says));
                serving.spawn(async move {
                    while hears(&mut stream).await {
                        count.fetch_add(1, Ordering::SeqCst);
                        let answer = *says.lock().unwrap();
                        if answer == SILENT {
                            std::future::pending::<()>().await;
                        }
                        if answer.is_empty() || stream.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { address, asked, answer, task }
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    fn says(&self, answer: &'static str) {
        *self.answer.lock().unwrap() = answer;
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whether there is another request: a head, and the `abc` of a POST.
async fn hears(stream: &mut tokio::net::TcpStream) -> bool {
    let (mut heard, mut piece) = (Vec::new(), [0; 1024]);
    while !heard.ends_with(b"\r\n\r\n") && !heard.ends_with(b"\r\n\r\nabc") {
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => heard.extend_from_slice(&piece[..read]),
            _ => return false,
        }
    }
    // A POST's body may come behind its head.
    !heard.starts_with(b"POST")
        || heard.ends_with(b"abc")
        || stream.read(&mut piece).await.is_ok_and(|read| read > 0)
}

fn target(address: SocketAddr) -> Target {
    Target { host: address.ip().to_string(), port: address.port() }
}

fn config(addresses: &[SocketAddr]) -> ClusterConfig {
    let upstream = UpstreamConfig::new(Scheme::Http, "127.0.0.1", addresses[0].port());
    ClusterConfig { targets: addresses.iter().copied().map(target).collect(), ..ClusterConfig::new(upstream) }
}

fn cluster(config: ClusterConfig) -> Arc<Cluster> {
    Arc::new(Cluster::new(config, &Arc::default()).unwrap())
}

async fn ask<B>(cluster: &Arc<Cluster>, request: Request<B>, terms: Terms) -> Result<Sent, Undelivered>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<crate::BodyError>,
{
    let (parts, body) = request.into_parts();
    cluster.send(&RequestHead::of(&parts).unwrap(), body, terms).await.map(Sent::from)
}

fn get() -> Request<Empty<Bytes>> {
    Request::builder().uri("/").body(Empty::new()).unwrap()
}

fn post() -> Request<Full<Bytes>> {
    Request::builder().method("POST").uri("/").body(Full::new(Bytes::from_static(b"abc"))).unwrap()
}

async fn answered(cluster: &Arc<Cluster>) -> Sent {
    ask(cluster, get(), IDEMPOTENT).await.unwrap()
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(LONG, waiting).await.is_ok(), "{what} did not come");
}

/// A port at which nobody listens.
fn closed() -> SocketAddr {
    // Below those that anybody is given, and of no service that there is.
    SocketAddr::from(([127, 0, 0, 1], 1))
}

#[tokio::test]
async fn the_endpoint_with_the_fewest_requests_is_chosen() {
    let services = [Service::start(OK).await, Service::start(OK).await, Service::start(OK).await];
    let cluster = cluster(config(&services.each_ref().map(|service| service.address)));
    // As long as an answer is not read, its place is taken: nine requests are three for each.
    let mut open = Vec::new();
    for _ in 0..9 {
        open.push(answered(&cluster).await);
    }
    assert_eq!(services.each_ref().map(Service::asked), [3, 3, 3]);
    assert!(cluster.endpoint_states().iter().all(|state| state.in_flight == 3));
    drop(open);
    assert!(cluster.endpoint_states().iter().all(|state| state.in_flight == 0));
    // An answer that was read whole has given its place back.
    let sent = answered(&cluster).await;
    let address = sent.address;
    assert_eq!(read_all(sent.response.into_body()).await.unwrap(), "ok");
    assert_eq!(cluster.endpoint_states().iter().map(|state| state.in_flight).sum::<u32>(), 0, "{address}");
}

#[tokio::test]
async fn a_failing_endpoint_is_ejected_and_comes_back_and_each_time_it_stays_out_longer() {
    let (good, bad) = (Service::start(OK).await, Service::start(BAD).await);
    // Long beside what fifty answers take.
    let span = Duration::from_secs(2);
    let cluster = cluster(ClusterConfig {
        eject: Eject { failures: 3, span, at_most_per_10k: 5_000 },
        ..config(&[good.address, bad.address])
    });
    let ejected = |address| {
        let states = cluster.endpoint_states();
        states.iter().find(|state| state.address == address).unwrap().ejected_for_ms.is_some()
    };
    while !ejected(bad.address) {
        answered(&cluster).await;
    }
    assert_eq!(bad.asked(), 3);
    for _ in 0..50 {
        assert_eq!(answered(&cluster).await.response.status(), StatusCode::OK);
    }
    assert_eq!(bad.asked(), 0);
    // It returns, fails again, and is out for twice as long.
    until("its return", || !ejected(bad.address)).await;
    let mut rounds = 0;
    while !ejected(bad.address) {
        answered(&cluster).await;
        rounds += 1;
        assert!(rounds < 1_000);
    }
    let state = cluster.endpoint_states().into_iter().find(|state| state.address == bad.address).unwrap();
    assert!(state.ejected_for_ms.unwrap() > 2_000, "{state:?}");
    assert_eq!((state.ejections, state.failures), (2, 6));
    assert_eq!(state.last_failure.unwrap().0, "the service answered 502, 503 or 504");
}

#[tokio::test]
async fn the_floor_keeps_the_last_endpoints_in_and_without_a_floor_all_out_is_a_503_at_once() {
    let services = [Service::start(BAD).await, Service::start(BAD).await];
    let addresses = services.each_ref().map(|service| service.address);
    let with_floor = cluster(config(&addresses));
    for _ in 0..40 {
        assert_eq!(answered(&with_floor).await.response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    let out = with_floor.endpoint_states().iter().filter(|state| state.ejected_for_ms.is_some()).count();
    assert_eq!(out, 1);
    assert!(with_floor.counts().kept_by_floor > 0);

    let eject = Eject { failures: 1, span: Duration::from_secs(3), at_most_per_10k: 10_000 };
    let without = cluster(ClusterConfig { eject, ..config(&addresses) });
    for _ in 0..2 {
        answered(&without).await;
    }
    let refused = ask(&without, get(), IDEMPOTENT).await.unwrap_err();
    assert_eq!((refused.error.kind, refused.attempts), (UpstreamErrorKind::Unavailable, 0));
    assert!(matches!(refused.retry_after_s, Some(1..=3)), "{refused:?}");
    assert_eq!(without.counts().unavailable, 1);
    // One endpoint alone is never ejected by half.
    let single = cluster(config(&addresses[..1]));
    for _ in 0..20 {
        answered(&single).await;
    }
    assert_eq!(single.endpoint_states()[0].ejections, 0);
}

#[tokio::test]
async fn a_returned_endpoint_gets_its_share_little_by_little() {
    let services = [Service::start(OK).await, Service::start(OK).await];
    let config = config(&services.each_ref().map(|service| service.address));
    let cluster = cluster(ClusterConfig { slow_start: Some(Duration::from_secs(3600)), ..config });
    let endpoints = cluster.endpoints.load_full();
    endpoints[0].standing.ramp_from_ms.store(now_ms(), Ordering::Relaxed);
    for _ in 0..1_000 {
        read_all(answered(&cluster).await.response.into_body()).await.unwrap();
    }
    let [ramping, whole] = services.each_ref().map(Service::asked);
    // At the very beginning it is one in twenty of its half.
    assert!((1..150).contains(&ramping), "{ramping} and {whole}");
    assert!(cluster.endpoint_states()[0].ramps);
}

#[tokio::test]
async fn beyond_its_fill_requests_wait_and_beyond_that_they_are_refused_at_once() {
    let service = Service::start(OK).await;
    let config = ClusterConfig { in_flight_max: 2, pending_max: 1, ..config(&[service.address]) };
    let cluster = cluster(config);
    let open = [answered(&cluster).await, answered(&cluster).await];
    let waiting = tokio::spawn({
        let cluster = Arc::clone(&cluster);
        async move { ask(&cluster, get(), IDEMPOTENT).await.unwrap() }
    });
    until("a waiting request", || cluster.counts().pending == 1).await;
    let refused = ask(&cluster, get(), IDEMPOTENT).await.unwrap_err();
    assert_eq!((refused.error.kind, refused.retry_after_s), (UpstreamErrorKind::Overloaded, Some(1)));
    assert_eq!((refused.attempts, cluster.counts().overloaded), (0, 1));
    assert_eq!(cluster.endpoint_states()[0].in_flight, 2);
    drop(open);
    let sent = waiting.await.unwrap();
    assert_eq!(read_all(sent.response.into_body()).await.unwrap(), "ok");
    assert_eq!((cluster.counts().pending, cluster.endpoint_states()[0].in_flight), (0, 0));
}

#[tokio::test]
async fn a_request_is_tried_elsewhere_where_that_is_safe_and_the_budget_allows_it() {
    let good = Service::start(OK).await;
    let dead = closed();
    let hushed = Service::start("").await;
    // Nothing was sent to the dead one: anything may go elsewhere. The hushed one has had the request.
    for (other, terms, reached) in [
        (dead, ONCE, true),
        (dead, IDEMPOTENT, true),
        (hushed.address, IDEMPOTENT, true),
        (hushed.address, ONCE, false),
    ] {
        let cluster = cluster(config(&[good.address, other]));
        let (mut retried, mut failed) = (0, 0);
        for _ in 0..20 {
            match ask(&cluster, post(), terms).await {
                Ok(sent) => {
                    assert_eq!(sent.address, good.address);
                    retried += sent.failed.len();
                    assert_eq!(sent.attempts as usize, 1 + sent.failed.len());
                    drop(sent);
                }
                Err(undelivered) => {
                    assert_eq!(undelivered.failed.len(), 1);
                    failed += 1;
                }
            }
        }
        // Five failures in a row, then it is ejected.
        assert_eq!((retried, failed), if reached { (5, 0) } else { (0, 5) }, "{terms:?}");
        assert_eq!(good.asked(), 20 - failed);
        assert_eq!(hushed.asked(), if other == dead { 0 } else { 5 });
    }
    // Without budget, and without attempts.
    for retries in [
        Retries { budget_per_10k: 0, per_second_min: 0, ..Retries::default() },
        Retries { attempts: 0, ..Retries::default() },
    ] {
        let cluster = cluster(ClusterConfig { retries: retries.clone(), ..config(&[good.address, dead]) });
        let mut failed = 0;
        for _ in 0..20 {
            failed += usize::from(ask(&cluster, get(), IDEMPOTENT).await.is_err());
        }
        assert_eq!(failed, 5);
        assert_eq!(cluster.counts().retries, 0);
        assert_eq!(cluster.counts().retries_without_budget, if retries.attempts == 0 { 0 } else { 5 });
    }
}

#[tokio::test]
async fn probes_take_an_endpoint_out_and_bring_it_back_and_a_broken_probe_takes_nothing_away() {
    let services = [Service::start(OK).await, Service::start(OK).await];
    let health = Health {
        path: "/healthz".to_owned(),
        every: Duration::from_millis(50),
        timeout: Duration::from_secs(1),
        healthy_after: 2,
        unhealthy_after: 2,
        status: (200, 299),
    };
    let addresses = services.each_ref().map(|service| service.address);
    let cluster = cluster(ClusterConfig { health: Some(health), ..config(&addresses) });
    cluster.keep();
    let unhealthy = || cluster.endpoint_states().iter().map(|state| state.unhealthy).collect::<Vec<_>>();
    services[1].says(BAD);
    until("the second out of order", || unhealthy() == [false, true]).await;
    for _ in 0..20 {
        assert_eq!(answered(&cluster).await.address, addresses[0]);
    }
    services[1].says(OK);
    until("its return", || unhealthy() == [false, false]).await;
    // When probes speak against all, requests are the better witness.
    for service in &services {
        service.says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    }
    until("both out of order", || unhealthy() == [true, true]).await;
    assert_eq!(answered(&cluster).await.response.status(), StatusCode::NOT_FOUND);
    // Probes end with the cluster.
    let weak = Arc::downgrade(&cluster);
    drop(cluster);
    until("the end of the cluster", || weak.strong_count() == 0).await;
    let settled = async {
        loop {
            let before = services.each_ref().map(Service::asked);
            tokio::time::sleep(Duration::from_millis(200)).await;
            if before == [0, 0] && services.each_ref().map(Service::asked) == [0, 0] {
                return;
            }
        }
    };
    assert!(tokio::time::timeout(LONG, settled).await.is_ok());
}

#[tokio::test]
async fn an_unchanged_endpoint_outlives_its_cluster_with_its_connections_and_its_standing() {
    let (one, two) = (Service::start(OK).await, Service::start(OK).await);
    let known = Arc::default();
    let before = Arc::new(Cluster::new(config(&[one.address]), &known).unwrap());
    let sent = answered(&before).await;
    assert!(!sent.reused);
    read_all(sent.response.into_body()).await.unwrap();
    let open = answered(&before).await;
    assert!(open.reused);
    let after = Arc::new(Cluster::new(config(&[two.address, one.address]), &known).unwrap());
    let in_flight: Vec<_> =
        after.endpoint_states().iter().map(|state| (state.address, state.in_flight)).collect();
    assert_eq!(in_flight, [(two.address, 0), (one.address, 1)]);
    drop(before);
    // The request of before ends as it began, and gives its connection to the cluster of now.
    assert_eq!(read_all(open.response.into_body()).await.unwrap(), "ok");
    let reused = loop {
        let sent = answered(&after).await;
        if sent.address == one.address {
            break sent.reused;
        }
    };
    assert!(reused);
    // In another way it is another endpoint.
    let other = UpstreamConfig { http2: true, ..config(&[one.address]).upstream };
    let other = Cluster::new(ClusterConfig { upstream: other, ..config(&[one.address]) }, &known).unwrap();
    assert!(!Arc::ptr_eq(&other.endpoints.load()[0], &after.endpoints.load()[1]));
}

#[tokio::test]
async fn old_connections_are_closed_without_another_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config(&[listener.local_addr().unwrap()]);
    config.upstream.idle = Duration::from_millis(50);
    let cluster = cluster(config);
    let service = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_message(&mut stream).await;
        stream.write_all(OK.as_bytes()).await.unwrap();
        stream.read(&mut [0; 16]).await.unwrap()
    };
    let client = async { read_all(answered(&cluster).await.response.into_body()).await.unwrap() };
    let (end, _) = tokio::time::timeout(LONG, async { tokio::join!(service, client) }).await.unwrap();
    assert_eq!(end, 0);
}

#[tokio::test]
async fn a_name_is_followed_as_long_as_its_ttl_says_and_its_last_addresses_hold_while_it_cannot_be_resolved()
{
    let one = Service::start(OK).await;
    let two = Service::at(SocketAddr::new("127.0.0.2".parse().unwrap(), one.address.port()), OK).await;
    let zone = Zone::start(1, &["127.0.0.1"]).await;
    let mut config = config(&[one.address]);
    config.targets = vec![Target { host: "service.test".to_owned(), port: one.address.port() }];
    config.dns = Dns { server: Some(zone.address), ..Dns::default() };
    let cluster = cluster(config);
    let endpoints = || cluster.endpoint_states().iter().map(|state| state.address).collect::<Vec<_>>();
    assert_eq!(answered(&cluster).await.address, one.address);
    assert_eq!(endpoints(), [one.address]);
    let open = answered(&cluster).await;
    zone.says(&["127.0.0.1", "127.0.0.2"]);
    until("both addresses", || endpoints() == [one.address, two.address]).await;
    zone.says(&["127.0.0.2"]);
    until("the second alone", || endpoints() == [two.address]).await;
    assert_eq!(answered(&cluster).await.address, two.address);
    // What was begun at the one that vanished ends there.
    assert_eq!(read_all(open.response.into_body()).await.unwrap(), "ok");
    zone.says(&[]);
    until("a failure", || cluster.name_states()[0].failures > 0).await;
    assert_eq!(endpoints(), [two.address]);
    assert_eq!(answered(&cluster).await.address, two.address);
    assert_eq!(cluster.name_states()[0].addresses, 1);
    // A name that suddenly leads to a cloud's metadata is not followed.
    zone.says(&["169.254.169.254"]);
    let detail = || cluster.name_states()[0].error;
    until("the refusal", || detail() == Some("the host's name leads only to addresses that are refused"))
        .await;
    assert_eq!(endpoints(), [two.address]);
}
