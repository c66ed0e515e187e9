//! Where a request comes from, and how many connections one caller may have.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use e2e::{eventually, exchange};

use crate::Stage;

fn listener(more: &str) -> String {
    format!("listen: {{ address: 127.0.0.1:0, {more} }}\n")
}

/// The fields that the service was told of the last request, and its record.
fn last(stage: &Stage, id: &str) -> (Option<String>, serde_json::Value) {
    let seen = stage.upstream.requests().pop().unwrap();
    assert!(seen.all("x-forwarded-for").len() <= 1);
    let record: serde_json::Value =
        serde_json::from_str(&stage.gateway.explained(id, &["--json"])).unwrap_or_default();
    (seen.header("x-forwarded-for").map(str::to_owned), record["record"].clone())
}

#[test]
fn a_trusted_proxy_says_whom_it_speaks_for_and_nobody_else_does() {
    let stage = Stage::set("trusted-proxies", &listener("trusted_proxies: [127.0.0.0/8, 10.0.0.0/8]"));
    for (sent, address, hop, ended) in [
        ("203.0.113.7", "203.0.113.7", 1, "untrusted"),
        ("198.51.100.9, 203.0.113.7, 10.1.1.1", "203.0.113.7", 2, "untrusted"),
        ("198.51.100.9, nonsense", "127.0.0.1", 0, "malformed"),
        ("[2001:db8::7]:4711", "2001:db8::7", 1, "untrusted"),
    ] {
        let answer = stage.gateway.client().send("GET", "/status", &[("X-Forwarded-For", sent)], b"");
        assert_eq!(answer.status, 200);
        let (told, record) = last(&stage, &answer.request_id());
        assert_eq!(told.as_deref(), Some(address), "{sent}");
        assert_eq!(record["address"], address, "{sent}");
        assert_eq!(record["address_from"]["hop"], hop, "{sent}");
        assert_eq!(record["address_from"]["ended"], ended, "{sent}");
        assert_eq!(record["address_from"]["socket"], "127.0.0.1");
        let text = stage.gateway.explained(&answer.request_id(), &[]);
        let chosen = if hop == 0 { "the connection itself" } else { "from the right of X-Forwarded-For" };
        assert!(text.contains(chosen), "{text}");
    }
    // The other field is not read.
    let forwarded = [("Forwarded", "for=203.0.113.7")];
    let answer = stage.gateway.client().send("GET", "/status", &forwarded, b"");
    assert_eq!(last(&stage, &answer.request_id()).1["address"], "127.0.0.1");
    assert_eq!(stage.gateway.stop(), Some(0));

    // Without trusted proxies neither is, and the record has nothing to tell.
    let stage = Stage::set("no-proxies", "");
    let fields = [("X-Forwarded-For", "203.0.113.7"), ("Forwarded", "for=203.0.113.7")];
    let answer = stage.gateway.client().send("GET", "/status", &fields, b"");
    let (told, record) = last(&stage, &answer.request_id());
    assert_eq!((told.as_deref(), &record["address"]), (Some("127.0.0.1"), &"127.0.0.1".into()));
    assert!(record.get("address_from").is_none());
}

#[test]
fn a_trusted_proxy_may_say_that_its_caller_used_https_when_it_is_asked() {
    let sent = [("X-Forwarded-Proto", "https")];
    for (more, expected) in [(", forwarded_proto: true", "https"), ("", "http")] {
        let stage =
            Stage::set("forwarded-proto", &listener(&format!("trusted_proxies: [127.0.0.1/32]{more}")));
        assert_eq!(stage.gateway.client().send("GET", "/status", &sent, b"").status, 200);
        let seen = stage.upstream.requests().pop().unwrap();
        assert_eq!(seen.all("x-forwarded-proto"), [expected]);
    }
}

