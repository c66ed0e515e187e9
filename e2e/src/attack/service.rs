//! Services behind a gateway that write down what reached them: one that knows exactly one form of HTTP, one that takes
//! anything for HTTP, and one whose answers are the attack.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::corpus::{Case, unescape};
use super::log::{Entry, Log};
use super::strict::{self, Kind, Message};

/// Accepts, and gives each connection with its number to a thread.
fn listen(serve: impl Fn(TcpStream, usize) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            let serve = serve.clone();
            let _ = stream.set_nodelay(true);
            std::thread::spawn(move || serve(stream, number));
        }
    });
    address
}

/// The value of `tag` in a target's query.
fn tag(target: &str) -> &str {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').find_map(|pair| pair.strip_prefix("tag=")).unwrap_or_default()
}

/// An answer that says which request it answers; `/last` is the last on its connection.
fn answer(stream: &mut TcpStream, method: &str, target: &str) -> bool {
    let is_last = target.starts_with("/last");
    let body = format!("{{\"tag\":\"{}\"}}", tag(target));
    let mut text =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    text.push_str(if is_last { "Connection: close\r\n\r\n" } else { "\r\n" });
    if method != "HEAD" {
        text.push_str(&body);
    }
    stream.write_all(text.as_bytes()).is_ok() && !is_last
}

/// Writes down every byte as messages of the one strict form; anything else is a fault.
pub struct Recorder {
    pub address: SocketAddr,
    pub log: Log,
}

impl Recorder {
    pub fn start() -> Self {
        let log = Log::default();
        let seen = log.clone();
        let address = listen(move |mut stream, connection| {
            messages(&mut stream, connection, &seen, |stream, message| {
                answer(stream, message.word(0), message.word(1))
            });
        });
        Self { address, log }
    }
}

/// Reads strictly, writes down, and answers while the function says so.
fn messages(
    stream: &mut TcpStream,
    connection: usize,
    log: &Log,
    mut answer: impl FnMut(&mut TcpStream, &Message) -> bool,
) {
    let (mut bytes, mut piece) = (Vec::new(), [0; 16 << 10]);
    loop {
        match strict::take(&mut bytes, Kind::Request, false) {
            Ok(Some(message)) => {
                let entry = Entry { connection, shape: message.shape(), headers: message.headers.clone() };
                log.push(entry);
                if !answer(stream, &message) {
                    return;
                }
            }
            Ok(None) => match stream.read(&mut piece) {
                // What is left is a request that was cut off, and nobody answers it.
                Ok(0) | Err(_) => return,
                Ok(count) => bytes.extend(&piece[..count]),
            },
            Err(fault) => {
                log.fault(connection, &fault);
                return;
            }
        }
    }
}

/// Takes anything for HTTP: lines end at LF, names are trimmed, the first statement of a length counts, numbers are
/// read as far as they go.
pub struct Naive {
    pub address: SocketAddr,
    pub log: Log,
}

impl Naive {
    pub fn start() -> Self {
        let log = Log::default();
        let seen = log.clone();
        let address = listen(move |mut stream, connection| {
            let mut rest = Vec::new();
            while let Some((method, target, framing, body)) = naive_request(&mut stream, &mut rest) {
                let message = Message {
                    line: format!("{method} {target} HTTP/1.1"),
                    headers: Vec::new(),
                    framing,
                    body,
                };
                seen.push(Entry { connection, shape: message.shape(), headers: Vec::new() });
                if !answer(&mut stream, &method, &target) {
                    return;
                }
            }
        });
        Self { address, log }
    }
}

fn naive_line(stream: &mut TcpStream, rest: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=at).collect();
            return Some(line.iter().map(|byte| char::from(*byte)).collect::<String>().trim_end().to_owned());
        }
        more(stream, rest)?;
    }
}

fn more(stream: &mut TcpStream, rest: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 16 << 10];
    let count = stream.read(&mut piece).ok().filter(|count| *count > 0)?;
    rest.extend(&piece[..count]);
    Some(())
}

fn naive_bytes(stream: &mut TcpStream, rest: &mut Vec<u8>, count: usize) -> Option<Vec<u8>> {
    while rest.len() < count {
        more(stream, rest)?;
    }
    Some(rest.drain(..count).collect())
}

/// A number from its first digit to its last.
fn naive_number(text: &str, radix: u32) -> usize {
    let text = text.trim_start_matches(|one: char| !one.is_digit(radix));
    let digits: String = text.chars().take_while(|one| one.is_digit(radix)).take(8).collect();
    usize::from_str_radix(&digits, radix).unwrap_or_default()
}

fn naive_request(
    stream: &mut TcpStream,
    rest: &mut Vec<u8>,
) -> Option<(String, String, strict::Framing, Vec<u8>)> {
    let mut line = naive_line(stream, rest)?;
    while line.is_empty() {
        line = naive_line(stream, rest)?;
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut framing = strict::Framing::None;
    let mut length = 0;
    loop {
        let line = naive_line(stream, rest)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        if framing == strict::Framing::None && name == "content-length" {
            (framing, length) = (strict::Framing::Length, naive_number(value, 10));
        }
        if framing == strict::Framing::None && name == "transfer-encoding" && value.contains("chunked") {
            framing = strict::Framing::Chunked;
        }
    }
    let mut body = Vec::new();
    if framing == strict::Framing::Length {
        body = naive_bytes(stream, rest, length)?;
    }
    if framing == strict::Framing::Chunked {
        body = naive_chunks(stream, rest)?;
    }
    Some((method, target, framing, body))
}

fn naive_chunks(stream: &mut TcpStream, rest: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = naive_number(&naive_line(stream, rest)?, 16);
        if size == 0 {
            while !naive_line(stream, rest)?.is_empty() {}
            return Some(body);
        }
        body.extend(naive_bytes(stream, rest, size)?);
        naive_line(stream, rest)?;
    }
}

/// Answers `/case/NAME` with the bytes of that case and anything else honestly. A line `(pause)` in a case ends a
/// packet; `then: close` closes afterwards.
pub struct Scripted {
    pub address: SocketAddr,
    pub log: Log,
}

impl Scripted {
    pub fn start(cases: Vec<Case>) -> Self {
        let log = Log::default();
        let seen = log.clone();
        let address = listen(move |mut stream, connection| {
            messages(&mut stream, connection, &seen, |stream, message| {
                let target = message.word(1);
                let name = target.strip_prefix("/case/").and_then(|rest| rest.split('?').next());
                let Some(case) = cases.iter().find(|case| Some(case.name.as_str()) == name) else {
                    return answer(stream, message.word(0), target);
                };
                let goes_on = play(stream, case);
                seen.push(Entry { connection, shape: format!("PLAYED {}", case.name), headers: Vec::new() });
                goes_on
            });
        });
        Self { address, log }
    }
}

fn play(stream: &mut TcpStream, case: &Case) -> bool {
    for piece in case.lines.split(|line| line == "(pause)") {
        let bytes: Vec<u8> = piece.iter().flat_map(|line| unescape(line)).collect();
        if stream.write_all(&bytes).is_err() {
            return false;
        }
        // Lets a packet go by itself; nothing depends on whether it did.
        std::thread::sleep(Duration::from_millis(20));
    }
    match case.one("then") {
        Some("close") => {
            let _ = stream.shutdown(Shutdown::Write);
            false
        }
        _ => true,
    }
}
