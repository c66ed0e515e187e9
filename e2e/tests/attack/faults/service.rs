//! A service that dies, in each phase of a request.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use e2e::attack::strict::{self, Kind};

use crate::attack_corpus::{gateway, honest, talk, told};

/// Where the service dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// Takes the connection and is gone, whoever it is.
    Accepted,
    /// Some of the request was read, and the rest lies unread: the connection is reset.
    WithinRequest,
    RequestRead,
    WithinHead,
    HeadWritten,
    WithinBody,
    WithinChunks,
    /// The answer is whole, and the connection ends without having said so.
    Answered,
    /// Nothing more happens, and nothing ends.
    Hangs,
}

/// Dies so with every request for anything but `/status` and `/last`; counts whole requests.
fn mortal(death: Death) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let counted = Arc::clone(&counted);
            std::thread::spawn(move || live(stream, death, &counted));
        }
    });
    (address, count)
}

fn live(mut stream: TcpStream, death: Death, counted: &AtomicUsize) {
    if death == Death::Accepted {
        return;
    }
    let (mut bytes, mut piece) = (Vec::new(), [0; 1024]);
    loop {
        let is_honest = bytes.starts_with(b"GET /status") || bytes.starts_with(b"GET /last");
        if death == Death::WithinRequest && !bytes.is_empty() && !is_honest {
            return;
        }
        if let Ok(Some(message)) = strict::take(&mut bytes, Kind::Request, false) {
            let target = message.word(1).to_owned();
            if let Some((_, tag)) = target.split_once("tag=") {
                let body = format!("{{\"tag\":\"{tag}\"}}");
                let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(text.as_bytes());
                continue;
            }
            counted.fetch_add(1, Ordering::SeqCst);
            die(&mut stream, death);
            return;
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend(&piece[..read]),
        }
    }
}

fn die(stream: &mut TcpStream, death: Death) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n";
    let text = match death {
        Death::WithinHead => "HTTP/1.1 200 OK\r\nContent-Le".to_owned(),
        Death::HeadWritten => format!("{head}Content-Length: 100\r\n\r\n"),
        Death::WithinBody => format!("{head}Content-Length: 100\r\n\r\nhalf"),
        Death::WithinChunks => format!("{head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        Death::Answered => format!("{head}Content-Length: 5\r\n\r\nwhole"),
        _ => String::new(),
    };
    let _ = stream.write_all(text.as_bytes());
    match death {
        Death::Hangs => std::thread::sleep(e2e::PATIENCE),
        _ => drop(stream.shutdown(Shutdown::Both)),
    }
}

/// What a client is told: an answer's outcome, or `cut` for a message that visibly ends too early.
fn tell(address: SocketAddr, request: &str) -> String {
    let mut got = talk(address, request.as_bytes(), usize::MAX).unwrap();
    let message = strict::take(&mut got, Kind::Response { to_head: false }, true).unwrap();
    // A body that only ends with the connection could be cut anywhere unseen.
    assert!(message.as_ref().is_none_or(|message| message.framing != strict::Framing::Close));
    message.map_or_else(|| "cut".to_owned(), |message| told(&message))
}

