//! Floods of connections, heads, bodies and readers over HTTP/1.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use e2e::attack::corpus;
use e2e::{Reply, Server};

use super::{Siege, ended, many};
use crate::attack_corpus::{gateway, honest};

fn open(address: SocketAddr, count: usize, text: &str) -> Vec<TcpStream> {
    let open_one = |_| {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.write_all(text.as_bytes()).ok()?;
        Some(stream)
    };
    (0..count).filter_map(open_one).collect()
}

/// Slowloris (Hansen, 2009).
#[test]
fn two_thousand_partial_heads_are_ended_in_time() {
    let count = if super::slow() { 8000 } else { 2000 };
    let siege = Siege::of("flood-slowloris", "", "").holding(count);
    let (opened, gone) = siege.withstand(95, || {
        let start = Instant::now();
        let mut streams = open(siege.address(), count, "GET /status HTTP/1.1\r\nHost: a\r\nX-A: b");
        // A byte now and then does not prolong it: the time is for the head as a whole.
        while start.elapsed() < Duration::from_millis(1500) {
            for stream in &mut streams {
                let _ = stream.write_all(b"b");
            }
        }
        let gone = ended(&mut streams, count);
        (streams.len(), gone)
    });
    assert_eq!((opened, gone), (count, count), "opened, and ended by the gateway");
    let cut = siege.upstream.log.since(0).iter().filter(|entry| !entry.shape.contains("honest")).count();
    assert_eq!(cut, 0, "a partial head reached the service");
}

