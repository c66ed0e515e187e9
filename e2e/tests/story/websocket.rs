//! WebSockets through the gateway: opt-in, handshaken strictly on both sides, and ended when they must be.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Instant;

use e2e::{Answer, Gateway, Issuer, eventually};

const DESCRIPTION: &str = r#"openapi: 3.1.0
info: { title: Chat, version: "1" }
security: [{ bearerAuth: [] }]
paths:
  /open:
    get:
      operationId: open
      security: []
      x-bartizan: { websocket: { origins: ["https://app.example.com"], idle_s: 1 } }
      responses: { "101": { description: Switched } }
  /chat:
    get:
      operationId: chat
      x-bartizan: { websocket: true }
      responses: { "101": { description: Switched } }
  /plain:
    get: { operationId: plain, security: [], responses: { "200": { description: Fine } } }
components:
  securitySchemes:
    bearerAuth: { type: http, scheme: bearer }
"#;

const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Answers every head with these bytes, and sends back in capitals whatever comes then.
fn service(answer: &'static str) -> (SocketAddr, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, heads) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let _ = sender.send(read_head(&mut stream));
                let _ = stream.write_all(answer.as_bytes());
                let mut piece = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut piece) {
                    let _ = stream.write_all(&piece[..count].to_ascii_uppercase());
                }
            });
        }
    });
    (address, heads)
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn agreed() -> &'static str {
    Box::leak(
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {ACCEPT}\r\nServer: secret/1.0\r\n\r\nhello"
        )
        .into_boxed_str(),
    )
}

fn start(folder: &Path, upstream: SocketAddr, issuer: &Issuer, extra: &str) -> Gateway {
    std::fs::write(folder.join("chat.yaml"), DESCRIPTION).unwrap();
    let file = format!(
        "apis:\n  chat:\n    spec: chat.yaml\n    upstream: http://{upstream}\nauth:\n  bearerAuth:\n    issuer: {}\n    \
         audience: chat\n{extra}",
        issuer.url
    );
    Gateway::start(folder, &file)
}

const HANDSHAKE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn open(gateway: &Gateway, path: &str, fields: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(gateway.address).unwrap();
    stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: chat.example.com\r\n{fields}\r\n").as_bytes())
        .unwrap();
    let head = read_head(&mut stream);
    (stream, head)
}

fn exactly(stream: &mut TcpStream, text: &str) {
    let mut bytes = vec![0; text.len()];
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), text);
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

fn record(gateway: &Gateway, head: &str) -> serde_json::Value {
    let answer = Answer { status: 0, head: head.to_owned(), body: Vec::new() };
    let id = answer.request_id();
    let folder = gateway.file.parent().unwrap().join("state/records");
    let mut found = None;
    eventually("the tunnel is recorded", || {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let all: String = files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
        let line = all.lines().find(|line| line.contains(&id)).map(str::to_owned);
        found = line.and_then(|line| serde_json::from_str(&line).ok());
        found.is_some()
    });
    found.unwrap()
}