#[test]
fn in_whatever_phase_a_service_dies_nobody_takes_it_for_a_success() {
    let rows = [
        (Death::Accepted, "refused 502 upstream_unreachable"),
        (Death::WithinRequest, "refused 502 upstream_unreachable"),
        (Death::RequestRead, "refused 502 upstream_unreachable"),
        (Death::WithinHead, "refused 502 upstream_invalid"),
        (Death::HeadWritten, "cut"),
        (Death::WithinBody, "cut"),
        (Death::WithinChunks, "cut"),
        (Death::Answered, "forwarded"),
        (Death::Hangs, "refused 504 upstream_timeout"),
    ];
    let body = "b".repeat(200_000);
    let requests = [
        ("GET", "GET /search?q=a HTTP/1.1\r\nHost: a\r\n\r\n".to_owned()),
        (
            "POST",
            format!(
                "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        ),
        (
            "POST held back",
            "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"quantity\":1}"
                .to_owned(),
        ),
    ];
    let mut table = Vec::new();
    for (death, expected) in rows {
        let folder = e2e::folder(&format!("death-{death:?}"));
        let (address, count) = mortal(death);
        let times = "timeouts: { upstream_connect: 10s, upstream_head: 2s, upstream_body: 2s }\n";
        let gateway = gateway(&folder, address, times);
        for (name, request) in &requests {
            count.store(0, Ordering::SeqCst);
            // On a connection that was used before, and on a new one.
            for is_reused in [true, false] {
                if is_reused && death != Death::Accepted {
                    honest(gateway.address, "/status").unwrap();
                }
                let got = tell(gateway.address, request);
                // A connection that ended without having said so may be found out only by writing to it; what is not
                // idempotent is then not written again.
                let is_stale = death == Death::Answered && name.starts_with("POST");
                if got != expected && !(is_stale && got == "refused 502 upstream_unreachable") {
                    table.push(format!("{death:?} {name} reused={is_reused}: {got} instead of {expected}"));
                }
            }
            // What is not idempotent is never sent twice by us.
            let whole = count.load(Ordering::SeqCst);
            if whole > 2 && name.starts_with("POST") {
                table.push(format!("{death:?} {name}: the service got 2 requests {whole} times"));
            }
        }
        if death != Death::Accepted {
            honest(gateway.address, "/status").unwrap();
        }
    }
    assert!(table.is_empty(), "{}", table.join("\n"));
}

/// The service restarts between two requests: its kept connections are gone, and nobody notices.
#[test]
fn a_service_that_restarts_between_requests_is_met_anew() {
    let folder = e2e::folder("service-restarts");
    // Nobody else is given the port while nobody listens there.
    let listener = TcpListener::bind(("127.0.0.1", e2e::free_port())).unwrap();
    let address = listener.local_addr().unwrap();
    let serve = |listener: TcpListener| {
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // Nobody listens any more while this one is served.
            drop(listener);
            let mut bytes = vec![0; 4096];
            let count = stream.read(&mut bytes).unwrap();
            let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let tag = text.split("tag=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
            let body = format!("{{\"tag\":\"{tag}\"}}");
            let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            stream.write_all(text.as_bytes()).unwrap();
        })
    };
    let first = serve(listener);
    let gateway = gateway(&folder, address, "");
    honest(gateway.address, "/status").unwrap();
    first.join().unwrap();
    let got = tell(gateway.address, "GET /status HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(got, "refused 502 upstream_unreachable");
    let again = serve(TcpListener::bind(address).unwrap());
    honest(gateway.address, "/status").unwrap();
    again.join().unwrap();
}

/// Answers an upload by its head alone, and takes the body afterwards; anything else honestly.
fn hasty() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = |mut stream: TcpStream| {
        let (mut bytes, mut piece) = (Vec::new(), [0; 16 << 10]);
        loop {
            let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
            let Some(head) = head else {
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => return,
                    Ok(read) => bytes.extend(&piece[..read]),
                }
                continue;
            };
            let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
            let tag = text.split("tag=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or("early");
            let body = format!("{{\"tag\":\"{tag}\"}}");
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
            let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
            let whole = head + length.map_or(0, |length| length.parse::<usize>().unwrap());
            while bytes.len() < whole {
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => return,
                    Ok(read) => bytes.extend(&piece[..read]),
                }
            }
            bytes.drain(..whole);
        }
    };
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

/// What is left of a body, when its answer is there already, never becomes the beginning of the next request.
#[test]
fn an_answer_before_the_body_leaves_no_connection_in_doubt() {
    let folder = e2e::folder("hasty");
    let times = "timeouts: { body: 5s, idle: 5s, upstream_head: 5s, upstream_body: 5s }\n";
    let gateway = gateway(&folder, hasty(), times);
    let head = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: 300000\r\n\r\n";
    for sent in [0, 1, 1000, 100_000, 299_999, 300_000] {
        let text = format!("{head}{}", "b".repeat(sent));
        let got = tell(gateway.address, &text);
        // The answer that came, the body that did not, or an answer that ended with it: each is no wrong answer.
        let fine = ["forwarded", "cut", "refused 400 request_malformed", "refused 408 request_timeout"];
        assert!(fine.contains(&got.as_str()), "{sent} bytes: {got}");
        assert!(sent < 300_000 || got == "forwarded", "a whole body: {got}");
        for _ in 0..3 {
            honest(gateway.address, "/status").unwrap();
        }
    }
}
