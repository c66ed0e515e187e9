//! Handshakes of WebSockets, by clients and services that attack: a tunnel begins when both sides agreed to exactly the
//! same, and otherwise every byte stays HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use e2e::Gateway;
use e2e::attack::Log;
use e2e::attack::corpus::{self, Case, unescape};
use e2e::attack::strict::{self, Kind};

use crate::attack_corpus::{honest, report, talk, told};

const KEYS: &[&str] = &["source", "why", "expect", "upstream", "answer"];
/// Agrees to the key of RFC 6455 section 1.3.
const AGREED: &str = "HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\
                      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\\r\\n\\r\\n";

const SOCKET: &str = "  /ws:
    get:
      operationId: openSocket
      x-bartizan: { websocket: true }
      parameters: [{ name: case, in: query, schema: { type: string } }]
      responses: { \"101\": { description: A WebSocket } }
";

/// Answers `/ws?case=NAME` as the case says and anything else honestly; what comes after a 101 is written down as bytes.
fn service(cases: Vec<Case>) -> (SocketAddr, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let log = Log::default();
    let seen = log.clone();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            let (cases, seen) = (cases.clone(), seen.clone());
            std::thread::spawn(move || serve(stream, number, &cases, &seen));
        }
    });
    (address, log)
}

fn serve(mut stream: TcpStream, number: usize, cases: &[Case], seen: &Log) {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let message = match strict::take(&mut bytes, Kind::Request, false) {
            Ok(Some(message)) => message,
            Ok(None) => match stream.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(read) => {
                    bytes.extend(&piece[..read]);
                    continue;
                }
            },
            Err(fault) => return seen.fault(number, &fault),
        };
        seen.note(number, &message.shape());
        let target = message.word(1).to_owned();
        let case =
            cases.iter().find(|case| target.split_once("case=").is_some_and(|(_, name)| name == case.name));
        let answer = match case {
            Some(case) => unescape(case.one("answer").unwrap_or(AGREED)),
            None => {
                let tag = target.split_once("tag=").map_or("", |(_, tag)| tag);
                let body = format!("{{\"tag\":\"{tag}\"}}");
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
            }
        };
        if stream.write_all(&answer).is_err() {
            return;
        }
        if answer.starts_with(b"HTTP/1.1 101") {
            let _ = stream.read_to_end(&mut bytes);
            if !bytes.is_empty() {
                seen.note(number, &format!("TUNNEL {}", corpus::show(&bytes)));
            }
            return;
        }
    }
}

/// As for requests, with `switched` for the beginning of a tunnel and `tunnel BYTES` for what came through it.
fn outcome(mut got: Vec<u8>) -> Result<Vec<String>, String> {
    let mut outcome = Vec::new();
    while !got.is_empty() {
        let Some(message) = strict::take(&mut got, Kind::Response { to_head: false }, true)? else {
            return Err(format!("half an answer: {}", corpus::show(&got)));
        };
        if message.word(1) == "101" {
            if message.header("content-length").or(message.header("transfer-encoding")).is_some() {
                return Err(format!("a 101 with a length: {:?}", message.headers));
            }
            outcome.push("switched".to_owned());
            if !got.is_empty() {
                outcome.push(format!("tunnel {}", corpus::show(&got)));
            }
            break;
        }
        outcome.push(told(&message));
    }
    Ok(outcome)
}

#[test]
fn a_tunnel_begins_only_when_both_sides_agreed_to_exactly_that() {
    let cases = corpus::read("websocket", KEYS);
    assert!(cases.len() >= 25, "{} cases", cases.len());
    let folder = e2e::folder("websocket-corpus");
    let (address, log) = service(cases.clone());
    let api = std::fs::read_to_string(e2e::root().join("e2e/corpus/api.yaml")).unwrap();
    std::fs::write(folder.join("api.yaml"), api.replacen("paths:\n", &format!("paths:\n{SOCKET}"), 1))
        .unwrap();
    let file = format!("apis: {{ corpus: {{ spec: api.yaml, upstream: \"http://{address}\" }} }}\n");
    let gateway = Gateway::start(&folder, &format!("{file}timeouts: {{ head: 30s, idle: 30s }}\n"));
    let run = |case: &Case| {
        let mark = log.len();
        let text = case.lines.concat().replace("NAME", &case.name);
        let got = outcome(talk(gateway.address, &unescape(&text), usize::MAX)?)?;
        let expected = case.all("expect");
        if got != expected {
            return Err(format!("{got:?} instead of {expected:?}"));
        }
        honest(gateway.address, "/status")?;
        let wanted: Vec<String> =
            case.all("upstream").iter().map(|shape| shape.replace("NAME", &case.name)).collect();
        let seen = || -> Vec<String> {
            let shapes = log.since(mark).into_iter().map(|entry| entry.shape);
            shapes.filter(|shape| !shape.contains("tag=honest-")).collect()
        };
        // The end of a tunnel may reach the service after the client.
        let start = std::time::Instant::now();
        while seen() != wanted && start.elapsed().as_secs() < 30 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        if seen() == wanted { Ok(()) } else { Err(format!("the service saw {:?}, not {wanted:?}", seen())) }
    };
    let table: Vec<_> = cases.iter().filter_map(|case| Some((case.name.clone(), run(case).err()?))).collect();
    report("websocket", &table);
}
