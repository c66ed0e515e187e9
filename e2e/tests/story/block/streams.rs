//! What was under way when its caller was blocked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use e2e::{Gateway, eventually};

use super::text;

/// A service that begins an endless answer and says something now and then, or nothing at all.
fn endless(talks: bool) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n7\r\ndata: \n\r\n");
                while talks && stream.write_all(b"7\r\ndata: \n\r\n").is_ok() {
                    std::thread::sleep(Duration::from_millis(20));
                }
                std::thread::sleep(3 * e2e::PATIENCE);
            });
        }
    });
    address
}

#[test]
fn an_answer_that_lasts_ends_when_its_caller_is_blocked() {
    for talks in [true, false] {
        let folder = e2e::folder(&format!("block-stream-{talks}"));
        std::fs::write(
            folder.join("orders.yaml"),
            super::DESCRIPTION.replace("security: [{ partnerKey: [] }]", "security: []"),
        )
        .unwrap();
        let file = format!(
            "apis:\n  orders:\n    spec: orders.yaml\n    upstream: http://{}\nauth:\n  bearerAuth:\n    issuer: \
             https://login.example/\n    audience: a\n",
            endless(talks)
        );
        let gateway = Gateway::start(&folder, &file);
        let mut stream = TcpStream::connect(gateway.address).unwrap();
        stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
        stream.write_all(b"GET /status HTTP/1.1\r\nHost: story\r\n\r\n").unwrap();
        let mut bytes = vec![0; 64 << 10];
        let mut seen = String::new();
        while !seen.contains("data:") {
            let count = stream.read(&mut bytes).unwrap();
            assert!(count > 0, "{seen}");
            seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        assert!(seen.starts_with("HTTP/1.1 200"), "{seen}");
        let block = ["block", "--address", "127.0.0.1", "--wide", "--reason", "r", "--for", "1h"];
        let output = gateway.verb(&block);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        let rest = e2e::until_ended(&mut stream);
        assert!(!rest.ends_with(b"0\r\n\r\n"), "an answer that was cut off does not look whole");
        let id = seen.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap().trim().to_owned();
        eventually("the record names the block", || {
            let said = text(&gateway.verb(&["explain", "--request-id", &id]));
            said.contains("cut off while it lasted: block b-")
        });
    }
}
