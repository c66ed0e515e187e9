//! What the service sees, and what the caller gets back.

use std::io::Write;

use e2e::{Gateway, Issuer, Reply, Server};

use crate::{ORDERS, Stage};

#[test]
fn the_service_sees_who_calls_and_nothing_a_caller_invented() {
    let stage = Stage::set("identity", "");
    let forged = [
        ("X-User-Id", "root"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("Forwarded", "for=10.0.0.1"),
        ("Bartizan-Subject", "root"),
        ("X-Made-Up", "1"),
        ("X-Request-Id", "mine"),
    ];
    let answer = stage.gateway.client_with(&stage.token()).send("GET", "/orders/1", &forged, b"");
    assert_eq!(answer.status, 200);
    let seen = stage.upstream.requests().pop().unwrap();
    assert_eq!(seen.header("bartizan-subject"), Some("alice"));
    assert_eq!(seen.all("bartizan-subject").len(), 1);
    assert_eq!(seen.header("bartizan-client"), Some("story"));
    assert_eq!(seen.header("x-forwarded-for"), Some("127.0.0.1"));
    for name in ["x-user-id", "forwarded", "x-made-up", "authorization"] {
        assert_eq!(seen.header(name), None, "{name}");
    }
    assert_eq!(seen.header("x-request-id").map(str::to_owned), Some(answer.request_id()));
    assert_ne!(answer.request_id(), "mine");
    assert!(seen.header("traceparent").is_some());
}

#[test]
fn an_upstream_error_is_replaced_and_carries_the_request_id() {
    let folder = e2e::folder("errors");
    let upstream = Server::start(|_| Reply {
        status: 500,
        headers: vec![
            ("Content-Type".into(), "text/html".into()),
            ("X-Powered-By".into(), "secret-stack/1".into()),
        ],
        body: b"Traceback (most recent call last): psycopg2 password=hunter2".to_vec(),
    });
    let issuer = Issuer::start();
    std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
    let gateway = Gateway::start(&folder, &Stage::file(&upstream, &issuer, ""));
    let answer = gateway.client().get("/status");
    assert_eq!(answer.status, 500);
    assert!(!answer.text().contains("Traceback") && answer.header("x-powered-by").is_none());
    assert_eq!(answer.json()["request_id"], answer.request_id().as_str());
}

#[test]
fn an_upstream_that_is_not_there_gives_502() {
    let folder = e2e::folder("unreachable");
    let port = e2e::free_port();
    let issuer = Issuer::start();
    std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
    let file = format!(
        "apis:\n  orders:\n    spec: orders.yaml\n    upstream: http://127.0.0.1:{port}\nauth:\n  bearerAuth: {{ issuer: \"{}\", audience: a }}\n",
        issuer.url
    );
    let gateway = Gateway::start(&folder, &file);
    let answer = gateway.client().get("/status");
    assert_eq!((answer.status, answer.code().as_str()), (502, "upstream_unreachable"));
}

#[test]
fn no_byte_of_a_body_is_asked_for_before_the_caller_may_call() {
    let stage = Stage::set("continue", "");
    let mut stream = std::net::TcpStream::connect(stage.gateway.address).unwrap();
    stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
    let head = "PUT /orders/1 HTTP/1.1\r\nHost: story\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\
                Expect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
}

#[test]
fn a_large_body_is_streamed_and_counted() {
    let stage = Stage::set("upload", "sizes: { body_bytes_max: 4MiB }\n");
    let body = vec![7_u8; 3 << 20];
    let answer = stage.gateway.client().send(
        "POST",
        "/upload",
        &[("Content-Type", "application/octet-stream")],
        &body,
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(stage.upstream.requests().pop().unwrap().body, body);
    let body = vec![7_u8; 5 << 20];
    let answer = stage.gateway.client().send(
        "POST",
        "/upload",
        &[("Content-Type", "application/octet-stream")],
        &body,
    );
    assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
}

#[test]
fn limits_are_announced_and_kept() {
    let stage = Stage::set("limits", "limits: [{ per: address, rate: 5/h, burst: 5 }]\n");
    let first = stage.gateway.client().get("/status");
    assert_eq!(first.status, 200);
    assert!(
        first.header("ratelimit").is_some() && first.header("ratelimit-policy").is_some(),
        "{}",
        first.head
    );
    let answers: Vec<_> = (0..6).map(|_| stage.gateway.client().get("/status")).collect();
    let last = answers.last().unwrap();
    assert_eq!(last.status, 429);
    assert!(last.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
}
