//! Limits of the gateway file, each seen from outside: with the switch cut, the row it stands in goes otherwise.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use e2e::{Answer, Client, Gateway, Issuer, exchange};

use crate::{ORDERS, Stage};

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

fn put(client: &Client, body: &str) -> Answer {
    client.send("PUT", "/orders/1", &JSON, body.as_bytes())
}

#[test]
fn sizes_of_heads_and_bodies_are_kept() {
    let sizes = "sizes: { head_bytes_max: 2KiB, headers_max: 12, target_bytes_max: 256, body_bytes_max: 1KiB, \
                 json_depth_max: 4, json_values_max: 20 }\n";
    let stage = Stage::set("sizes", sizes);
    let client = stage.gateway.client_with(&stage.token());
    assert_eq!(put(&client, r#"{"quantity":1}"#).status, 200);
    let raw = |head: String| exchange(stage.gateway.address, head.as_bytes()).unwrap();
    let rows = [
        (client.get(&format!("/status?{}", "a".repeat(300))), 414),
        (raw(format!("GET /status HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(3000))), 431),
        (raw(format!("GET /status HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: 1\r\n".repeat(20))), 431),
        (put(&client, &format!(r#"{{"quantity":1{}}}"#, " ".repeat(2000))), 413),
        (put(&client, r#"{"quantity":[[[[[1]]]]]}"#), 400),
        (put(&client, &format!(r#"{{"quantity":[{}1]}}"#, "1,".repeat(30))), 400),
    ];
    for (number, (answer, status)) in rows.iter().enumerate() {
        assert_eq!(answer.status, *status, "row {number}: {}", answer.text());
    }
    // Without the limits these two would be well-formed, and invalid.
    for (answer, _) in &rows[4..] {
        assert_eq!(answer.code(), "body_malformed");
    }
}

/// A service that reads a request and then does as the function says with the connection.
fn service(then: impl Fn(&mut std::net::TcpStream) + Send + 'static) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            then(&mut stream);
        }
    });
    address
}

/// What both times that a service has are when nothing is said: whatever ends earlier ended by what was said.
const BY_DEFAULT: Duration = Duration::from_secs(30);

fn gateway_before(story: &str, upstream: std::net::SocketAddr, timeouts: &str) -> Gateway {
    let folder = e2e::folder(story);
    std::fs::write(folder.join("orders.yaml"), ORDERS).unwrap();
    let file = format!(
        "apis:\n  orders: {{ spec: orders.yaml, upstream: \"http://{upstream}\" }}\nauth:\n  bearerAuth: \
         {{ issuer: \"{}\", audience: a }}\n{timeouts}",
        Issuer::start().url
    );
    Gateway::start(&folder, &file)
}

#[test]
fn a_service_that_does_not_answer_is_waited_for_as_long_as_is_said() {
    let upstream = service(|_| std::thread::sleep(2 * e2e::PATIENCE));
    let gateway = gateway_before("upstream-head", upstream, "timeouts: { upstream_head: 300ms }\n");
    let begun = Instant::now();
    let answer = gateway.client().get("/status");
    assert_eq!((answer.status, answer.code().as_str()), (504, "upstream_timeout"));
    assert!(begun.elapsed() < BY_DEFAULT, "{:?}", begun.elapsed());
}

#[test]
fn an_answer_that_stalls_is_cut() {
    let upstream = service(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        std::thread::sleep(2 * e2e::PATIENCE);
    });
    let gateway = gateway_before("upstream-body", upstream, "timeouts: { upstream_body: 300ms }\n");
    let begun = Instant::now();
    let answer = exchange(gateway.address, b"GET /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.is_none_or(|answer| answer.body != b"half or more" && answer.body.len() < 10));
    assert!(begun.elapsed() < BY_DEFAULT, "{:?}", begun.elapsed());
}

#[test]
fn a_slow_head_and_a_slow_body_are_cut() {
    let timeouts = "timeouts: { head: 1s, body: 1s }\n";
    let stage = Stage::set("slow", timeouts);
    let body = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: 9\r\n\r\nhalf";
    // Beside each what it has when nothing is said.
    for (part, by_default) in [("GET /status HTTP/1.1\r\nHost: a\r\n", 10), (body, 15)] {
        let begun = Instant::now();
        let answer = exchange(stage.gateway.address, part.as_bytes());
        assert!(begun.elapsed().as_secs() < by_default, "{part}: {:?}", begun.elapsed());
        assert!(answer.is_none_or(|answer| answer.status == 408), "{part}");
    }
}
