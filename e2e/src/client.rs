//! A client that sends exactly the bytes it is given.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

pub use victim::Answer;

use crate::PATIENCE;

/// Sends bytes on a new connection and reads one answer, to its end or to the connection's.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let _ = stream.write_all(bytes);
    read_answer(&mut stream)
}

/// Everything that comes until the other side ends the connection, in good order or not. Ends the story when it is left open
/// for [`PATIENCE`] without a word.
pub fn until_ended(stream: &mut TcpStream) -> Vec<u8> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut rest = Vec::new();
    if let Err(fault) = stream.read_to_end(&mut rest) {
        let is_open = matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        assert!(!is_open, "the connection stays open after {} bytes", rest.len());
    }
    rest
}

pub(crate) fn read_answer(stream: &mut impl Read) -> Option<Answer> {
    let mut bytes = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        if let Some(answer) = parse(&bytes, false) {
            return Some(answer);
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return parse(&bytes, true),
            Ok(count) => bytes.extend(piece.get(..count)?),
        }
    }
}

/// `None` while the answer is not whole. `ended`: the connection is, so what is there is everything.
fn parse(bytes: &[u8], ended: bool) -> Option<Answer> {
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(bytes.get(..at)?).into_owned();
    let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
    let rest = bytes.get(at + 4..)?;
    if status == 100 {
        return parse(rest, ended);
    }
    let answer = Answer { status, head, body: rest.to_vec() };
    let length = answer.header("content-length").and_then(|text| text.parse::<usize>().ok());
    let whole = match length {
        Some(length) => rest.len() >= length,
        None if answer.header("transfer-encoding").is_some() => rest.ends_with(b"0\r\n\r\n"),
        None => matches!(status, 204 | 304),
    };
    if !whole && !ended {
        return None;
    }
    if answer.header("transfer-encoding").is_some() {
        return Some(Answer { body: unchunk(rest), ..answer });
    }
    Some(answer)
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(at) = rest.windows(2).position(|window| window == b"\r\n") {
        let size =
            std::str::from_utf8(&rest[..at]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let Some(size) = size.filter(|size| *size > 0 && rest.len() >= at + 2 + size) else { break };
        body.extend(&rest[at + 2..at + 2 + size]);
        rest = rest.get(at + 4 + size..).unwrap_or_default();
    }
    body
}

/// A client of one gateway that writes ordinary requests.
pub struct Client {
    pub address: SocketAddr,
    pub token: String,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, token: String::new() }
    }

    pub fn with_token(address: SocketAddr, token: &str) -> Self {
        Self { address, token: token.to_owned() }
    }

    pub fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], b"")
    }

    pub fn post_json(&self, target: &str, body: &str) -> Answer {
        self.send("POST", target, &[("Content-Type", "application/json")], body.as_bytes())
    }

    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if !self.token.is_empty() {
            head.push_str(&format!("Authorization: Bearer {}\r\n", self.token));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("Connection: close\r\n\r\n");
        let bytes = [head.as_bytes(), body].concat();
        exchange(self.address, &bytes).unwrap_or_else(|| panic!("no answer to {method} {target}"))
    }
}
