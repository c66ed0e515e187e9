//! Sends bytes as they are and reads one answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What is kept of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub request_id: Option<String>,
    /// Of the problem document, when the gateway refused.
    pub code: Option<String>,
}

const PATIENCE: Duration = Duration::from_secs(5);

/// `None` when nothing came back.
pub fn exchange(address: SocketAddr, sent: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    // Who is refused early may find the connection closed before everything was sent.
    let _ = stream.write_all(sent);
    let mut read = Vec::new();
    let mut buffer = [0; 16 << 10];
    while !is_whole(&read) {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(length) => read.extend_from_slice(buffer.get(..length).unwrap_or_default()),
        }
    }
    parse(&read)
}

/// The head, and what of the body is there.
fn split(read: &[u8]) -> Option<(String, &[u8])> {
    let end = read.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(read.get(..end)?).into_owned();
    Some((head, read.get(end + 4..)?))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn is_whole(read: &[u8]) -> bool {
    let Some((head, body)) = split(read) else { return false };
    let length = header(&head, "content-length").and_then(|length| length.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

fn parse(read: &[u8]) -> Option<Answer> {
    let (head, body) = split(read)?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let problem: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let code = problem.as_ref().and_then(|problem| problem.get("code")?.as_str().map(str::to_owned));
    let request_id = header(&head, "x-request-id").map(str::to_owned);
    Some(Answer { status, request_id, code })
}