/// R.U.D.Y.: bodies that never come.
#[test]
fn bodies_that_trickle_are_ended_in_time() {
    let siege = Siege::of("flood-trickle", "", "");
    let count = many(200);
    let gone = siege.withstand(95, || {
        let head = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n\
                    Content-Length: 1000000\r\n\r\n";
        let mut streams = open(siege.address(), count, head);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            for stream in &mut streams {
                let _ = stream.write_all(b"b");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        ended(&mut streams, count)
    });
    assert_eq!(gone, count);
    let whole = siege.upstream.log.since(0).iter().filter(|entry| entry.shape.starts_with("POST")).count();
    assert_eq!(whole, 0, "half a body was taken for a whole one");
}

/// Clients that ask for much and take nothing.
#[test]
fn readers_that_read_nothing_hold_little_and_are_ended() {
    let folder = e2e::folder("flood-readers");
    let body = vec![b'a'; 8 << 20];
    let upstream = Server::start(move |request| Reply {
        status: 200,
        headers: vec![("Content-Type".into(), "text/plain".into())],
        body: match request.target().split_once("tag=") {
            Some((_, tag)) => format!("{{\"tag\":\"{tag}\"}}").into_bytes(),
            None => body.clone(),
        },
    });
    let text = format!("{}sizes: {{ connections_per_address_max: 100000 }}\n", super::TIGHT);
    let gateway = gateway(&folder, upstream.address, &text);
    let before = super::resident_kib(gateway.process());
    let mut streams = open(
        gateway.address,
        if super::slow() { 80 } else { 40 },
        "GET /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    let (start, mut peak) = (Instant::now(), before);
    while start.elapsed() < Duration::from_secs(3) {
        honest(gateway.address, "/status").unwrap();
        peak = peak.max(super::resident_kib(gateway.process()));
    }
    assert!(
        peak - before < super::GROWTH_KIB_MAX,
        "{} KiB more for {} readers",
        peak - before,
        streams.len()
    );
    let ended = || {
        let metrics = gateway.metrics();
        let line = "bartizan_connections_ended_total{reason=\"slow_reader\"} ";
        let count = metrics.lines().find_map(|one| one.strip_prefix(line)?.parse::<usize>().ok());
        count.unwrap_or_default()
    };
    e2e::eventually("most of them are ended", || ended() * 2 > streams.len());
    // Whoever reads at last finds the answer cut off, or all of it: never an end in the middle that looks like one.
    let mut cut = 0;
    for stream in &mut streams {
        stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
        let mut got = Vec::new();
        let ended = stream.read_to_end(&mut got);
        let whole = got.len() > 8 << 20;
        assert!(whole || ended.is_err() || got.len() < 8 << 20, "{}", corpus::show(&got));
        cut += usize::from(!whole);
    }
    assert!(cut * 2 > streams.len(), "only {cut} of {} slow readers were ended", streams.len());
}

#[test]
fn idle_connections_beyond_the_cap_give_way_to_newcomers() {
    let siege = Siege::of("flood-connections", ", connections_max: 100", "");
    siege.withstand(90, || {
        let streams = open(siege.address(), many(400), "");
        std::thread::sleep(Duration::from_secs(2));
        drop(streams);
    });
}

#[test]
fn connections_that_come_and_go_leave_nothing_behind() {
    let siege = Siege::of("flood-churn", "", "");
    siege.withstand(95, || {
        for _ in 0..many(40) {
            drop(open(siege.address(), 50, "GET /status HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
    });
}

#[test]
fn requests_beyond_a_limit_cost_the_service_nothing() {
    let limits = "limits: [{ per: address, rate: 20/min, burst: 20, operations: [search] }]\n";
    let siege = Siege::of("flood-requests", "", limits);
    let (count, start) = (many(4000), Instant::now());
    let refused = siege.withstand(98, || {
        let batch = "GET /search?q=a HTTP/1.1\r\nHost: a\r\n\r\n".repeat(200);
        let mut refused = 0;
        for _ in 0..count / 200 {
            let mut streams = open(siege.address(), 1, &batch);
            let stream = streams.first_mut().unwrap();
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut got = Vec::new();
            let _ = stream.read_to_end(&mut got);
            refused += String::from_utf8_lossy(&got).matches("HTTP/1.1 429 ").count();
        }
        refused
    });
    let seen = siege.upstream.log.since(0).iter().filter(|entry| entry.shape.contains("/search")).count();
    let allowed = 21 + usize::try_from(start.elapsed().as_secs()).unwrap() / 3;
    let fine = (20..=allowed).contains(&seen) && refused + seen == count;
    assert!(fine, "{seen} forwarded of {allowed} that were allowed, {refused} refused");
}

/// Fields without end on many connections at once.
#[test]
fn heads_without_end_are_ended_early() {
    let siege = Siege::of("flood-heads", "", "");
    siege.withstand(95, || {
        let endless = format!("GET /status HTTP/1.1\r\nHost: a\r\nX-A: {}", "b".repeat(1 << 20));
        for _ in 0..many(10) {
            let mut streams: Vec<TcpStream> =
                (0..10).map(|_| TcpStream::connect(siege.address()).unwrap()).collect();
            for stream in &mut streams {
                stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
                let _ = stream.write_all(endless.as_bytes());
            }
            assert_eq!(ended(&mut streams, 10), 10);
        }
    });
}

/// The cap by address: whoever holds too many connections keeps others of the same address out, and nobody else.
#[test]
fn one_address_cannot_take_the_places_of_others() {
    let folder = e2e::folder("flood-address");
    let upstream = e2e::attack::Recorder::start();
    let text = "timeouts: { head: 5min }\nlisten: { address: \"127.0.0.1:0\", proxy_protocol: true, trusted_proxies: [127.0.0.0/8] }\n\
         sizes: { connections_per_address_max: 10, connections_max: 500 }\n";
    let gateway = gateway(&folder, upstream.address, text);
    let request = "GET /status?tag=x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let from = |address: &str| format!("PROXY TCP4 {address} 127.0.0.1 1000 80\r\n");
    let mut held = open(gateway.address, 200, &from("192.0.2.1"));
    let gone = ended(&mut held, 190);
    assert!(gone >= 190, "only {gone} of 200 connections of one address were ended");
    for last in 2..50 {
        let text = from(&format!("192.0.2.{last}")) + request;
        let got = e2e::exchange(gateway.address, text.as_bytes()).unwrap();
        assert_eq!(got.status, 200, "192.0.2.{last}: {}", got.head);
    }
    let seen = upstream.log.since(0);
    assert!(seen.iter().any(|entry| entry.headers.contains(&("x-forwarded-for".into(), "192.0.2.7".into()))));
}
