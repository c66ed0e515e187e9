//! Reads the PROXY header that a trusted proxy begins each connection with, and not a byte more.

use std::ops::ControlFlow;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::proxy_protocol::{self as protocol, FIXED_BYTES, LINE_BYTES_MAX, Malformed, SIGNATURE, Source};

/// What follows may be TLS: nothing beyond the header is taken from the socket.
pub(super) async fn read(tcp: &mut TcpStream) -> Result<Source, Malformed> {
    // The shortest header of version 1 is longer than the signature of version 2.
    let mut begin = [0; SIGNATURE.len()];
    take(tcp, &mut begin).await?;
    if begin == *SIGNATURE {
        return binary(tcp).await;
    }
    if !begin.starts_with(b"PROXY ") {
        return Err(Malformed);
    }
    line(tcp, begin.to_vec()).await
}

async fn binary(tcp: &mut TcpStream) -> Result<Source, Malformed> {
    let mut fixed = [0; FIXED_BYTES];
    let (signature, after) = fixed.split_at_mut(SIGNATURE.len());
    signature.copy_from_slice(SIGNATURE);
    take(tcp, after).await?;
    let mut rest = vec![0; protocol::rest_length(&fixed)?];
    take(tcp, &mut rest).await?;
    protocol::binary(&fixed, &rest)
}

async fn line(tcp: &mut TcpStream, mut line: Vec<u8>) -> Result<Source, Malformed> {
    loop {
        let so_far = line.len();
        let mut ahead = [0; LINE_BYTES_MAX];
        let seen = tcp.peek(&mut ahead).await.map_err(|_| Malformed)?;
        if seen == 0 {
            return Err(Malformed);
        }
        line.extend_from_slice(ahead.get(..seen).unwrap_or_default());
        let length = protocol::line_length(&line)?;
        if let ControlFlow::Break(length) = length {
            line.truncate(length);
        }
        // What was only looked at is taken: all of it belongs to the line.
        let mut taken = vec![0; line.len().saturating_sub(so_far)];
        take(tcp, &mut taken).await?;
        if length.is_break() {
            return protocol::line(&line);
        }
    }
}

async fn take(tcp: &mut TcpStream, into: &mut [u8]) -> Result<(), Malformed> {
    tcp.read_exact(into).await.map(|_| ()).map_err(|_| Malformed)
}