#[test]
fn a_body_that_trickles_is_given_up_by_its_rate() {
    let extra = "timeouts: { body: 1s }\nsizes: { body_rate_min: 1MiB }\n";
    let stage = Stage::set("body-rate", extra);
    let mut stream = connect(stage.gateway.address);
    stream
        .write_all(
            b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n\
              Content-Length: 1000000\r\n\r\n",
        )
        .unwrap();
    let began = std::time::Instant::now();
    let mut writing = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        // Never a pause of a second, and never enough.
        while writing.write_all(b"a").is_ok() && began.elapsed() < e2e::PATIENCE {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn a_client_that_is_gone_is_not_answered_and_its_record_says_so() {
    let (never, wait) = std::sync::mpsc::channel::<()>();
    let (asking, asked) = std::sync::mpsc::channel();
    let wait = std::sync::Mutex::new((asking, wait));
    let folder = e2e::folder("gone");
    let upstream = e2e::Server::start(move |_| {
        let (asking, wait) = &*wait.lock().unwrap();
        let _ = asking.send(());
        let _ = wait.recv_timeout(e2e::PATIENCE);
        e2e::Reply::json(200, "{}")
    });
    let issuer = e2e::Issuer::start();
    std::fs::write(folder.join("orders.yaml"), crate::ORDERS).unwrap();
    let gateway = e2e::Gateway::start(&folder, &Stage::file(&upstream, &issuer, ""));
    let stage = Stage { gateway, upstream, issuer, folder };
    let mut stream = connect(stage.gateway.address);
    stream.write_all(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    asked.recv_timeout(e2e::PATIENCE).unwrap();
    drop(stream);
    eventually("the request has ended", || metrics(&stage).contains("outcome=\"aborted\""));
    assert!(metrics(&stage).contains("bartizan_connections_ended_total{reason=\"gone\"} 1"));
    drop(never);
}

#[test]
fn limits_count_under_the_address_that_was_chosen() {
    let extra = listener("trusted_proxies: [127.0.0.1/32], forwarded: forwarded")
        + "limits: [{ per: address, rate: 2/h }]\n";
    let stage = Stage::set("proxied-limits", &extra);
    let status = |source: &str| {
        stage.gateway.client().send("GET", "/status", &[("Forwarded", &format!("for={source}"))], b"").status
    };
    assert_eq!([status("203.0.113.1"), status("203.0.113.1"), status("203.0.113.1")], [200, 200, 429]);
    assert_eq!(status("203.0.113.2"), 200);
    // An IPv6 caller is its /64.
    let six: Vec<u16> = (1..=3).map(|n| status(&format!("\"[2001:db8::{n}]\""))).collect();
    assert_eq!(six, [200, 200, 429]);
    // What a reload says of proxies counts at once.
    let text = Stage::file(&stage.upstream, &stage.issuer, "limits: [{ per: address, rate: 2/h }]\n");
    stage.gateway.rewrite(&(text + "listen: 127.0.0.1:0\n"));
    assert!(stage.gateway.verb(&["reload"]).status.success());
    let plain: Vec<u16> = (1..=3).map(|n| status(&format!("198.51.100.{n}"))).collect();
    assert_eq!(plain, [200, 200, 429]);
}

#[test]
fn a_proxy_header_stands_before_everything_else() {
    let stage =
        Stage::set("proxy-protocol", &listener("trusted_proxies: [127.0.0.0/8], proxy_protocol: true"));
    let request = b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let binary =
        [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &[203, 0, 113, 8, 10, 0, 0, 1, 0x12, 0x67, 1, 187]]
            .concat();
    let line = b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n".to_vec();
    for (header, address) in [(line, "203.0.113.7"), (binary, "203.0.113.8")] {
        let answer = exchange(stage.gateway.address, &[&header[..], request].concat()).unwrap();
        assert_eq!(answer.status, 200);
        let (told, record) = last(&stage, &answer.request_id());
        assert_eq!(told.as_deref(), Some(address));
        assert_eq!(record["address_from"]["source"], "proxy_protocol");
        assert_eq!(record["address_from"]["ended"], "untrusted");
    }
    // One that names nobody leaves the proxy's own address, whatever the client says in a field.
    let unknown = b"PROXY UNKNOWN\r\nGET /status HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 8.8.8.8\r\n\
                    Connection: close\r\n\r\n";
    let answer = exchange(stage.gateway.address, unknown).unwrap();
    let (told, record) = last(&stage, &answer.request_id());
    assert_eq!(told.as_deref(), Some("127.0.0.1"));
    assert_eq!(record["address_from"]["ended"], "unnamed");
    for (question, said) in [
        (&["explain", "--request-id", &answer.request_id()][..], "its PROXY header names nobody"),
        (
            &["explain", "GET", "/status", "--from", "203.0.113.9"],
            ": 203.0.113.9, when the PROXY header names it: it is not a trusted proxy; one that names nobody",
        ),
    ] {
        let explained = String::from_utf8_lossy(&stage.gateway.verb(question).stdout).into_owned();
        assert!(explained.contains(said), "{explained}");
    }
    // A request without one is not answered, and counted.
    assert!(exchange(stage.gateway.address, request).is_none());
    eventually("the refusal is counted", || {
        metrics(&stage).contains("bartizan_connections_ended_total{reason=\"proxy_malformed\"} 1")
    });
}

fn metrics(stage: &Stage) -> String {
    let token = std::fs::read_to_string(stage.folder.join("state/admin.token")).unwrap();
    e2e::Client::with_token(stage.gateway.admin, token.trim()).get("/metrics").text()
}

#[test]
fn one_address_has_so_many_connections_and_others_are_served() {
    let extra = "sizes: { connections_per_address_max: 3 }\n".to_owned()
        + &listener("trusted_proxies: [127.0.0.2/32]");
    let stage = Stage::set("connections-per-address", &extra);
    let mut held: Vec<TcpStream> = Vec::new();
    for _ in 0..3 {
        let mut stream = connect(stage.gateway.address);
        stream.write_all(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut piece = [0; 1024];
        assert!(stream.read(&mut piece).unwrap() > 0);
        held.push(stream);
    }
    // A fourth is closed without a word.
    let request = b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(exchange(stage.gateway.address, request).is_none());
    eventually("the refusal is counted", || {
        metrics(&stage).contains("bartizan_connections_ended_total{reason=\"address_full\"} 1")
    });
    held.pop();
    eventually("a place is free again", || exchange(stage.gateway.address, request).is_some());
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(e2e::PATIENCE)).unwrap();
    stream
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[a, b, c, kind, flags][..], &stream.to_be_bytes(), payload].concat()
}

#[test]
fn a_flood_of_http_2_ends_and_honest_callers_are_served_meanwhile() {
    let stage = Stage::set("http2-floods", "");
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(4, 0, 0, &[])].concat();
    // `GET http://x/status` in HPACK, then a reset of the stream.
    let get = [&[0x82, 0x86, 0x04, 0x07][..], b"/status", &[0x41, 1, b'x']].concat();
    let resets = |number: u32| {
        let stream = 2 * number + 1;
        [frame(1, 5, stream, &get), frame(3, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    for (reason, flood) in [
        ("resets", (0..3_000).flat_map(resets).collect::<Vec<u8>>()),
        ("empty_frames", frame(6, 0, 0, &[0; 8]).repeat(5_000)),
    ] {
        let mut stream = connect(stage.gateway.address);
        stream.write_all(&preface).unwrap();
        let _ = stream.write_all(&flood);
        assert_eq!(stage.gateway.client().get("/status").status, 200);
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        // GOAWAY with ENHANCE_YOUR_CALM.
        assert!(said.windows(4).any(|window| window == 0xb_u32.to_be_bytes()), "{reason}");
        eventually("the end is counted", || {
            metrics(&stage).contains(&format!("bartizan_connections_ended_total{{reason=\"{reason}\"}} 1"))
        });
        assert_eq!(stage.gateway.client().get("/status").status, 200);
    }
}