#[test]
fn a_websocket_passes_both_ways_and_is_recorded_at_its_end() {
    let folder = e2e::folder("websocket");
    let issuer = Issuer::start();
    let (upstream, heads) = service(agreed());
    let gateway = start(&folder, upstream, &issuer, "");
    let token = issuer.token("alice", "chat", "chat.use");
    let (mut stream, head) =
        open(&gateway, "/chat", &format!("{HANDSHAKE}Authorization: Bearer {token}\r\n"));
    assert_eq!(status(&head), 101, "{head}");
    let lower = head.to_ascii_lowercase();
    for part in ["upgrade: websocket", "connection: upgrade", &ACCEPT.to_ascii_lowercase()] {
        assert!(lower.contains(part), "{part}: {head}");
    }
    assert!(!lower.contains("secret/1.0"), "{head}");
    let seen = heads.recv_timeout(e2e::PATIENCE).unwrap().to_ascii_lowercase();
    for part in [
        "connection: upgrade\r\n",
        "upgrade: websocket\r\n",
        "sec-websocket-version: 13",
        "bartizan-subject: alice",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    assert!(!seen.contains("authorization"), "{seen}");
    exactly(&mut stream, "hello");
    stream.write_all(b"one").unwrap();
    exactly(&mut stream, "ONE");
    // Much more than any buffer, while the other side sends as much back.
    let mut writer = stream.try_clone().unwrap();
    let writing = std::thread::spawn(move || writer.write_all(&vec![b'x'; 4 << 20]).unwrap());
    exactly(&mut stream, &"X".repeat(4 << 20));
    writing.join().unwrap();
    drop(stream);
    let record = record(&gateway, &head);
    assert_eq!(record["status"], 101, "{record}");
    assert_eq!(record["outcome"], "allowed", "{record}");
    assert_eq!(record["request_bytes"], 3 + (4 << 20), "{record}");
    assert!(record["response_bytes"].as_u64().unwrap() >= 8 + (4 << 20), "{record}");
}

#[test]
fn nothing_but_an_agreed_websocket_of_a_declared_operation_is_tunnelled() {
    let folder = e2e::folder("websocket-not");
    let issuer = Issuer::start();
    let (upstream, heads) = service(agreed());
    let gateway = start(&folder, upstream, &issuer, "");
    let token = format!("Authorization: Bearer {}\r\n", issuer.token("alice", "chat", "chat.use"));
    for (what, path, fields, expected) in [
        ("no token", "/chat", HANDSHAKE.to_owned(), 401),
        ("no handshake", "/open", String::new(), 400),
        ("another protocol", "/open", HANDSHAKE.replace("websocket\r\n", "h2c\r\n"), 501),
        ("two protocols", "/open", HANDSHAKE.replace("websocket\r\n", "websocket, h2c\r\n"), 501),
        ("another version", "/open", HANDSHAKE.replace(": 13", ": 8"), 400),
        ("a short key", "/open", HANDSHAKE.replace("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="), 400),
        ("another page", "/open", format!("{HANDSHAKE}Origin: https://evil.example.com\r\n"), 403),
        (
            "a page, and none is listed",
            "/chat",
            format!("{HANDSHAKE}{token}Origin: https://evil.example.com\r\n"),
            403,
        ),
    ] {
        let (_, head) = open(&gateway, path, &fields);
        assert_eq!(status(&head), expected, "{what}: {head}");
    }
    assert!(heads.try_recv().is_err(), "nothing of this reached the service");
    for origin in ["https://app.example.com", "http://chat.example.com"] {
        let (_, head) = open(&gateway, "/open", &format!("{HANDSHAKE}Origin: {origin}\r\n"));
        assert_eq!(status(&head), 101, "{origin}: {head}");
        let _ = heads.recv_timeout(e2e::PATIENCE).unwrap();
    }
    // Where it is not declared the offer does not pass, and a service that switches anyway is not believed.
    let (_, head) = open(&gateway, "/plain", HANDSHAKE);
    assert_eq!(status(&head), 502, "{head}");
    let seen = heads.recv_timeout(e2e::PATIENCE).unwrap().to_ascii_lowercase();
    assert!(!seen.contains("upgrade"), "{seen}");
}

#[test]
fn a_service_that_agrees_to_something_else_is_not_believed() {
    for (name, answer) in [
        (
            "accept",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
        ),
        (
            "protocol",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        ),
    ] {
        let folder = e2e::folder(&format!("websocket-{name}"));
        let gateway = start(&folder, service(answer).0, &Issuer::start(), "");
        let (_, head) = open(&gateway, "/open", HANDSHAKE);
        assert_eq!(status(&head), 502, "{name}: {head}");
    }
}

#[test]
fn a_websocket_ends_when_nothing_moves_and_when_its_token_expires() {
    let folder = e2e::folder("websocket-ends");
    let issuer = Issuer::start();
    let gateway = start(&folder, service(agreed()).0, &issuer, "");
    let began = Instant::now();
    let (mut stream, head) = open(&gateway, "/open", HANDSHAKE);
    assert_eq!(status(&head), 101, "{head}");
    assert_eq!(e2e::until_ended(&mut stream), b"hello");
    assert!(began.elapsed().as_secs() >= 1, "{:?}", began.elapsed());
    assert_eq!(record(&gateway, &head)["outcome"], "allowed");

    let mut claims = issuer.claims("alice", "chat", "chat.use");
    claims.insert("exp".to_owned(), (e2e::now_s() + 8).into());
    let token = issuer.sign("at+jwt", &claims);
    let (mut stream, head) =
        open(&gateway, "/chat", &format!("{HANDSHAKE}Authorization: Bearer {token}\r\n"));
    assert_eq!(status(&head), 101, "{head}");
    // It would last for as long as the token does, and nothing else ends it.
    assert_eq!(e2e::until_ended(&mut stream), b"hello");
}

#[test]
fn a_websocket_outlives_a_reload_and_a_replacement_until_the_drain_is_over() {
    let folder = e2e::folder("websocket-stays");
    let issuer = Issuer::start();
    let mut gateway =
        start(&folder, service(agreed()).0, &issuer, "timeouts: { drain: 8s, question: 30s }\n");
    let token = issuer.token("alice", "chat", "chat.use");
    let (mut stream, head) =
        open(&gateway, "/chat", &format!("{HANDSHAKE}Authorization: Bearer {token}\r\n"));
    assert_eq!(status(&head), 101, "{head}");
    exactly(&mut stream, "hello");
    std::fs::write(folder.join("chat.yaml"), DESCRIPTION.replace("  /chat:", "  /talk:")).unwrap();
    assert!(gateway.verb(&["reload"]).status.success());
    stream.write_all(b"still").unwrap();
    exactly(&mut stream, "STILL");
    let before = gateway.replace().expect("the successor takes over");
    stream.write_all(b"here").unwrap();
    exactly(&mut stream, "HERE");
    assert_eq!(before.ended(), Some(0));
    assert_eq!(e2e::until_ended(&mut stream), b"", "it is cut with the drain");
    assert_eq!(record(&gateway, &head)["outcome"], "aborted");
}

#[test]
fn a_websocket_is_charged_while_it_lasts_and_ends_when_its_caller_is_blocked() {
    let folder = e2e::folder("websocket-limited");
    let issuer = Issuer::start();
    let limit = "limits: [{ per: client, counts: response_bytes, rate: 512KiB/h }]\n";
    let gateway = start(&folder, service(agreed()).0, &issuer, limit);
    let token = issuer.token("alice", "chat", "chat.use");
    let fields = format!("{HANDSHAKE}Authorization: Bearer {token}\r\n");
    let (mut stream, head) = open(&gateway, "/chat", &fields);
    assert_eq!(status(&head), 101, "{head}");
    exactly(&mut stream, "hello");
    let mut writer = stream.try_clone().unwrap();
    let writing = std::thread::spawn(move || writer.write_all(&vec![b'x'; 2 << 20]).unwrap());
    exactly(&mut stream, &"X".repeat(2 << 20));
    writing.join().unwrap();
    // The first one is still open, and has used up the quota.
    let (_, refused) = open(&gateway, "/chat", &fields);
    assert_eq!(status(&refused), 429, "{refused}");
    let block = ["block", "--subject", "alice", "--issuer", &issuer.url, "--reason", "r", "--for", "1h"];
    assert_eq!(gateway.verb(&block).status.code(), Some(0));
    assert_eq!(e2e::until_ended(&mut stream), b"", "the block ends it");
    let record = record(&gateway, &head);
    assert_eq!(record["outcome"], "refused", "{record}");
    assert_eq!(record["code"], "blocked", "{record}");
}

#[test]
fn a_principal_has_so_many_websockets_and_another_has_its_own() {
    let folder = e2e::folder("websocket-count");
    let issuer = Issuer::start();
    let (upstream, heads) = service(agreed());
    let gateway = start(&folder, upstream, &issuer, "sizes: { websockets_per_caller_max: 2 }\n");
    let chat = |who: &str| {
        let token = issuer.token(who, "chat", "chat.use");
        open(&gateway, "/chat", &format!("{HANDSHAKE}Authorization: Bearer {token}\r\n"))
    };
    let (first, second) = (chat("alice"), chat("alice"));
    assert_eq!((status(&first.1), status(&second.1)), (101, 101));
    for _ in 0..2 {
        let _ = heads.recv_timeout(e2e::PATIENCE).unwrap();
    }
    let (_, head) = chat("alice");
    assert_eq!(status(&head), 429, "{head}");
    let record = record(&gateway, &head);
    assert_eq!(record["code"], "websockets_limited");
    let limited = serde_json::json!({ "limit": "websockets_per_caller_max", "kind": "websockets" });
    assert_eq!(record["limited"], limited);
    let metrics = gateway.metrics();
    let line = r#"bartizan_limited_total{limit="websockets_per_caller_max",kind="websockets"} 1"#;
    assert!(metrics.lines().any(|one| one == line), "{metrics}");
    assert!(heads.try_recv().is_err(), "it reached the service");
    let other = chat("bob");
    assert_eq!(status(&other.1), 101, "{}", other.1);
    // Who has no name is counted by address, and apart from who has.
    let (nameless, head) = open(&gateway, "/open", HANDSHAKE);
    assert_eq!(status(&head), 101, "{head}");
    drop((first, nameless));
    eventually("an ended one makes room", || status(&chat("alice").1) == 101);
    // That one was closed at once; the second is there all the while.
    drop(second);
}
