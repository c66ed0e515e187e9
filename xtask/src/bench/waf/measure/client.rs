//! One request after another on one connection; the status of each.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than the dearest request takes on a busy machine.
const ANSWER_MAX: Duration = Duration::from_secs(20);

pub struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    pub fn new(port: u16) -> Result<Self, String> {
        let open = || {
            let stream = TcpStream::connect(("127.0.0.1", port))?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(ANSWER_MAX))?;
            let reader = BufReader::new(stream.try_clone()?);
            Ok(Self { stream, reader })
        };
        open().map_err(|error: std::io::Error| format!("port {port}: {error}"))
    }

    pub fn send(&mut self, request: &[u8]) -> Result<u16, String> {
        self.exchange(request).map_err(|error| format!("no answer: {error}"))
    }

    fn exchange(&mut self, request: &[u8]) -> std::io::Result<u16> {
        self.stream.write_all(request)?;
        let mut first = String::new();
        self.reader.read_line(&mut first)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        self.reader.read_exact(&mut vec![0; length])?;
        Ok(first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0))
    }
}
