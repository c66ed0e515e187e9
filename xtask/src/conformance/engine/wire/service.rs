//! The service behind the gateway: it answers as requests tell it to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use bytes::Bytes;
use seclang::{ftw, wire};

/// The most bytes of one request.
const REQUEST_BYTES_MAX: usize = 1 << 20;

/// Serves for as long as the process lives.
pub fn start() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    Ok(address)
}

/// One request after the other.
fn serve(mut stream: TcpStream) {
    let mut read = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        if is_whole(&read) {
            let answer = answer(&Bytes::from(std::mem::take(&mut read)));
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
        match stream.read(&mut buffer) {
            Ok(length) if length > 0 && read.len() < REQUEST_BYTES_MAX => {
                read.extend_from_slice(buffer.get(..length).unwrap_or_default());
            }
            _ => return,
        }
    }
}

fn is_whole(read: &[u8]) -> bool {
    let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(read.get(..end).unwrap_or_default()).to_lowercase();
    let body = read.get(end + 4..).unwrap_or_default();
    if head.contains("\ntransfer-encoding:") {
        return body.ends_with(b"0\r\n\r\n");
    }
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}

fn answer(request: &Bytes) -> Vec<u8> {
    let Some((request, body)) = wire::read(request) else { return Vec::new() };
    let head = request.line.starts_with(b"HEAD ");
    let (response, body) = ftw::reflect(&request, &body);
    let mut answer = format!("HTTP/1.1 {} Reflected\r\n", response.status).into_bytes();
    for header in &response.headers {
        answer.extend_from_slice(&[&header.name, b": ".as_slice(), &header.value, b"\r\n"].concat());
    }
    answer.extend_from_slice(b"\r\n");
    if !head {
        answer.extend_from_slice(&body);
    }
    answer
}
